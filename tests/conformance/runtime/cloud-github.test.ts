import { expect, test } from "vitest";
import { corpusBytes, describeWithCorpus } from "../../setup/corpus.ts";
import { judgeJson, loadedRules } from "../../setup/judge-json.ts";

const sender = { login: "ada", id: 1, type: "User", html_url: "https://github.com/ada" };
const organization = { login: "lab", id: 2 };
const repository = {
  id: 3,
  name: "tools",
  full_name: "lab/tools",
  private: true,
  owner: { login: "lab", id: 2 },
  html_url: "https://github.com/lab/tools",
  description: null,
};
const inPublic = { repository: { ...repository, private: false } };
const hook = { type: "Repository", id: 411_000_000, name: "web", active: true, events: ["*"] };
const secrets = [{ name: "deploy.env", matches: [{ type: "key", desc: "aws_access_key", platform: "AWS", line: 4 }] }];

/** The body of a webhook after GitHub's reference of webhook events. */
const body = (more: object): object => ({ repository, organization, sender, ...more });

/** The type of a webhook event and its body, what the upstream rules say of it, and a part of the message. */
const events: readonly (readonly [type: string, event: object, rules: readonly string[], says: string])[] = [
  [
    "ping",
    body({ zen: "Keep it logically awesome.", hook_id: hook.id, hook }),
    ["Webhook Connected"],
    "ID=411000000 type=Repository owner=lab user=ada",
  ],
  [
    "meta",
    body({ action: "deleted", hook_id: hook.id, hook }),
    ["Webhook Disconnected"],
    "ID=411000000 type=Repository org=lab user=ada",
  ],
  [
    "repository",
    body({ action: "publicized", ...inPublic }),
    ["Private Repository Becoming Public"],
    "repository_name=lab/tools repository_url=https://github.com/lab/tools repo_owner=lab org=lab user=ada",
  ],
  ["repository", body({ action: "privatized" }), ["Public Repository Becoming Private"], "repository_name=lab/tools"],
  [
    "repository",
    body({ action: "created", ...inPublic }),
    ["Create Public Repository", "Create Repository"],
    "repository_name=lab/tools",
  ],
  ["repository", body({ action: "created" }), ["Create Repository"], "repository_name=lab/tools"],
  [
    "repository",
    body({ action: "deleted", ...inPublic }),
    ["Delete Public Repository", "Delete Repository"],
    "repository_name=lab/tools",
  ],
  ["deploy_key", body({ action: "created", key: { id: 5, read_only: false } }), ["Create Deploy Key"], "user=ada"],
  ["deploy_key", body({ action: "deleted", key: { id: 5, read_only: false } }), ["Delete Deploy Key"], "user=ada"],
  [
    "member",
    body({ action: "added", member: { login: "eve" }, changes: { permission: { to: "write" } } }),
    ["Add Collaborator to Repository"],
    "collaborator=eve role=write",
  ],
  ["member", body({ action: "removed", member: { login: "eve" } }), ["Remove Collaborator from Repository"], "r=eve"],
  [
    "push",
    body({ ref: "refs/heads/main", head_commit: { id: "c0ffee" }, files: secrets, ...inPublic }),
    ["Secret pushed into a public repository"],
    "secret_types=aws_access_key file=deploy.env line=4 url=https://github.com/lab/tools/blob/c0ffee/deploy.env/#L4",
  ],
  [
    "push",
    body({ ref: "refs/heads/main", head_commit: { id: "c0ffee" }, files: secrets }),
    ["Secret pushed into a private repository"],
    "secret_types=aws_access_key",
  ],
  [
    "workflow_run",
    body({
      action: "requested",
      workflow: { path: ".github/workflows/build.yml" },
      workflow_miner_detections: { name: ".github/workflows/build.yml", matches: [{ line: 7, type: "xmrig" }] },
    }),
    ["Github action with miners"],
    "file=.github/workflows/build.yml",
  ],
  ["push", body({ ref: "refs/heads/main", commits: [{ added: ["a"] }] }), [], ""],
  ["star", body({ action: "created", starred_at: "2024-05-06T07:08:09Z" }), [], ""],
];

describeWithCorpus("webhook events of GitHub", () => {
  const name = "github.yaml";
  const text = corpusBytes("runtime", "rules-upstream", name).toString("utf8");
  const { rules } = loadedRules({ name, text }, { all: true });

  /** The ways in which the type of an event is kept. */
  const forms: Readonly<Record<string, (type: string, event: object) => object>> = {
    "as the plugin adds it": (type, event) => ({ ...event, webhook_type: type }),
    "as a member named like the header": (type, event) => ({ "x-github-event": type, ...event }),
    "with its headers": (type, event) => ({ headers: { "X-GitHub-Event": type }, body: event }),
    "as GitHub lists deliveries": (type, event) => ({
      id: 9,
      delivered_at: "2024-05-06T07:08:09Z",
      event: type,
      request: { headers: { "X-GitHub-Event": type }, payload: event },
    }),
  };

  test.each(Object.entries(forms))("each upstream rule fires on the event that it is about, %s", async (_, form) => {
    const fired = new Set<string>();
    for (const [type, event, expected, says] of events) {
      const line = JSON.stringify(form(type, event));
      for (const format of ["auto", "github"] as const) {
        const { alerts, events: count, problems } = await judgeJson(line, { rules, format });
        expect([count, problems]).toEqual([1, []]);
        expect(alerts.map(({ rule }) => rule).toSorted(), says).toEqual(expected.toSorted());
        expect(alerts.map(({ message }) => message).join("\n")).toContain(says);
        for (const { rule } of alerts) fired.add(rule);
      }
    }
    expect([...fired].toSorted()).toEqual(rules.map((rule) => rule.name).toSorted());
    expect(fired.size).toBe(15);
  });
});

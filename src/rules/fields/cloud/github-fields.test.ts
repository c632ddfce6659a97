import { expect, test } from "vitest";
import type { FieldValue } from "../../language/field.ts";
import { JsonRuleEvent } from "../json/json-rule-event.ts";
import { githubFields } from "./github-fields.ts";

const catalogue = githubFields();
const repository = { html_url: "https://github.com/lab/tools", private: true, owner: { login: "lab" } };

test("texts that an event lacks are empty", () => {
  for (const name of ["github.type", "github.action", "github.user", "github.org", "github.collaborator.role"]) {
    expect(read(name, {}), name).toBe("");
  }
  expect(read("github.repo.description", { repository: { description: null } })).toBe("");
  expect(read("github.webhook.id", {})).toBe("0");
});

test("a repository is public or private, and without one neither", () => {
  expect(read("github.repo.public", { repository })).toBe("false");
  expect(read("github.repo.public", { repository: { private: false } })).toBe("true");
  expect(read("github.repo.public", {})).toBeUndefined();
  expect(read("github.repo.name", { repository })).toBe("lab/tools");
});

test("the files of all commits have commas between", () => {
  const commits = [{ added: ["a", "b"] }, { added: [], removed: ["x"] }, { added: ["c"] }];
  expect(read("github.commit.added", { commits })).toBe("a,b,c");
  expect(read("github.commit.removed", { commits })).toBe("x");
  expect(read("github.commit.modified", { commits })).toBe("");
});

test("secrets that were found in a push are told with their places", () => {
  const files = [
    {
      name: "a.env",
      matches: [
        { desc: "aws_access_key", line: 3 },
        { desc: "slack", line: 9 },
      ],
    },
    { name: "clean", matches: null },
    { name: "b.pem", matches: [{ desc: "asymmetric_private_key", line: 1 }] },
  ];
  const push = { files, repository, head_commit: { id: "c0ffee" } };
  expect(read("github.diff.has_secrets", push)).toBe("true");
  expect(secret("desc", push)).toBe("aws_access_key,slack,asymmetric_private_key");
  expect(secret("files", push)).toBe("a.env,a.env,b.pem");
  expect(secret("lines", push)).toBe("3,9,1");
  expect(secret("links", { ...push, files: files.slice(2) })).toBe(
    "https://github.com/lab/tools/blob/c0ffee/b.pem/#L1",
  );
  expect(read("github.diff.has_secrets", { files: [{ name: "clean" }] })).toBe("false");
});

test("a push that was not looked into has no findings, good or bad", () => {
  expect(read("github.diff.has_secrets", { repository })).toBe("");
  expect(secret("desc", { repository })).toBeUndefined();
  expect(secret("links", { repository })).toBe("");
  expect(read("github.workflow.has_miners", {})).toBeUndefined();
  expect(read("github.workflow.miners.type", {})).toBeUndefined();
});

test("each miner in a workflow is named once", () => {
  const matches = [
    { type: "xmrig", line: 3 },
    { type: "pool", line: 4 },
    { type: "xmrig", line: 5 },
  ];
  const run = { workflow_miner_detections: { matches } };
  expect(read("github.workflow.has_miners", run)).toBe("true");
  expect(read("github.workflow.miners.type", run)).toBe("xmrig,pool");
  expect(read("github.workflow.has_miners", { workflow_miner_detections: { matches: [] } })).toBe("false");
});

test("the line of an event names type, user, repository and action", () => {
  const event = { webhook_type: "repository", sender: { login: "ada" }, repository, action: "created" };
  expect(read("evt.plugininfo", event)).toBe(
    "github repository user:ada repo:https://github.com/lab/tools action:created",
  );
  expect(read("evt.plugininfo", { webhook_type: "push" })).toBe("github push");
  expect(read("evt.pluginname", {})).toBe("github");
});

function secret(part: string, value: unknown): unknown {
  return read(`github.diff.committed_secrets.${part}`, value);
}

function read(name: string, value: unknown): FieldValue | readonly FieldValue[] | undefined {
  const event = new JsonRuleEvent(0, { number: 1, time: 0n, source: "github", value });
  return catalogue.resolve(name, undefined)?.extract(event);
}

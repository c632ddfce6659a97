import { expect, test } from "vitest";
import { runChecks } from "../run-checks.ts";
import { imageChecks } from "./builtin.ts";
import type { ImageFacts } from "./image-facts.ts";
import { ImageFileCollector } from "./image-file-collector.ts";
import { readAccounts } from "./read-accounts.ts";
import { readImageConfiguration } from "./read-image-configuration.ts";

const base = { created_by: "/bin/sh -c #(nop) ADD file:1 in / " };

function facts(config: object, history: readonly string[] = [], entries: readonly [string, number][] = []): ImageFacts {
  const collector = new ImageFileCollector();
  for (const [path, mode] of entries)
    collector.add({ path: path.replace(/\/$/, ""), type: path.endsWith("/") ? "directory" : "file", mode, size: 1 });
  return {
    tags: ["app:1"],
    config: {
      value: readImageConfiguration({ config, history: [base, ...history.map((created_by) => ({ created_by }))] }),
    },
    files: { value: collector.finish() },
    accounts: { value: readAccounts({ passwd: "root:x:0:0::/root:/bin/sh\n", shadow: "root:*:1::::::\n" }) },
  };
}

const good = facts({ User: "10001", Healthcheck: { Test: ["CMD", "a"] }, Env: ["PATH=/bin"] }, [
  "RUN /bin/sh -c apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/* # buildkit",
]);

const bad: ImageFacts = {
  ...facts(
    {
      User: "0",
      Env: ["TOKEN=x", `KEY=ghp_${"a".repeat(36)}`, "NODE_TLS_REJECT_UNAUTHORIZED=0"],
      ExposedPorts: { "22/tcp": {} },
      Volumes: { "/etc": {} },
    },
    [
      "RUN |1 NPM_TOKEN=x y /bin/sh -c sudo npm ci # buildkit",
      "/bin/sh -c apt-get update",
      "/bin/sh -c apt-get update && apt-get -y dist-upgrade",
      "/bin/sh -c curl -k https://a.test",
      "/bin/sh -c #(nop) ADD file:2 in /app ",
    ],
    [
      ["bin/su", 0o4755],
      ["app/data", 0o666],
      ["root/.ssh/id_rsa", 0o600],
      ["app/.git/", 0o755],
    ],
  ),
  tags: ["app:latest"],
  accounts: {
    value: readAccounts({ passwd: "root::0:0::/:/bin/sh\nadmin:x:0:0::/:/bin/sh\n", group: "a:x:1:\nb:x:1:\n" }),
  },
};

test("a good image passes every check, a bad one fails every check but that of a name as user", () => {
  expect(runChecks(imageChecks, good).filter(({ state }) => state !== "pass")).toEqual([]);
  const failed = new Set(
    runChecks(imageChecks, bad)
      .filter(({ state }) => state === "fail")
      .map(({ id }) => id),
  );
  expect(imageChecks.map(({ id }) => id).filter((id) => !failed.has(id))).toEqual(["image/numeric-user"]);
  const named = runChecks(imageChecks, facts({ User: "app" }));
  expect(named.find(({ id }) => id === "image/numeric-user")?.state).toBe("fail");
});

test("layers that could not be read make warnings with the reason, not passes", () => {
  const unread = { unavailable: "the layers were not read" };
  const results = runChecks(imageChecks, { ...good, files: unread, accounts: unread });
  const warnings = results.filter(({ state }) => state === "warn");
  expect(warnings).toHaveLength(7);
  expect(new Set(warnings.map(({ reason }) => reason))).toEqual(new Set(["the layers were not read"]));
});

test("no secret is printed", () => {
  const marker = "MARKER0000MARKER0000";
  const results = runChecks(
    imageChecks,
    facts({ Env: [`PASSWORD=${marker}`, `URL=https://a:${marker}@b.test`], Labels: { k: `glpat-${marker}` } }, [
      `RUN |1 TOKEN=${marker} /bin/sh -c SECRET=${marker} curl -k -u a:${marker} https://a:${marker}@b.test # buildkit`,
      `ENV API_KEY=${marker}`,
    ]),
  );
  expect(results.filter(({ state }) => state === "fail").length).toBeGreaterThan(5);
  expect(JSON.stringify(results)).not.toContain("MARKER");
});

test.each([
  [undefined, ["root-user"]],
  ["ContainerAdministrator", ["root-user"]],
  ["User Manager\\\\containeradministrator", ["root-user"]],
  ["ContainerUser", []],
  ["app", []],
])("an image for Windows with the user %s fails %j of the checks of users", (User, failed) => {
  const image = facts({});
  const config = readImageConfiguration({ os: "windows", config: { ...(User !== undefined && { User }) } });
  const results = runChecks(imageChecks, { ...image, config: { value: config } });
  const ids = results.filter(({ id, state }) => /user$/.test(id) && state === "fail").map(({ id }) => id.split("/")[1]);
  expect(ids).toEqual(failed);
});

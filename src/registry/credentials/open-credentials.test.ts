import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { ChildProcessFailure } from "../../io/processes/child-process.ts";
import { PlimsollError } from "../../model/error.ts";
import { authorizationOf } from "./authorization.ts";
import type { Credential } from "./credential.ts";
import type { HelperCall, RunHelper } from "./credential-helper.ts";
import { openCredentials } from "./open-credentials.ts";
import { Secret } from "./secret.ts";

const folder = temporaryFolder();
const marker = "s3cret-marker";
let files = 0;

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** An entry of `auths` that is known by its user. */
const entry = (user: string): object => ({ auth: base64(`${user}:${marker}`) });

function file(
  content: unknown,
  kind: "docker" | "containers" = "docker",
): { path: string; kind: "docker" | "containers" } {
  const path = join(folder, `${files++}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return { path, kind };
}

/** Helpers that know users by helper and server. */
function helpers(known: Readonly<Record<string, string>>): ReturnType<typeof vi.fn<RunHelper>> {
  return vi.fn<RunHelper>(async ({ helper, input }: HelperCall) => {
    const user = known[`${helper} ${input.reveal()}`];
    if (user === undefined) return { exitCode: 1, output: new Secret("credentials not found in native keychain\n") };
    return { exitCode: 0, output: new Secret(JSON.stringify({ ServerURL: "", Username: user, Secret: marker })) };
  });
}

const userOf = (credential: Credential | undefined): string | undefined =>
  credential?.kind === "registry-token" ? undefined : credential?.username;

test("what the user gave comes before everything, and for that registry only", async () => {
  const source = openCredentials({
    explicit: { registry: "docker.io", credential: { kind: "basic", username: "given", password: new Secret("x") } },
    files: [file("{ damaged")],
    runHelper: helpers({}),
  });
  expect(userOf(await source.find("docker.io", "library/nginx"))).toBe("given");
  await expect(source.find("ghcr.io")).rejects.toThrow("is not JSON");
});

test("the variable comes before the files, and an earlier file before a later one", async () => {
  const source = openCredentials({
    dockerAuthConfig: JSON.stringify({ auths: { "a.test": entry("variable") } }),
    files: [
      { path: join(folder, "missing.json"), kind: "docker" },
      { path: join(folder, "missing", "config.json"), kind: "docker" },
      file(""),
      file({ auths: { "a.test": entry("first"), "b.test": entry("first") } }),
      file({ auths: { "b.test": entry("second"), "c.test": entry("second") } }, "containers"),
    ],
    runHelper: helpers({}),
  });
  const find = async (registry: string) => userOf(await source.find(registry));
  expect(await Promise.all(["a.test", "b.test", "c.test", "d.test"].map(find))).toEqual([
    "variable",
    "first",
    "second",
    undefined,
  ]);
});

test("in a file the helper of the registry comes first, then entries for a path, the store, and the entry", async () => {
  const config = file({
    auths: {
      "own.test": entry("entry"),
      "both.test": entry("stale"),
      "both.test/team": entry("team"),
      "empty.test": {},
      "entry.test": entry("entry"),
      "none.test": entry("entry"),
    },
    credHelpers: { "own.test": "own", "none.test": "" },
    credsStore: "store",
  });
  const known = ["both.test", "empty.test", "none.test"].map((name) => [`store ${name}`, "store"] as const);
  const runHelper = helpers({ "own own.test": "own", ...Object.fromEntries(known) });
  const source = openCredentials({ files: [config], runHelper });
  expect(userOf(await source.find("own.test"))).toBe("own");
  expect(userOf(await source.find("both.test"))).toBe("store");
  expect(userOf(await source.find("both.test", "team/app"))).toBe("team");
  expect(userOf(await source.find("empty.test"))).toBe("store");
  expect(userOf(await source.find("entry.test"))).toBe("entry");
  expect(userOf(await source.find("none.test"))).toBe("entry");
  expect(await source.find("other.test")).toBeUndefined();
});

test.each(["credsStore", "credHelpers"])(
  "where the program of %s is missing or fails, an entry of the file counts, and the failure can still be told",
  async (name) => {
    const content = { auths: { "a.test": entry("entry") }, [name]: name === "credsStore" ? "x" : { "a.test": "x" } };
    const failures: Readonly<Record<string, RunHelper>> = {
      "the program was not found in PATH": async () => undefined,
      "it exits with 3": async () => ({ exitCode: 3, output: new Secret(marker) }),
      "it does not end": async () => {
        throw new ChildProcessFailure("it does not end");
      },
    };
    for (const [reason, fail] of Object.entries(failures)) {
      const config = file(content);
      const runHelper = vi.fn<RunHelper>(fail);
      const source = openCredentials({ files: [config], runHelper });
      expect(userOf(await source.find("a.test"))).toBe("entry");
      expect(userOf(await source.find("a.test", "app"))).toBe("entry");
      expect(runHelper).toHaveBeenCalledTimes(1);
      const message = `docker-credential-x, which is set in ${config.path}, failed: ${reason}`;
      expect(source.unasked?.("a.test")?.message).toBe(message);
      expect(inspect(source.unasked?.("a.test"), { depth: 10, showHidden: true })).not.toContain(marker);
      writeFileSync(config.path, JSON.stringify({ ...content, auths: {} }));
      await expect(openCredentials({ files: [config], runHelper }).find("a.test")).rejects.toMatchObject({ message });
    }
  },
);

test("what could not be asked is told for the repository for which it could not", async () => {
  const auths = { "a.test/n": entry("n"), "a.test": entry("old") };
  const source = openCredentials({ files: [file({ auths, credsStore: "x" })], runHelper: async () => undefined });
  expect(userOf(await source.find("A.test", "other"))).toBe("old");
  expect(userOf(await source.find("a.test", "n/x"))).toBe("n");
  expect(source.unasked?.("a.test", "other")?.message).toContain("docker-credential-x");
  expect(source.unasked?.("a.test", "n/x")).toBeUndefined();
  for (let count = 0; count < 1000; count++) await source.find("a.test", `many/${count}`);
  expect(source.unasked?.("a.test", "other")).toBeUndefined();
  expect(source.unasked?.("a.test", "many/999")?.message).toContain("docker-credential-x");
});

test("a helper that was cancelled is not passed over", async () => {
  const config = file({ auths: { "a.test": entry("entry") }, credsStore: "x" });
  const runHelper: RunHelper = () => Promise.reject(new PlimsollError("cancelled", "stop"));
  const found = openCredentials({ files: [config], runHelper }).find("a.test");
  await expect(found).rejects.toMatchObject({ code: "cancelled" });
});

test("the entry for the longest path above the repository is taken, component by component", async () => {
  const auths = { "a.test": entry("all"), "a.test/team": entry("team"), "a.test/team/app": entry("app") };
  const source = openCredentials({ files: [file({ auths }, "containers")], runHelper: helpers({}) });
  const find = async (repository?: string) => userOf(await source.find("a.test", repository));
  expect(await find()).toBe("all");
  expect(await find("other")).toBe("all");
  expect(await find("teamwork")).toBe("all");
  expect(await find("team/web")).toBe("team");
  expect(await find("team/app/sub")).toBe("app");
});

test.each([
  "https://index.docker.io/v1/",
  "index.docker.io/v1",
  "docker.io",
  "registry-1.docker.io",
  "https://index.docker.io/v2/",
])("%s is a key of Docker Hub", async (key) => {
  const source = openCredentials({ files: [file({ auths: { [key]: entry("hub") } })], runHelper: helpers({}) });
  expect(userOf(await source.find("docker.io", "library/nginx"))).toBe("hub");
  expect(await source.find("ghcr.io")).toBeUndefined();
});

test("tokens of Docker Hub's website are not for its registry", async () => {
  const auths = {
    "https://index.docker.io/v1/access-token": entry("x"),
    "https://index.docker.io/v1/refresh-token": entry("x"),
  };
  const source = openCredentials({ files: [file({ auths })], runHelper: helpers({}) });
  expect(await source.find("docker.io", "v1/access-token")).toBeUndefined();
});

test.each([
  "https://a.test/v1/users/",
  "https://a.test/v0/",
  "https://a.test/api/v2.0",
  "http://a.test/v2/_catalog",
  "HTTPS://A.test",
])("%s, as a scheme is there, is a key of the whole registry", async (key) => {
  const source = openCredentials({ files: [file({ auths: { [key]: entry("u") } })], runHelper: helpers({}) });
  expect(userOf(await source.find("a.test", "team/app"))).toBe("u");
  expect(userOf(await source.find("a.test"))).toBe("u");
  expect(await source.find("a.test:5000")).toBeUndefined();
});

test("of the keys with a scheme the one whose path fits comes first, then the one without a path", async () => {
  const auths = {
    "https://a.test/group-a": entry("a"),
    "https://a.test/group-b/": entry("b"),
    "https://a.test/v2/group-b/app": entry("app"),
    "https://a.test/v1/": entry("all"),
  };
  const source = openCredentials({ files: [file({ auths })], runHelper: helpers({}) });
  const find = async (repository?: string) => userOf(await source.find("a.test", repository));
  expect(await find("group-a/x")).toBe("a");
  expect(await find("group-b/x")).toBe("b");
  expect(await find("group-b/app/x")).toBe("app");
  expect(await find("group-banana")).toBe("all");
  expect(await find()).toBe("all");
  const wide = { ...auths, "a.test": entry("plain") };
  expect(
    userOf(await openCredentials({ files: [file({ auths: wide })], runHelper: helpers({}) }).find("a.test", "group-a")),
  ).toBe("plain");
});

test.each([
  ["docker", "https://index.docker.io/v1/", "https://index.docker.io/v1/"],
  ["docker", "docker.io", "https://index.docker.io/v1/"],
  ["containers", "docker.io", "docker.io"],
  ["containers", "https://index.docker.io/v1/", "https://index.docker.io/v1/"],
] as const)("in a file of %s the helper of %s is asked for %s", async (kind, key, server) => {
  const runHelper = helpers({ [`pass ${server}`]: "u" });
  const source = openCredentials({ files: [file({ credHelpers: { [key]: "pass" } }, kind)], runHelper });
  expect(userOf(await source.find("docker.io", "library/nginx"))).toBe("u");
  expect(runHelper).toHaveBeenCalledTimes(1);
});

test("an entry for another port or a longer host is for another registry", async () => {
  const auths = { "a.test:5000": entry("x"), "a.test.evil.test": entry("x"), "sub.a.test": entry("x") };
  const source = openCredentials({ files: [file({ auths })], runHelper: helpers({}) });
  expect(await source.find("a.test")).toBeUndefined();
});

test("the store of Docker is not asked for Podman's files", async () => {
  const runHelper = helpers({});
  const source = openCredentials({ files: [file({ credsStore: "store" }, "containers")], runHelper });
  expect(await source.find("a.test")).toBeUndefined();
  expect(runHelper).not.toHaveBeenCalled();
});

test("an answer is remembered for five minutes, a failure is not", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const config = file({ credsStore: "store" });
    const runHelper = helpers({ "store a.test": "u" });
    const source = openCredentials({ files: [config], runHelper });
    await Promise.all([source.find("a.test"), source.find("a.test", "x"), source.find("a.test", "y")]);
    expect(runHelper).toHaveBeenCalledTimes(1);
    writeFileSync(config.path, JSON.stringify({ auths: { "a.test": entry("rotated") } }));
    expect(userOf(await source.find("a.test"))).toBe("u");
    vi.advanceTimersByTime(6 * 60_000);
    expect(userOf(await source.find("a.test"))).toBe("rotated");

    const broken = file("{");
    const other = openCredentials({ files: [broken], runHelper });
    await expect(other.find("a.test")).rejects.toThrow();
    writeFileSync(broken.path, "{}");
    expect(await other.find("a.test")).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  ["broken JSON", `{"auths": {"a.test": {"auth": "${base64(`u:${marker}`)}"}}, "x": ${marker}`],
  ["a broken entry", { auths: { "a.test": { auth: `${marker}!` } } }],
  ["an entry without a colon", { auths: { "a.test": { auth: base64(marker) } } }],
  ["a wrong type", { auths: { "a.test": { username: [marker] } } }],
  ["an entry that is not an object", { auths: { "a.test": marker } }],
  ["entries that are not an object", { auths: marker }],
  ["a list", [marker]],
  ["a helper outside the path", { credsStore: `../${marker}` }],
  ["a helper that is not text", { credHelpers: { "a.test": { x: marker } } }],
])("%s is one error that names the file and nothing in it", async (_, content) => {
  const config = file(content);
  const error: unknown = await openCredentials({ files: [config], runHelper: helpers({}) })
    .find("a.test")
    .catch((cause: unknown) => cause);
  expect(error).toMatchObject({ name: "PlimsollError", code: "file-malformed" });
  expect(String(error)).toContain(config.path);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(marker);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(base64(`u:${marker}`));
});

test("a broken entry for another registry stands in nobody's way", async () => {
  const config = file({ auths: { "b.test": { auth: "!" }, "a.test": entry("u") } });
  expect(userOf(await openCredentials({ files: [config], runHelper: helpers({}) }).find("a.test"))).toBe("u");
});

test("a file that is a folder, or too large, is an error", async () => {
  const path = join(folder, "folder.json");
  mkdirSync(path);
  const find = (path: string) =>
    openCredentials({ files: [{ path, kind: "docker" }], runHelper: helpers({}) }).find("a.test");
  await expect(find(path)).rejects.toMatchObject({ code: "target-unreadable" });
  const files = [{ path, kind: "containers", mayBeClosed: true } as const, file(JSON.stringify({ auths: {} }))];
  const source = openCredentials({ files, runHelper: helpers({}) });
  expect(await source.find("a.test")).toBeUndefined();
  expect(source.unasked?.("A.test")).toMatchObject({
    message: expect.stringContaining(`the credentials file ${path} cannot be read`),
  });
  await expect(find(file(" ".repeat(5_000_000)).path)).rejects.toMatchObject({ code: "file-malformed" });
});

test("a secret shows nowhere unless it is asked for", async () => {
  const auths = {
    "a.test": entry("u"),
    "b.test": { identitytoken: marker, auth: base64("00000000-0000-0000-0000-000000000000:") },
    "c.test": { registrytoken: marker },
    "d.test": { auth: base64(`<token>:${marker}`) },
  };
  const source = openCredentials({ files: [file({ auths })], runHelper: helpers({}) });
  const credentials = await Promise.all(Object.keys(auths).map((registry) => source.find(registry)));
  expect(credentials.map((credential) => credential?.kind)).toEqual([
    "basic",
    "identity-token",
    "registry-token",
    "identity-token",
  ]);
  for (const shown of [
    inspect(credentials, { depth: 10, showHidden: true }),
    JSON.stringify(credentials),
    inspect(source, { showHidden: true }),
  ]) {
    expect(shown).not.toContain(marker);
  }
  expect(`${new Secret(marker)}`).toBe("[secret]");
  expect(credentials.map((credential) => credential && authorizationOf(credential))).toEqual([
    `Basic ${base64(`u:${marker}`)}`,
    undefined,
    `Bearer ${marker}`,
    undefined,
  ]);
});

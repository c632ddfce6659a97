import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { RunHelper } from "./credential-helper.ts";
import { openCredentials } from "./open-credentials.ts";
import { rivalsOf } from "./rival-credentials.ts";
import { Secret } from "./secret.ts";
import { removeCredential, type StorableCredential, storeCredential } from "./store-credential.ts";

const root = temporaryFolder();
const basic: StorableCredential = { kind: "basic", username: "u", password: new Secret("pä:ss") };
const auth = Buffer.from("u:pä:ss").toString("base64");
const kept = new Map<string, string>();
const runHelper: RunHelper = async ({ helper, action, input }) => {
  const text = input.reveal();
  const server: string = action === "store" ? JSON.parse(text).ServerURL : text;
  const key = `${helper} ${server}`;
  if (action === "store") kept.set(key, text);
  const found = kept.get(key);
  if (action === "erase") kept.delete(key);
  return found === undefined
    ? { exitCode: 1, output: new Secret("credentials not found in native keychain") }
    : { exitCode: 0, output: new Secret(action === "get" ? found : "") };
};

let folder = "";
let number = 0;
beforeEach(() => {
  kept.clear();
  folder = join(root, String(number++));
});

function store(content?: string): { file: { path: string; kind: "docker" | "containers" }; runHelper: RunHelper } {
  const path = join(folder, "config.json");
  if (content !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, content);
  }
  return { file: { path, kind: "docker" }, runHelper };
}

test("the first credential makes the file, for its owner alone", async () => {
  const options = store();
  expect(await storeCredential("docker.io", { ...options, credential: basic })).toEqual({ path: options.file.path });
  expect(readFileSync(options.file.path, "utf8")).toBe(
    `{\n\t"auths": {\n\t\t"https://index.docker.io/v1/": {\n\t\t\t"auth": "${auth}"\n\t\t}\n\t}\n}\n`,
  );
  expect(statSync(options.file.path).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder)).toEqual(["config.json"]);
});

test("the rest of a file stays byte for byte, also when the credential goes again", async () => {
  const content =
    '{\n  "auths": {\n    "b.test": { "auth":"eDp5" }\n  },\n  "psFormat":   "x\\u0041",\n  "n": 1e400\n}';
  const options = store(content);
  chmodSync(options.file.path, 0o644);
  await storeCredential("a.test:5000", { ...options, credential: basic });
  expect(readFileSync(options.file.path, "utf8")).toBe(
    content.replace(" }\n  },", ` },\n    "a.test:5000": {\n      "auth": "${auth}"\n    }\n  },`),
  );
  expect(statSync(options.file.path).mode & 0o777).toBe(0o600);
  expect(await removeCredential("a.test:5000", options)).toBe(true);
  expect(readFileSync(options.file.path, "utf8")).toBe(content);
  expect(await removeCredential("a.test:5000", options)).toBe(false);
});

test("an identity token is stored as one, and found", async () => {
  const options = store();
  await storeCredential("a.test", {
    ...options,
    credential: { kind: "identity-token", token: new Secret("t"), username: "u" },
  });
  const found = await openCredentials({ files: [options.file], runHelper }).find("a.test");
  expect(found).toMatchObject({ kind: "identity-token", username: "u" });
  expect(found?.kind === "identity-token" && found.token.reveal()).toBe("t");
});

test("a store that the file names gets the credential, and the file an empty entry", async () => {
  const options = store('{"credsStore": "store"}');
  expect(await storeCredential("docker.io", { ...options, credential: basic })).toEqual({
    path: options.file.path,
    helper: "store",
  });
  expect(readFileSync(options.file.path, "utf8")).toBe(
    '{"credsStore": "store", "auths": {"https://index.docker.io/v1/":{}}}',
  );
  expect([...kept.keys()]).toEqual(["store https://index.docker.io/v1/"]);
  expect(await openCredentials({ files: [options.file], runHelper }).find("docker.io")).toMatchObject({
    username: "u",
  });
  expect(await removeCredential("docker.io", options)).toBe(true);
  expect(kept.size).toBe(0);
  expect(readFileSync(options.file.path, "utf8")).toBe('{"credsStore": "store", "auths": {}}');
});

test("for a registry with an empty name of a helper the file itself keeps the credential", async () => {
  const options = store('{"credsStore": "store", "credHelpers": {"a.test": ""}}');
  const { file } = options;
  expect(await storeCredential("a.test", { ...options, credential: basic })).toEqual({ path: file.path });
  expect(kept.size).toBe(0);
  expect(await openCredentials({ files: [file], runHelper }).find("a.test")).toMatchObject({ username: "u" });
  expect(await removeCredential("a.test", options)).toBe(true);
});

test("the helper of the registry comes before the store", async () => {
  const options = store('{"credsStore": "store", "credHelpers": {"a.test": "own"}}');
  expect(await storeCredential("a.test", { ...options, credential: basic })).toMatchObject({ helper: "own" });
  expect([...kept.keys()]).toEqual(["own a.test"]);
});

test("all forms of a registry's key go, and entries for a path stay", async () => {
  const options = store(
    '{"auths": {"https://a.test/v1/": {"auth": "eDp5"}, "a.test": {"auth": "eDp5"}, "a.test/team": {"auth": "eDp5"}, "https://a.test/v1/users/": {"auth": "eDp5"}, "http://a.test/api/v2.0": {"auth": "eDp5"}}}',
  );
  expect(await removeCredential("a.test", options)).toBe(true);
  expect(readFileSync(options.file.path, "utf8")).toBe('{"auths": {"a.test/team": {"auth": "eDp5"}}}');
});

test.each([
  ['{"credsStore": "store", "auths": {"https://a.test/v2/": {"auth": "b2xkOnBhc3M="}}}', "a.test"],
  ['{"auths": {"https://a.test/v1/": {"auth": "b2xkOnBhc3M="}, "http://a.test": {"auth": "b2xkOnBhc3M="}}}', "a.test"],
  ['{"credsStore": "store", "auths": {"docker.io": {"auth": "b2xkOnBhc3M="}}}', "docker.io"],
])(
  "what was stored under another form of the registry's key is not used after a log-in: %s",
  async (text, registry) => {
    const options = store(text);
    await storeCredential(registry, { ...options, credential: basic });
    expect(await openCredentials({ files: [options.file], runHelper }).find(registry, "team/app")).toMatchObject({
      username: "u",
    });
    expect(readFileSync(options.file.path, "utf8")).not.toContain("b2xkOnBhc3M=");
  },
);

test("what comes before a credential all the same is named", async () => {
  const entry = { auth: "b2xkOnBhc3M=" };
  const auths = { "a.test/team": entry, "a.test/empty": {}, "b.test/team": entry };
  const { file } = store(JSON.stringify({ auths, credHelpers: { "a.test/other": "own" } }));
  const rivals = {
    file,
    explicit: "a.test",
    dockerAuthConfig: JSON.stringify({ auths: { "https://a.test/v2/": entry } }),
  };
  expect(await rivalsOf("a.test", rivals)).toEqual([
    "the credential in PLIMSOLL_REGISTRY_USER and PLIMSOLL_REGISTRY_PASSWORD",
    'the entry "https://a.test/v2/" in DOCKER_AUTH_CONFIG',
    `the entry "a.test/other" in ${file.path}`,
    `the entry "a.test/team" in ${file.path}`,
  ]);
  expect(await rivalsOf("c.test", { ...rivals, dockerAuthConfig: "{ marker" })).toEqual([
    "DOCKER_AUTH_CONFIG, which cannot be read,",
  ]);
  expect(await rivalsOf("c.test", { file: { ...file, path: join(folder, "none.json") } })).toEqual([]);
});

test("a damaged file is left alone, and no helper is run", async () => {
  const options = store('{"credsStore": "store", ');
  await expect(storeCredential("a.test", { ...options, credential: basic })).rejects.toMatchObject({
    code: "file-malformed",
  });
  expect(readFileSync(options.file.path, "utf8")).toBe('{"credsStore": "store", ');
  expect(kept.size).toBe(0);
});

test("a symbolic link stays one", async () => {
  const options = store();
  mkdirSync(folder, { recursive: true });
  const target = join(folder, "target.json");
  writeFileSync(target, "{}");
  symlinkSync(target, options.file.path);
  await storeCredential("a.test", { ...options, credential: basic });
  expect(lstatSync(options.file.path).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, "utf8")).toContain(auth);
});

test("a symbolic link to what is not there yet stays one, and a loop of links is an error", async () => {
  const options = store();
  mkdirSync(folder, { recursive: true });
  symlinkSync("first.json", options.file.path);
  symlinkSync("kept/target.json", join(folder, "first.json"));
  await storeCredential("a.test", { ...options, credential: basic });
  expect(lstatSync(options.file.path).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, "kept/target.json"), "utf8")).toContain(auth);
  const loop = join(folder, "loop.json");
  symlinkSync("loop.json", loop);
  const storing = storeCredential("a.test", { file: { path: loop, kind: "docker" }, runHelper, credential: basic });
  await expect(storing).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:target-unreadable|output-not-written)$/),
  });
  expect(lstatSync(loop).isSymbolicLink()).toBe(true);
});

test("what cannot be written is an error, and leaves nothing behind", async () => {
  const options = store();
  mkdirSync(root, { recursive: true });
  writeFileSync(folder, "a file in place of the folder");
  await expect(storeCredential("a.test", { ...options, credential: basic })).rejects.toMatchObject({
    code: "output-not-written",
  });
  expect(existsSync(options.file.path)).toBe(false);
});

test("in Podman's file Docker Hub has its own name", async () => {
  const { file } = store();
  await storeCredential("docker.io", { file: { ...file, kind: "containers" }, runHelper, credential: basic });
  expect(Object.keys(JSON.parse(readFileSync(file.path, "utf8")).auths)).toEqual(["docker.io"]);
});

test.each([
  ["a file", "{}", runHelper],
  ["a helper that erases without a word", '{"credsStore": "store"}', erasingAnything],
])("a second log-out from %s finds nothing", async (_, text, helper) => {
  const options = { ...store(text), runHelper: helper };
  await storeCredential("a.test", { ...options, credential: basic });
  expect(await removeCredential("a.test", options)).toBe(true);
  expect(await removeCredential("a.test", options)).toBe(false);
});

test("a helper that cannot say whether it has a credential is told to forget it", async () => {
  const actions: string[] = [];
  const helper: RunHelper = async ({ action }) => {
    actions.push(action);
    return { exitCode: action === "get" ? 2 : 0, output: new Secret("") };
  };
  const options = { ...store('{"credsStore": "store"}'), runHelper: helper };
  expect(await removeCredential("a.test", options)).toBe(true);
  expect(actions).toEqual(["get", "erase"]);
});

/** As most helpers do, such as that of Secret Service. */
async function erasingAnything(call: Parameters<RunHelper>[0]): ReturnType<RunHelper> {
  const answer = await runHelper(call);
  return call.action === "erase" ? { exitCode: 0, output: new Secret("") } : answer;
}

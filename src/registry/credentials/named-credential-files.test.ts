import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { CredentialSource } from "./credential.ts";
import { credentialFiles } from "./credential-files.ts";
import { openCredentials } from "./open-credentials.ts";
import { rivalsOf } from "./rival-credentials.ts";
import { Secret } from "./secret.ts";
import { removeCredential, storeCredential } from "./store-credential.ts";

const folder = temporaryFolder();
const runHelper = async () => undefined;

const sourceOf = (environment: Readonly<Record<string, string>>, home = join(folder, "home")): CredentialSource =>
  openCredentials({ files: credentialFiles(environment, { home }), runHelper });

test("DOCKER_CONFIG that names the file itself is told with the folder to name, and ends a log-in", async () => {
  const path = join(folder, "config.json");
  writeFileSync(path, "{}");
  const wrong = {
    code: "usage",
    message: `DOCKER_CONFIG must be a folder, but ${path} is a file`,
    hint: `Set DOCKER_CONFIG to ${folder}, the folder that contains config.json.`,
  };
  const source = sourceOf({ DOCKER_CONFIG: path });
  expect(await source.find("a.test")).toBeUndefined();
  expect(source.unasked?.("a.test")).toMatchObject(wrong);
  const [file] = credentialFiles({ DOCKER_CONFIG: path }, { home: folder });
  if (!file) throw new Error("there is always a file of Docker's");
  const credential = { kind: "basic", username: "u", password: new Secret("p") } as const;
  await expect(storeCredential("a.test", { file, runHelper, credential })).rejects.toMatchObject(wrong);
  await expect(removeCredential("a.test", { file, runHelper })).rejects.toMatchObject(wrong);
  await expect(rivalsOf("a.test", { file })).rejects.toMatchObject(wrong);
});

test("DOCKER_CONFIG that names a file hides nothing of the file that REGISTRY_AUTH_FILE names", async () => {
  const path = join(folder, "other-config.json");
  writeFileSync(path, "{}");
  const auths = { "a.test": { username: "u", password: "p" } };
  writeFileSync(join(folder, "auth.json"), JSON.stringify({ auths }));
  const source = sourceOf({ DOCKER_CONFIG: path, REGISTRY_AUTH_FILE: join(folder, "auth.json") });
  expect(await source.find("a.test")).toMatchObject({ username: "u" });
});

test("DOCKER_CONFIG that names a file of another name is told with what it wants", async () => {
  const path = join(folder, "docker.json");
  writeFileSync(path, "{}");
  const source = sourceOf({ DOCKER_CONFIG: path });
  expect(await source.find("a.test")).toBeUndefined();
  expect(source.unasked?.("a.test")).toMatchObject({
    code: "usage",
    message: `DOCKER_CONFIG must be a folder, but ${path} is a file`,
    hint: "Move the file to a folder as config.json, and set DOCKER_CONFIG to that folder.",
  });
});

test.each(["DOCKER_CONFIG", "REGISTRY_AUTH_FILE"])(
  "what %s names and is not there is no error, and can be told when nothing else has a credential",
  async (name) => {
    const source = sourceOf({ [name]: "/nope" });
    expect(await source.find("a.test")).toBeUndefined();
    const path = name === "DOCKER_CONFIG" ? "/nope/config.json" : "/nope";
    expect(source.unasked?.("a.test")).toMatchObject({
      message: `${path}, set by ${name}, does not exist`,
    });
  },
);

test.each(["user:password", "dXNlcjpwYXNzd29yZA==", "glpat-abcdefghijklmnopqrst", "hunter2"])(
  "%s, a secret in place of a path, does not show in what is told",
  async (secret) => {
    for (const name of ["DOCKER_CONFIG", "REGISTRY_AUTH_FILE"]) {
      const source = sourceOf({ [name]: secret });
      expect(await source.find("a.test")).toBeUndefined();
      const told = source.unasked?.("a.test");
      expect(told?.message).toBe(`the file set by ${name} does not exist`);
      expect(inspect(told, { depth: 10, showHidden: true })).not.toContain(secret);
    }
  },
);

test("where nobody named a file, nothing is told of one that is not there", async () => {
  const source = sourceOf({});
  expect(await source.find("a.test")).toBeUndefined();
  expect(source.unasked?.("a.test")).toBeUndefined();
});

test("a file at a usual place that cannot be read stands in nobody's way, and one that was named does", async () => {
  const home = join(folder, "closed");
  // The user who runs this may be root, for whom no file is closed: a folder in place of the file cannot be read
  // either.
  mkdirSync(join(home, ".docker/config.json"), { recursive: true });
  mkdirSync(join(home, ".config/containers"), { recursive: true });
  const auths = { "a.test": { username: "u", password: "p" } };
  writeFileSync(join(home, ".config/containers/auth.json"), JSON.stringify({ auths }));
  const source = sourceOf({}, home);
  expect(await source.find("a.test")).toMatchObject({ username: "u" });
  expect(await source.find("b.test")).toBeUndefined();
  expect(source.unasked?.("b.test")).toMatchObject({
    message: `the credentials file ${join(home, ".docker/config.json")} cannot be read: it is not a regular file`,
  });
  await expect(sourceOf({ DOCKER_CONFIG: join(home, ".docker") }).find("a.test")).rejects.toMatchObject({
    code: "target-unreadable",
  });
});

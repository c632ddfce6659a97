import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { readDockerContext } from "./docker-context.ts";

const base = temporaryFolder();

/** A folder as `docker context create` and `docker context use` leave it. */
function folderWith(name: string, endpoint: object, { current = name, tls = false } = {}): string {
  const folder = join(
    base,
    createHash("sha256")
      .update(JSON.stringify([name, endpoint, current, tls]))
      .digest("hex"),
  );
  const id = createHash("sha256").update(name).digest("hex");
  const meta = join(folder, "contexts", "meta", id);
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify({ currentContext: current }));
  writeFileSync(join(meta, "meta.json"), JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: endpoint } }));
  if (tls) mkdirSync(join(folder, "contexts", "tls", id, "docker"), { recursive: true });
  return folder;
}

const host = "unix:///run/user/1000/docker.sock";

test("the context in use says where the engine is, and DOCKER_CONTEXT names another", () => {
  const folder = folderWith("rootless", { Host: host, SkipTLSVerify: false });
  expect(readDockerContext({ folder })).toEqual({ host });
  expect(readDockerContext({ folder, name: "default" })).toBeUndefined();
  const unused = folderWith("rootless", { Host: host }, { current: "default" });
  expect(readDockerContext({ folder: unused })).toBeUndefined();
  expect(readDockerContext({ folder: unused, name: "rootless" })).toEqual({ host });
});

test("a context over TLS has its certificates beside it", () => {
  const endpoint = { Host: "tcp://build.example:2376", SkipTLSVerify: true };
  const folder = folderWith("build", endpoint, { tls: true });
  const certificates = { folder: expect.stringContaining(join("contexts", "tls")), verify: false };
  expect(readDockerContext({ folder })).toEqual({ host: "tcp://build.example:2376", certificates });
});

test("without settings of Docker, and with ones that are not JSON, there is no context", () => {
  expect(readDockerContext({ folder: join(base, "none") })).toBeUndefined();
  writeFileSync(join(base, "config.json"), "{");
  expect(readDockerContext({ folder: base })).toBeUndefined();
});

test.each([
  ["that is not there", () => ({ folder: base, name: "../../x" }), /^the Docker context "..\/..\/x" does not exist$/],
  ["over SSH", () => ({ folder: folderWith("far", { Host: "ssh://me@far.example" }) }), /"far" uses SSH/],
])("a context %s is an engine that cannot be asked", (_, contexts, message) => {
  const failure = { code: "engine-unreachable", message: expect.stringMatching(message) };
  expect(() => readDockerContext(contexts())).toThrowError(expect.objectContaining(failure));
});

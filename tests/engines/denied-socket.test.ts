import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "../end-to-end/run-plimsoll.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";

const folder = temporaryFolder();
const socket = join(folder, "engine.sock");
const server = createServer();
const nobody = 65_534;
// Root may open every socket, so the program runs as another user then.
const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
const canRun = spawnSync(process.execPath, [main, "--version"], user).status === 0;
const useSudo = "Use sudo, or join the group of the socket (sudo usermod -aG docker $USER) and log in again.";

function run(args: readonly string[], variables: Readonly<Record<string, string>> = {}): [number | null, string] {
  const env = { PATH: process.env["PATH"], HOME: folder, PLIMSOLL_OFFLINE: "0", ...variables };
  const { status, stderr } = spawnSync(process.execPath, [main, ...args], { ...user, encoding: "utf8", env });
  return [status, stderr];
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  chmodSync(socket, 0);
  // Docker's own context leads to the socket, which is no engine that the user named.
  const context = join(folder, ".docker/contexts/meta", createHash("sha256").update("here").digest("hex"));
  mkdirSync(context, { recursive: true });
  writeFileSync(join(folder, ".docker/config.json"), JSON.stringify({ currentContext: "here" }));
  const endpoint = { Name: "here", Endpoints: { docker: { Host: `unix://${socket}` } } };
  writeFileSync(join(context, "meta.json"), JSON.stringify(endpoint));
  for (const path of [folder, join(folder, ".docker")]) chmodSync(path, 0o755);
});
afterAll(() => void server.close());

test.skipIf(!canRun).each([
  ["an image that neither Docker nor the registry gives", ["scan", "127.0.0.1:1/team/app:1", "--no-cache"]],
  ["an image, offline", ["scan", "app:1", "--offline", "--no-cache"]],
  ["an id", ["scan", `sha256:${"1".repeat(64)}`, "--no-cache"]],
  ["an image of Docker", ["scan", "docker:app:1", "--no-cache"]],
  ["what runs in Docker", ["ps", "--engine", "docker", "--no-cache"]],
])("%s: a socket that may not be opened is named with what to do, and not the name doubted", (_, args) => {
  const [code, stderr] = run(args);
  expect(code).toBe(3);
  expect(stderr).toContain(`permission denied for the Docker Engine socket ${socket}`);
  expect(stderr).toContain(`\n       ${useSudo}`);
  expect(stderr).not.toMatch(/Check the (?:name|path|digits)|Pull it/);
});

test.skipIf(!canRun).each([
  ["scan containerd:app:1", { CONTAINERD_ADDRESS: socket }, "containerd socket", "Use sudo: the containerd socket"],
  ["scan app:1", { CONTAINERD_ADDRESS: socket }, "containerd socket", "Use sudo: the containerd socket"],
  ["ps --engine containerd", { CONTAINERD_ADDRESS: socket }, "containerd socket", "Use sudo: the containerd socket"],
  ["scan docker:app:1", { DOCKER_HOST: `unix://${socket}` }, "Docker Engine socket", useSudo],
  ["scan app:1", { DOCKER_HOST: `unix://${socket}` }, "Docker Engine socket", useSudo],
])("%s with %j names the socket and sudo", (line, variables, what, hint) => {
  const [code, stderr] = run([...line.split(" "), "--no-cache"], variables);
  expect(code).toBe(3);
  expect(stderr).toContain(`permission denied for the ${what} ${socket}`);
  expect(stderr).toContain(hint);
});

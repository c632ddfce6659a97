import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();

test("an image in the form of skopeo's dir: is no folder without packages", async () => {
  const folder = join(plimsoll.folder, "copied");
  mkdirSync(folder);
  writeFileSync(join(folder, "version"), "Directory Transport Version: 1.1\n");
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ schemaVersion: 2, layers: [] }));
  const { code, stderr } = await plimsoll(["scan", "copied", "--no-update"]);
  expect(code).toBe(3);
  expect(stderr).toContain("skopeo calls dir:");
  expect(stderr).toContain("skopeo copy dir:copied oci:IMAGE");
  expect((await plimsoll(["scan", "dir:copied", "--no-update", "--format", "json"])).stdout).toContain('"kind": "dir"');
});

test("an archive that is not there is not looked for in a registry, also with the name of an image in it", async () => {
  for (const target of ["none.tar", "none.tar:app"]) {
    const { code, stderr } = await plimsoll(["scan", target, "--no-update"], { env: { PLIMSOLL_OFFLINE: "0" } });
    expect(code).toBe(3);
    expect(stderr).toContain(`${target} does not exist`);
  }
});

test("a Docker Engine over SSH does not stop the registry from being asked", async () => {
  const env = { PLIMSOLL_OFFLINE: "0", DOCKER_HOST: "ssh://build.example" };
  const { code, stderr } = await plimsoll(["scan", "127.0.0.1:1/app:1", "--no-update"], { env });
  expect(code).toBe(3);
  expect(stderr).toContain("is reached over SSH");
  expect(stderr).toMatch(/127\.0\.0\.1:1\b.*(?:nothing answers|cannot be reached|refused)|nothing answers/s);
});

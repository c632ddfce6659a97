import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { main } from "../../../tests/end-to-end/run-plimsoll.ts";

const isRoot = process.geteuid?.() === 0;

/** Only root can become a user that the system does not know. */
test.skipIf(!isRoot)("a user whom the system does not know, without HOME, gets an answer", () => {
  const result = spawnSync(process.execPath, [main, "db", "status", "--db", "/nowhere/plimsoll.sqlite"], {
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "" },
    uid: 54_321,
    gid: 54_321,
    encoding: "utf8",
  });
  expect(result.stderr).toMatch(/^error: /);
  expect(result.stderr).not.toContain("    at ");
  expect(result.status).toBe(3);
});

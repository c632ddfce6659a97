import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startPlimsoll } from "./run-plimsoll.ts";

const run = startPlimsoll();

/** A start that finds nothing compiled but what this home has. */
async function start(home: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const env = { HOME: home, TMPDIR: run.folder, NODE_COMPILE_CACHE: "", ...more };
  const { code, stderr } = await run(["scan", "--help"], { env });
  expect([code, stderr]).toEqual([0, ""]);
}

function home(name: string): { readonly path: string; readonly compiled: string } {
  const path = join(run.folder, name);
  mkdirSync(path);
  return { path, compiled: join(path, ".cache", "plimsoll", "compiled") };
}

test("what Node compiles is kept in a folder of the user's, and nowhere among temporary files", async () => {
  const { path, compiled } = home("kept");
  await start(path);
  expect(readdirSync(compiled).length).toBeGreaterThan(0);
  expect(statSync(compiled).mode & 0o777).toBe(0o700);
  expect(readdirSync(run.folder).filter((name) => name.includes("compile"))).toEqual([]);
});

test("nothing is taken from a folder to which others can write", async () => {
  const { path, compiled } = home("shared");
  mkdirSync(compiled, { recursive: true });
  chmodSync(compiled, 0o777);
  await start(path);
  expect(readdirSync(compiled)).toEqual([]);
});

test.runIf(existsSync("/proc/1"))("a home in which no folder can be made costs nothing but the time", async () => {
  await start("/proc/1");
  const { path } = home("linked");
  symlinkSync("/nowhere", join(path, ".cache"));
  await start(path);
});

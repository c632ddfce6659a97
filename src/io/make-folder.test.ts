import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import { makeFolder } from "./make-folder.ts";

const folder = temporaryFolder();

test("a folder is made with those above it, and one that is there stays", () => {
  const path = join(folder, "a", "b", "c");
  makeFolder(path);
  makeFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

test("a file in the way is an error", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => makeFolder(join(folder, "file"))).toThrow(/EEXIST/);
  expect(() => makeFolder(join(folder, "file", "below"))).toThrow(/ENOTDIR/);
});

test.skipIf(!existsSync("/proc/self"))("where no folder can be made it is an error, and ends", () => {
  expect(() => makeFolder("/proc/plimsoll/below")).toThrow(/ENOENT|EACCES|EPERM/);
});

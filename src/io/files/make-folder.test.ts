import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sourceFiles } from "../../../tests/setup/source-files.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
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

test("those that are made have the permissions that are asked for, and those that are there keep theirs", () => {
  mkdirSync(join(folder, "open"), { mode: 0o755 });
  makeFolder(join(folder, "open", "own", "below"), { mode: 0o700 });
  const modes = ["open", "open/own", "open/own/below"].map((name) => statSync(join(folder, name)).mode & 0o777);
  expect(modes).toEqual([0o755 & ~process.umask(), 0o700, 0o700]);
});

test("below a link that leads nowhere no folder is made", () => {
  symlinkSync(join(folder, "gone"), join(folder, "dangling"));
  expect(() => makeFolder(join(folder, "dangling", "below"))).toThrow(/EEXIST/);
});

test.skipIf(!existsSync("/proc/self"))("where no folder can be made it is an error, and ends", () => {
  const module = new URL("make-folder.ts", import.meta.url).href;
  const gone = join(folder, "removed");
  mkdirSync(gone);
  // In a process of its own: what does not end cannot be ended from within.
  const script = `
    import { rmdirSync } from "node:fs";
    import { makeFolder } from ${JSON.stringify(module)};
    rmdirSync(${JSON.stringify(gone)});
    for (const path of ["/proc/nope", "/proc/nope/below/it", "/proc/1/cache", "a/b"]) {
      try { makeFolder(path); } catch (error) { console.log(error.code); }
    }`;
  const { stdout, signal } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: gone,
    encoding: "utf8",
    timeout: 10_000,
  });
  expect(signal).toBeNull();
  expect(stdout).toMatch(/^((ENOENT|EACCES|EPERM)\n){4}$/);
});

test("no other way makes several folders at once", () => {
  const recursive = sourceFiles().filter(({ text }) => /\bmkdir(?:Sync)?\([^;]*recursive/.test(text));
  expect(recursive.map(({ path }) => path)).toEqual([]);
});

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A new folder that goes away when the tests of the file or block are done. Call it at the top of either. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A new folder in the given one, into which the program puts its temporary files until the tests of the file are done, so that a
 * test can look at what is left there and beside it.
 */
export function temporaryFilesIn(parent: string): string {
  const folder = join(parent, "tmp");
  mkdirSync(folder);
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  afterAll(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  });
  return folder;
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A new folder that goes away when the tests of the file or block are done. Call it at the top of either. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

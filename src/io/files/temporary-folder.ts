import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import { reasonOf } from "../reason-of.ts";

/** What to do where temporary files cannot be written. */
export const temporarySpaceHint = "Free some space, or set TMPDIR to another folder.";

/** A new folder for temporary files, removed with all that is in it at the end. */
export class TemporaryFolder implements Disposable {
  readonly path: string;

  /** `prefix` begins its name. Error: `output-not-written` where none can be made. */
  constructor(prefix: string) {
    try {
      this.path = mkdtempSync(join(tmpdir(), prefix));
    } catch (cause) {
      const message = `cannot create a temporary folder in ${tmpdir()}: ${reasonOf(cause)}`;
      throw new PlimsollError("output-not-written", message, { hint: temporarySpaceHint, cause });
    }
  }

  [Symbol.dispose](): void {
    try {
      rmSync(this.path, { recursive: true, force: true });
    } catch {
      // What was made of its files counts more than that they go.
    }
  }
}

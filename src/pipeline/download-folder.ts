import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProcessGone, processMark } from "../io/process-mark.ts";
import { reasonOf } from "../io/random-access.ts";
import { PlimsollError } from "../model/error.ts";

const start = "plimsoll-feed-";
const folderName = /^plimsoll-feed-([0-9a-f]{8}-\d{1,10})-\w{6}$/;

/** A temporary folder for what an update downloads. */
export class DownloadFolder {
  readonly path: string;

  /** Also removes the folders of updates that were killed: they may hold gigabytes. Error: `output-not-written`. */
  constructor() {
    try {
      removeLeftFolders();
      this.path = mkdtempSync(join(tmpdir(), `${start}${processMark()}-`));
    } catch (cause) {
      const message = `no temporary folder can be made in ${tmpdir()}: ${reasonOf(cause)}`;
      const hint = "Free some space, or name another folder in TMPDIR.";
      throw new PlimsollError("output-not-written", message, { hint, cause });
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function removeLeftFolders(): void {
  try {
    for (const name of readdirSync(tmpdir())) {
      const mark = folderName.exec(name)?.[1];
      if (mark === undefined || !isProcessGone(mark)) continue;
      const path = join(tmpdir(), name);
      // Anybody may put something of this name there.
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory() && stat.uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // A folder that cannot be listed can still be written to.
  }
}

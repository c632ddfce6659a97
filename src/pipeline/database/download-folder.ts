import { lstatSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TemporaryFolder } from "../../io/files/temporary-folder.ts";
import { isProcessGone, processMark } from "../../io/processes/process-mark.ts";

const start = "plimsoll-feed-";
const folderName = /^plimsoll-feed-([0-9a-f]{8}-\d{1,10})-\w{6}$/;

/**
 * A temporary folder for what an update downloads. The folders of updates that were killed are removed first: they may
 * hold gigabytes.
 * Error: `output-not-written`.
 */
export class DownloadFolder extends TemporaryFolder {
  constructor() {
    removeLeftFolders();
    super(`${start}${processMark()}-`);
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

import { rmSync } from "node:fs";

const folders = new Set<string>();

/**
 * Removes a folder when the bench ends, and not before: for minutes ext4 passes over the inodes of deleted files, one by one, whenever it
 * makes a new file, and what is timed makes hundreds.
 */
export function removeAtExit(folder: string): void {
  if (folders.size === 0) {
    process.once("exit", () => {
      for (const each of folders) rmSync(each, { recursive: true, force: true });
    });
  }
  folders.add(folder);
}

import { constants, copyFileSync, symlinkSync } from "node:fs";
import { resolve } from "node:path";

/**
 * Makes a name for a file that can be removed while the file stays: a symbolic link, or a copy. Errors: the file
 * system's.
 */
export function linkFile(path: string, name: string): void {
  try {
    symlinkSync(resolve(path), name);
  } catch {
    // Where links need a privilege.
    copyFileSync(path, name, constants.COPYFILE_FICLONE);
  }
}

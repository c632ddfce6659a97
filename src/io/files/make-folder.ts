import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** How folders are made. */
export interface MakeFolderOptions {
  /** The permissions of those that are made, less the process's mask. 0o777. */
  readonly mode?: number;
}

/**
 * Makes a folder with those above it; one that is there stays as it is, also one that another process makes meanwhile.
 * Node's own way to do so does not end where no folder can be made and the system says that there is none: below
 * `/proc`, or in a working directory that was removed. Errors: the file system's.
 */
export function makeFolder(path: string, options: MakeFolderOptions = {}): void {
  const failure = tryToMake(path, options);
  if (failure === undefined) return;
  const isAlone = failure instanceof Error && "code" in failure && failure.code === "ENOENT" && dirname(path) !== path;
  if (!isAlone) throw failure;
  makeFolder(dirname(path), options);
  const again = tryToMake(path, options);
  if (again !== undefined) throw again;
}

/** What went wrong. */
function tryToMake(path: string, { mode = 0o777 }: MakeFolderOptions): unknown {
  try {
    mkdirSync(path, { mode });
    return undefined;
  } catch (failure) {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? undefined : failure;
  }
}

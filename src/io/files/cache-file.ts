import { createHash, randomUUID } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "./make-folder.ts";

/**
 * Where the entry of a key lies: the key's SHA-256 as a name, since a key may hold anything. All in one folder: to make
 * folders below it took a sixth of the time of a run over many small images, and file systems find a name among 100,000
 * by a tree.
 */
export function cachePath(folder: string, key: string): string {
  return join(folder, createHash("sha256").update(key).digest("hex"));
}

/** Whether a name in the folder of a cache is that of an entry; an entry that is being written has a longer name. */
export function isCacheName(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/**
 * Puts a file into a cache, for its owner alone: written aside and renamed into place, so that parallel runs and a
 * process that is killed do no harm; the later one wins. An entry that is too large to be made, and a cache that cannot
 * be written, are not a reason to fail.
 */
export function writeCacheFile(path: string, makeContent: () => string | Uint8Array): void {
  const temporary = `${path}.${randomUUID()}`;
  try {
    writeWithFolder(temporary, makeContent());
    renameSync(temporary, path);
  } catch {
    remove(temporary);
  }
}

/**
 * Writes a file for its owner alone. Making a folder that is there costs as much as writing a small file, so it is made
 * when it turns out to be missing. Errors: the file system's.
 */
export function writeWithFolder(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content, { mode: 0o600 });
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) throw cause;
    makeFolder(dirname(path), { mode: 0o700 });
    writeFileSync(path, content, { mode: 0o600 });
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nothing was written where nothing can be removed.
  }
}

import { lstatSync, type Stats } from "node:fs";
import { DiskFile } from "../../io/bytes/random-access.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";

/** The most bytes of a list of images or layers, and of a config. */
const largestFile: number = 64 * 1024 * 1024;

/** A small file of a store; undefined when there is none. Errors: `target-unreadable`, `limit-exceeded`. */
export function readStoreFile(path: string): Buffer | undefined {
  if (!statIn(path)?.isFile()) return undefined;
  using file = new DiskFile(path);
  if (file.size > largestFile) {
    throw new PlimsollError("limit-exceeded", `${path} is ${file.size} bytes; the limit is 64 MiB`);
  }
  return file.read(0, file.size);
}

/** True when there is a folder of this path. Error: `target-unreadable` when one may not look. */
export function isFolder(path: string): boolean {
  return statIn(path)?.isDirectory() === true;
}

/**
 * True when there is a file of this path. Error: `target-unreadable` when one may not look, which names `store` where
 * that is given: whether the file is there is not known then.
 */
export function isFile(path: string, { store = path }: { readonly store?: string } = {}): boolean {
  return statIn(path, store)?.isFile() === true;
}

function statIn(path: string, name = path): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOTDIR") return undefined;
    throw new PlimsollError("target-unreadable", `${name} cannot be read: ${reasonOf(cause)}`, {
      cause,
      hint: "Run Plimsoll as the user who owns the store, usually root.",
    });
  }
}

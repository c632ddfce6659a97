import { readFileSync } from "node:fs";
import { reasonOf } from "../../io/random-access.ts";
import { PlimsollError } from "../../model/error.ts";
import { type FactsBundle, readBundle } from "../../sources/host/bundle.ts";

/** Reads a bundle of facts from a file. Errors: `target-not-found`, `target-unreadable`, `facts-malformed`, `limit-exceeded`. */
export function readFactsFile(path: string): FactsBundle {
  try {
    return readBundle(readFileSync(path), path);
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw isMissing
      ? new PlimsollError("target-not-found", `${path} does not exist`, { cause })
      : new PlimsollError("target-unreadable", `${path} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

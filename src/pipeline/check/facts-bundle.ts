import { reasonOf } from "../../io/random-access.ts";
import { readSmallFile } from "../../io/read-small-file.ts";
import { PlimsollError } from "../../model/error.ts";
import { type FactsBundle, readBundle } from "../../sources/host/bundle.ts";

const largestFile = 256 * 1024 * 1024;

/** Reads a bundle of facts from a file. Errors: `target-not-found`, `target-unreadable`, `facts-malformed`, `limit-exceeded`. */
export function readFactsFile(path: string): FactsBundle {
  try {
    return readBundle(readSmallFile(path, { largest: largestFile }), path);
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw isMissing
      ? new PlimsollError("target-not-found", `${path} does not exist`, { cause })
      : new PlimsollError("target-unreadable", `${path} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * What `check` makes of facts. Error: `facts-malformed` when they have not the form of facts, as those of a file that somebody changed; that of
 * single facts is seen by the checks themselves.
 */
export function withFacts<Result>(check: () => Result): Result {
  try {
    return check();
  } catch (cause) {
    if (cause instanceof PlimsollError || !(cause instanceof TypeError)) throw cause;
    throw new PlimsollError("facts-malformed", `the facts have not the form of facts: ${cause.message}`, {
      cause,
      hint: "Collect the facts again, with --save FILE.",
    });
  }
}

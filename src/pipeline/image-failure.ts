import { withoutLookAlikes } from "../io/documents/without-look-alikes.ts";
import { tooManyOpenFiles } from "../io/files/too-many-open-files.ts";
import { PlimsollError } from "../model/error.ts";

/**
 * The failure of one image of many, whatever was thrown while it was scanned; throws on what would meet every other
 * image as well.
 * Errors: `cancelled` or whatever else came of the abort, `database-malformed`, `database-outdated`.
 */
export function imageFailure(cause: unknown, { signal }: { readonly signal: AbortSignal }): PlimsollError {
  if (signal.aborted) throw cause;
  if (!(cause instanceof PlimsollError)) return programFailure(cause);
  if (cause.code === "cancelled" || cause.code.startsWith("database-")) throw cause;
  return cause;
}

const longestWords = 300;

/**
 * What was thrown by mistake, as the failure of what was worked on: `program-failed`, or `limit-exceeded` for too many
 * open files.
 */
export function programFailure(cause: unknown): PlimsollError {
  const limit = tooManyOpenFiles(cause);
  if (limit) return limit;
  const [line = ""] = (cause instanceof Error ? String(cause) : `it threw ${String(cause)}`).split("\n");
  const words = withoutLookAlikes(line.replace(/^Error: /, "").replace(/\p{Cc}+/gu, " "));
  return new PlimsollError("program-failed", `Plimsoll failed: ${words.slice(0, longestWords)}`, {
    hint: "This is a bug in Plimsoll; please report it with the output of a scan of this image alone.",
    cause,
  });
}

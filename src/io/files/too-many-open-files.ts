import { PlimsollError } from "../../model/error.ts";

/** `limit-exceeded` with what to do, for a failure that comes of too many open files; undefined for any other. */
export function tooManyOpenFiles(cause: unknown): PlimsollError | undefined {
  if (!(cause instanceof Error)) return undefined;
  const code = "code" in cause ? String(cause.code) : "";
  // Threads and removals tell it in their messages only.
  if (!/\b(?:EMFILE|ENFILE|too many open files)\b/i.test(`${code} ${cause.message}`)) return undefined;
  return new PlimsollError("limit-exceeded", "too many open files in this process", {
    hint: "Raise the limit (ulimit -n 4096), or scan fewer images at a time (--concurrency).",
    cause,
  });
}

import { withoutLookAlikes } from "../../../io/documents/without-look-alikes.ts";
import { tooManyOpenFiles } from "../../../io/files/too-many-open-files.ts";
import { ExitCode } from "./exit-code.ts";
import { writeError } from "./output.ts";

/** Writes a failure that no part of the program foresaw to stderr, and gives the exit code for it. */
export function explainUnexpected(error: unknown): number {
  const limit = tooManyOpenFiles(error);
  if (limit) writeError(limit.message, limit);
  else {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    // The text of an unforeseen error may hold secrets.
    writeError(withoutLookAlikes(`unexpected: ${what}`).split("\n"), {
      code: "program-failed",
      hint: "This is a bug in Plimsoll; please report it with the command that you ran.",
    });
  }
  return ExitCode.incomplete;
}

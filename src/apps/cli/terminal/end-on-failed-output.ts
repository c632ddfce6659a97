import { reasonOf } from "../../../io/reason-of.ts";
import { ExitCode } from "./exit-code.ts";
import { writeError } from "./output.ts";

/**
 * What a failure of stdout means. A reader such as `head` may stop early: the command still ends with its own exit
 * code, which is the answer. Anything else ends the program with {@link ExitCode.incomplete}.
 */
export function endOnFailedOutput(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") return;
  writeError(`the output cannot be written: ${reasonOf(error)}`, { code: "output-not-written" });
  process.exit(ExitCode.incomplete);
}

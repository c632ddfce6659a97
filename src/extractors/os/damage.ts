import type { OpenFile } from "../../model/images/file.ts";
import type { Context } from "../../model/plugin.ts";

/** What could not be read of one file, gathered so that a damaged file gives one problem and not thousands. */
export interface Damage {
  /** Notes one part that could not be read; `reason` continues the sentence "…, the first because". */
  note(reason: string): void;
  /** Reports the problem, if anything was noted. Call it once, at the end. */
  report(): void;
}

function plural(part: string): string {
  return part.endsWith("y") ? `${part.slice(0, -1)}ies` : `${part}s`;
}

/** The reason quotes the file, so it is cut. */
const longestReason = 200;

/** A {@link Damage} for a file whose parts are called `part`, for example `record`. */
export function damage(file: OpenFile, context: Context, part: string): Damage {
  let count = 0;
  let first = "";
  return {
    note: (reason) => {
      if (count === 0) first = reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason;
      count++;
    },
    report: () => {
      if (count === 0) return;
      const message =
        count === 1
          ? `a ${part} of ${file.path} could not be read because ${first}`
          : `${count} ${plural(part)} of ${file.path} could not be read (first: ${first})`;
      context.problem({ code: "unreadable", message, path: file.path });
    },
  };
}

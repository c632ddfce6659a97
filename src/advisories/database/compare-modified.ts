import { trimEnd } from "../../model/text/trim-end.ts";

/**
 * Which of two RFC 3339 times is later, to the last digit: below 0, 0 or above 0 as in sorting. Text that is not a time
 * comes before every time.
 */
export function compareModified(a: string, b: string): number {
  if (a === b) return 0;
  const [first, second] = [instantOf(a), instantOf(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** Text that sorts by time. */
function instantOf(time: string): string {
  const seconds = Date.parse(time.replace(/\.\d+/, ""));
  if (Number.isNaN(seconds)) return "";
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  return `${String(seconds + 1e14).padStart(16, "0")}.${trimEnd(fraction, "0")}`;
}

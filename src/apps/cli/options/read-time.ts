import { PlimsollError } from "../../../model/error.ts";

const date = String.raw`(\d{4})-(\d\d)-(\d\d)`;
const time = String.raw`T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)`;
const form = new RegExp(`^${date}(?:${time})?$`, "i");

/**
 * A time from the command line, as `Date.prototype.toISOString` writes it: RFC 3339, also without seconds, or a date
 * alone, which is its first moment in UTC. A time without a zone is another one on another machine. Error: `usage`,
 * also for a day that is not in the calendar.
 */
export function readTime(text: string): string {
  const [matched, year, month, day] = form.exec(text) ?? [];
  const read = new Date(text.toUpperCase());
  if (matched === undefined || Number.isNaN(read.getTime()) || !isDay({ year, month, day })) {
    throw new PlimsollError("usage", `${JSON.stringify(text.slice(0, 100))} is not an RFC 3339 time`, {
      hint: "For example 2025-11-25T00:00:00Z or 2025-11-25T02:00:00+02:00; a date alone means its start in UTC.",
    });
  }
  return read.toISOString();
}

/** A day too many is one of the next month to `Date`. */
function isDay({ year, month, day }: Readonly<Record<"year" | "month" | "day", string | undefined>>): boolean {
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
}

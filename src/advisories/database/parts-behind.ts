import type { PartBehind } from "../../model/findings/advisory.ts";

const dayInMilliseconds = 86_400_000;

/** The parts that are older than their database, as its `meta` holds them: a list of feed, name and time in JSON. */
export function behindText(behind: readonly PartBehind[]): string {
  return JSON.stringify(behind.map(({ feed, name, since }) => [feed, name, since]));
}

/** The inverse of {@link behindText}; none for undefined. A text that is no such list throws. */
export function readBehind(text: string | undefined): PartBehind[] {
  const rows: unknown = text === undefined ? [] : JSON.parse(text);
  if (!Array.isArray(rows)) throw new Error("its list of older parts is not an array");
  return rows.map((row: unknown) => {
    if (Array.isArray(row) && row.length === 3 && row.every((value) => typeof value === "string")) {
      const [feed = "", name = "", since = ""] = row;
      if (!Number.isNaN(Date.parse(since))) return { feed, name, since };
    }
    throw new Error("its list of older parts has an entry without a part or a time");
  });
}

/**
 * True for a part that is older than its database, and for one that is dated in the future: its age is unknown, and
 * with the time of the database it would be young again. Clocks differ, by no more than a day.
 */
export function isBehind(since: string, builtAt: string): boolean {
  const later = Date.parse(since) - Date.parse(builtAt);
  return later < 0 || later > dayInMilliseconds;
}

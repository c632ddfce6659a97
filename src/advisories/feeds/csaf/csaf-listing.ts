import { readCsv } from "../../read-csv.ts";
import { feedMalformed, readFeedText } from "../../read-feed-file.ts";

// `changes.csv` (CSAF 2.0, section 7.1.13) and Red Hat's `deletions.csv` have one line for each document, without a
// header:
//
//   "2024/cve-2024-0001.json","2025-12-10T10:00:00+00:00"
//
// The standard asks for the newest first; publishers do not always keep to it, so the order is not relied on.

/** Bytes of a listing. Red Hat's has some 4 MB. */
export const largestListing: number = 256 * 1024 * 1024;

/** A document that a listing names. */
export interface ListedDocument {
  /** Relative to the listing, with `/` between names; never leaves its folder. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * Reads a listing. Each path is there once, with its latest time, in the order of the paths.
 *
 * Error: `feed-malformed` when a line is not as above.
 */
export function readListing(file: string): ListedDocument[] {
  const title = "a listing of documents";
  const times = new Map<string, number>();
  for (const [path = "", stamp = ""] of readCsv(readFeedText(file, { title, maxBytes: largestListing }))) {
    const time = /^\d{4}-\d\d-\d\dT/.test(stamp) ? Date.parse(stamp) : Number.NaN;
    if (
      !/^[\w.+-]+(?:\/[\w.+-]+){0,4}$/.test(path) ||
      path.split("/").some((name) => /^\.+$/.test(name)) ||
      Number.isNaN(time)
    ) {
      throw feedMalformed(title, `it holds ${JSON.stringify(`${path},${stamp}`.slice(0, 100))}`);
    }
    times.set(path, Math.max(time, times.get(path) ?? time));
  }
  return [...times].map(([path, time]) => ({ path, time })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The CVE id that a document's path names, in upper case: `2024/cve-2024-0001.json`; undefined when it names none. */
export function cveOfPath(path: string): string | undefined {
  return /(?:^|\/)(cve-\d{4}-\d{4,19})\.json$/i.exec(path)?.[1]?.toUpperCase();
}

import type { RangeEvent } from "../../../model/findings/advisory.ts";
import { rpm } from "../../../versions/rpm.ts";

// A publisher names several fixed versions of one package of one product when the product carries several lines of it:
// RHEL 9 got the fix of CVE-2023-38545 as curl-7.76.1-23.el9_2.4 and as curl-7.76.1-26.el9_3.2. The builds between them
// are partly fixed (23.el9_2.5) and partly not (26.el9), so neither the lowest nor the highest version alone is the
// boundary: below the lowest everything is affected, and above it what belongs to a later line and is below that line's
// fix.

/**
 * Where the line of the higher of two fixed versions begins, when what lies before that is fixed by the lower one;
 * undefined when both are of one line, in which case the lower one is its fix.
 */
export type LineStart = (lower: string, higher: string) => string | undefined;

/**
 * The events of a range that is open at the start and ends at each line's first fix. Versions that do not parse are
 * left out.
 */
export function fixedEvents(versions: Iterable<string>, lineStart: LineStart): RangeEvent[] {
  const [first, ...rest] = sortVersions(versions);
  if (first === undefined) return [];
  const events: RangeEvent[] = [{ introduced: "0" }, { fixed: first }];
  let fix = first;
  for (const version of rest) {
    const start = lineStart(fix, version);
    if (start === undefined || !isBefore(fix, start) || !isBefore(start, version)) continue;
    events.push({ introduced: start }, { fixed: version });
    fix = version;
  }
  return events;
}

/** Each once, lowest first. */
export function sortVersions(versions: Iterable<string>): string[] {
  return [...new Set(versions)]
    .flatMap((text) => {
      const parsed = rpm.parse(text);
      return parsed ? [{ text, parsed }] : [];
    })
    .sort((a, b) => rpm.compare(a.parsed, b.parsed) || (a.text < b.text ? -1 : 1))
    .map(({ text }) => text);
}

/** A version in its parts: `1`, `7.76.1` and `23.el9_2.4`. */
export function splitVersion(text: string): { epoch: string; version: string; release: string } {
  const colon = text.indexOf(":");
  const dash = text.lastIndexOf("-");
  const end = dash > colon ? dash : text.length;
  return { epoch: text.slice(0, colon + 1), version: text.slice(colon + 1, end), release: text.slice(end + 1) };
}

/** Whether a version comes before another; false where one of them is none. */
export function isBefore(a: string, b: string): boolean {
  const [left, right] = [rpm.parse(a), rpm.parse(b)];
  return left !== undefined && right !== undefined && rpm.compare(left, right) < 0;
}

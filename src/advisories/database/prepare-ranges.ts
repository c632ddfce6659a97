import type { Affected, AffectedRange } from "../../model/findings/advisory.ts";
import { ecosystemBase } from "../../model/packages/package-name.ts";
import { schemeOf } from "../../versions/ecosystems.ts";
import { ascendingBounds, evaluateRange } from "../../versions/range-evaluation.ts";
import type { VersionScheme } from "../../versions/version-scheme.ts";
import type { WrittenEntry } from "./stored-entry.ts";

// Facts that are the same at every look at an entry are computed once, when the entry is written.
//
// Most records list the versions that their ranges cover as well. A version in a range is affected by the range, and
// one that is equal to it in another way of writing lies in the range too; so of the list only the others can decide
// anything.

/** What takes the place of an entry's `ranges`, and what is said of its `versions`. */
type PreparedRanges = Pick<WrittenEntry, "ranges" | "type" | "bounds" | "unranged">;

/**
 * What an entry's ranges say by themselves. `type` and `bounds` stand for them, where all are of one type and
 * `ascendingBounds` has each; else they are `ranges`. `unranged` has those of the entry's versions that lie in none of
 * its ranges, what cannot be compared among them; it is absent when that is all of them, and in Go, where some versions
 * stand for none. Without an order of versions, and where the suffix of the ecosystem chooses another order, nothing is
 * concluded.
 */
export function prepareRanges({ package: named, ranges, versions = [] }: Affected): PreparedRanges {
  if (!ranges?.length) return ranges ? { ranges } : {};
  const ecosystem = named?.ecosystem ?? "";
  const base = ecosystemBase(ecosystem);
  const scheme = schemeOf(ecosystem);
  if (scheme === undefined || scheme !== schemeOf(base)) return { ranges };
  const written = boundsOf(ranges, scheme) ?? { ranges };
  if (base === "Go" || versions.length === 0 || !isCheap(ranges, versions.length)) return written;
  const compared = ranges.filter(({ type }) => type !== "GIT");
  const unranged = versions.filter((text) => !isInside(text, compared, scheme));
  return unranged.length === versions.length ? written : { ...written, unranged };
}

function boundsOf(
  ranges: readonly AffectedRange[],
  scheme: VersionScheme<unknown>,
): Pick<WrittenEntry, "type" | "bounds"> | undefined {
  const type = ranges[0]?.type;
  if (type === "GIT" || ranges.some((range) => range.type !== type || range.repo !== undefined)) return undefined;
  const bounds = ranges.map((range) => ascendingBounds(range, scheme));
  return bounds.every((texts) => texts !== undefined) ? { type, bounds } : undefined;
}

function isInside(text: string, ranges: readonly AffectedRange[], scheme: VersionScheme<unknown>): boolean {
  const version = scheme.parse(text);
  if (version === undefined) return false;
  return ranges.some((range) => {
    const result = evaluateRange(range, { text, version, scheme });
    if (!("inside" in result && result.inside)) return false;
    // What it stands for must lie in the range too.
    const end = result.fixed === undefined ? undefined : scheme.parse(result.fixed);
    return end === undefined || scheme.standsFor?.(version, end) !== true;
  });
}

/** A bound on what a record can make us do. */
function isCheap(ranges: readonly AffectedRange[], versions: number): boolean {
  const events = ranges.reduce((sum, range) => sum + range.events.length, 0);
  return events * versions <= mostComparisons;
}

const mostComparisons = 1_000_000;

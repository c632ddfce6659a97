import type { Advisory } from "../../../model/findings/advisory.ts";
import type { VulnerabilityFinding } from "../../../model/findings/finding.ts";
import { isKnownTime } from "../../../model/findings/known-time.ts";

/** What readers of a report want beside the result of matching. */
export type RecordDescription = Pick<VulnerabilityFinding, "published" | "modified" | "references">;

/** More than the records of any vulnerability have; a bound on what a record can put into a report. */
const mostReferences = 20;
const longestReference = 2048;
const first: readonly string[] = ["ADVISORY", "FIX", "REPORT"];

/** The dates and addresses that the records of one vulnerability name. They are not needed for matching. */
export function describeRecords(records: readonly Advisory[]): RecordDescription {
  const published = records.flatMap((record) => knownTime(record.published)).sort();
  const modified = records.flatMap((record) => knownTime(record.modified)).sort();
  const references = referencesOf(records);
  return {
    ...(published[0] !== undefined && { published: published[0] }),
    ...(modified.length > 0 && { modified: modified.at(-1) ?? "" }),
    ...(references.length > 0 && { references }),
  };
}

function knownTime(time: string | undefined): string | [] {
  return time !== undefined && isKnownTime(time) && !Number.isNaN(Date.parse(time)) ? time : [];
}

function referencesOf(records: readonly Advisory[]): readonly string[] {
  const all = records.flatMap(({ references = [] }) => references);
  const rank = (type: string): number => (first.includes(type) ? first.indexOf(type) : first.length);
  const addresses = all
    .filter(({ url }) => url.length <= longestReference && /^https?:\/\/\S+$/.test(url))
    .toSorted((a, b) => rank(a.type) - rank(b.type))
    .map(({ url }) => url);
  return [...new Set(addresses)].slice(0, mostReferences);
}

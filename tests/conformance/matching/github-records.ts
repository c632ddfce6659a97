import type { Advisory, AffectedRange, RangeEvent } from "../../../src/model/findings/advisory.ts";
import records from "./github-records.json" with { type: "json" };

/** What one of GitHub's records says of one package. */
interface GitHubRecord {
  /** The CVE, where there is one. */
  readonly alias?: string;
  /** RFC 3339, of the revision that was read. */
  readonly modified: string;
  /** RFC 3339. */
  readonly withdrawn?: string;
  /** Ranges in GitHub's words: `< 2.2.24`, `>= 3.0, < 3.1.12`, `<= 1.9.0`. */
  readonly affected: readonly string[];
}

/** By ecosystem, package and id. */
type GitHubRecords = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, GitHubRecord>>>>>>;

/**
 * Facts from the GitHub Advisory Database (github.com/github/advisory-database, CC BY 4.0): ids, packages and versions, and none of its
 * prose.
 *
 * They are chosen by a rule that does not look at what a scan finds. Of the labels in the corpus, those count whose package has the form
 * of a Go module's path or a name that PyPI's records in the bucket know, whatever the label says and whether the bucket has a record
 * of its id or not; Go's own library is no module, and GitHub has no records of it. Of the database, every reviewed record is here that
 * names such a label's package and has its id or its CVE among id and aliases. Withdrawn ones are marked; a database leaves them out.
 *
 * Each record is as in the newest revision found in a stored copy of github.com/aquasecurity/vuln-list, which keeps GitHub's answers as
 * one file for each package and record: at commit 720d53e2615393f491a5140753dafa4dd8ce8d4e of October 2025 where the copy has the file
 * there, else at an earlier one; `modified` tells how new. Where GitHub writes a name of PyPI in two ways, the ranges of both are one
 * list. A range ends as GitHub's OSV files have it: before the first fixed version, or where there is none with the last affected one.
 */
export const gitHubRecords: readonly Advisory[] = Object.entries(records as GitHubRecords).flatMap(
  ([ecosystem, packages]) =>
    Object.entries(packages).flatMap(([name, byId]) =>
      Object.entries(byId).map(([id, { alias, affected, ...times }]) => ({
        id,
        ...times,
        aliases: alias === undefined ? [] : [alias],
        affected: [{ package: { ecosystem, name }, ranges: affected.map(rangeOf) }],
      })),
    ),
);

function rangeOf(text: string): AffectedRange {
  const events: RangeEvent[] = text.split(", ").map((bound) => {
    const [operator, version = ""] = bound.split(" ");
    if (operator === ">=") return { introduced: version };
    if (operator === "<") return { fixed: version };
    if (operator === "<=") return { last_affected: version };
    throw new Error(`"${text}" is not a range`);
  });
  return { type: "ECOSYSTEM", events: events[0]?.introduced === undefined ? [{ introduced: "0" }, ...events] : events };
}

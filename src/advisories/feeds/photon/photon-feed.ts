import { PlimsollError } from "../../../model/error.ts";
import { isCveId } from "../../../model/findings/cve-id.ts";
import type { VexStatement } from "../../../model/findings/vex.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { FeedSource } from "../../feed-source.ts";
import { addressesOf, fetchTogether } from "../../fetch-together.ts";
import { feedMalformed, readFeedJson } from "../../read-feed-file.ts";
import { erratumAdvisory } from "../errata/erratum.ts";
import { FixLines } from "../errata/fix-lines.ts";
import { affectedBy, type RpmFix } from "../errata/rpm-fix.ts";

// photon_versions.json: {"branches": ["1.0", …]}. cve_data_photonX.Y.json: a list of {cve_id, pkg, cve_score, aff_ver,
// res_ver, status}. `res_ver` is the version with the fix, or NA; `aff_ver` says the same in words: "all versions
// before 7.88.1-4.ph4 are vulnerable", or NA; `status`, which older files lack, is Fixed or Not Affected. `cve_score`
// is a CVSS base score without its vector, or null. `cve_id` may also be a name that only the publisher's tool knows
// (BDSA-…, UNK-…).

const ecosystem = "Photon OS";
const versionsFile = "photon_versions.json";
const versionsTitle = "the list of Photon OS releases";
const largestVersions: number = 1024 * 1024;
const largestFile: number = 256 * 1024 * 1024;
const mostReleases = 100;

/** What Broadcom (formerly VMware) knows of vulnerabilities in Photon OS: fixed, not fixed, and not affected. */
export const photonFeed: AdvisoryFeed = {
  id: "photon",
  revision: 2,
  title: "Photon OS CVE metadata",
  ecosystems: [ecosystem],
  address: "https://packages.broadcom.com/photon/photon_cve_metadata/",
  licence: "not stated",
  redistributable: true,
  fetch,
  parse,
};

async function* fetch(source: FeedSource, { previous }: FetchOptions): AsyncGenerator<FeedPart> {
  const versions = await source.fetch(versionsFile, { maxBytes: largestVersions });
  const releases = versions.kind === "file" ? releasesOf(versions.path) : [];
  if (releases.length === 0) throw feedMalformed(versionsTitle, "it lists no releases");
  const files = releases.map((release) => ({ address: `cve_data_photon${release}.json`, maxBytes: largestFile }));
  yield await fetchTogether(source, { part: "all", previous: previous("all"), files: () => files });
}

function releasesOf(path: string): string[] {
  const value = readFeedJson(path, { title: versionsTitle, maxBytes: largestVersions });
  const branches = isJsonObject(value) ? value["branches"] : undefined;
  if (!Array.isArray(branches)) return [];
  const usable = branches.filter((branch) => typeof branch === "string" && /^\d{1,3}\.\d{1,3}$/.test(branch));
  return [...new Set(usable as string[])].slice(0, mostReleases);
}

/** Known facts about one CVE. */
interface Known {
  readonly lines: FixLines;
  score?: number | undefined;
  readonly notAffected: { readonly ecosystem: string; readonly name: string }[];
}

function* parse(part: FeedPart, context: Context): Generator<FeedItem> {
  const cves = new Map<string, Known>();
  for (const [index, title] of addressesOf(part).entries()) {
    const path = part.files[index];
    const release = /^cve_data_photon(\d+\.\d+)\.json$/.exec(title)?.[1];
    if (path === undefined || release === undefined) continue;
    const rows = readFeedJson(path, { title, maxBytes: largestFile });
    if (!Array.isArray(rows)) throw feedMalformed(title, "it is not a list");
    for (const row of rows as unknown[]) {
      if (context.signal.aborted) throw new PlimsollError("cancelled", "the update was cancelled");
      note(row, { cves, release, context });
    }
  }
  for (const [cve, known] of cves) yield* itemsOf(cve, known);
}

function note(
  row: unknown,
  { cves, release, context }: { cves: Map<string, Known>; release: string; context: Context },
): void {
  const cve = isJsonObject(row) ? row["cve_id"] : undefined;
  if (!isJsonObject(row) || typeof cve !== "string") {
    context.problem({ code: "unreadable", message: `an entry for Photon OS ${release} has no CVE` });
    return;
  }
  const name = row["pkg"];
  if (!isCveId(cve)) {
    if (/^(BDSA|UNK)-/.test(cve)) return;
    const message = `an entry for Photon OS ${release} (${shown(name)}) has an invalid CVE: ${shown(cve)}`;
    context.problem({ code: "unreadable", message });
    return;
  }
  const known: Known = cves.get(cve) ?? { lines: new FixLines(cve, context), notAffected: [] };
  cves.set(cve, known);
  if (typeof name !== "string") {
    known.lines.lose(`has an entry for Photon OS ${release} without a package`);
    return;
  }
  const score = row["cve_score"];
  if (typeof score === "number" && score >= 0 && score <= 10) known.score ??= score;
  const place = { ecosystem: `${ecosystem}:${release}`, name };
  if (row["status"] === "Not Affected") {
    known.notAffected.push(place);
    return;
  }
  known.lines.add({ ...place, ...fixOf(row) });
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 100)) : "no package";
}

/** Without a version nothing is known but that the package is meant; the publisher's words for it become the reason. */
function fixOf(row: JsonObject): Pick<RpmFix, "fixed" | "reason"> {
  const fixed = row["res_ver"] ?? "NA";
  // A value that is not text is not a version either.
  if (fixed !== "" && fixed !== "NA") return { fixed: typeof fixed === "string" ? fixed : JSON.stringify([fixed]) };
  const status = row["status"];
  return typeof status === "string" && status !== ""
    ? { reason: `${status.slice(0, 100)}, in no version that is named` }
    : {};
}

function* itemsOf(cve: string, { lines, score, notAffected }: Known): Generator<FeedItem> {
  const id = `PHOTON-${cve}`;
  const word = score === undefined ? undefined : wordOf(score);
  const severities = word ? [{ source: ecosystem, type: "word" as const, score: word }] : [];
  yield* lines.items(id, (fixes) => erratumAdvisory({ id, cves: [cve], severities, affected: affectedBy(fixes, []) }));
  const placeOf = (place: { readonly ecosystem: string; readonly name: string }): string =>
    `${place.ecosystem} ${place.name}`;
  // Another row for the same package that gives a version counts for more.
  const seen = new Set(lines.fixes.map(placeOf));
  for (const place of notAffected) {
    if (seen.has(placeOf(place))) continue;
    seen.add(placeOf(place));
    const statement: VexStatement = {
      vulnerability: { name: cve },
      products: [],
      status: "not_affected",
      impact_statement: "Not Affected",
      author: photonFeed.title,
    };
    yield { kind: "statement", ...place, statement };
  }
}

/** Source: CVSS 3.1, section 5, "Qualitative Severity Rating Scale". */
function wordOf(score: number): string {
  if (score >= 9) return "Critical";
  if (score >= 7) return "High";
  if (score >= 4) return "Medium";
  return score > 0 ? "Low" : "None";
}

import type { RandomAccess } from "../../../io/bytes/random-access.ts";
import { type Advisory, type Affected, extensionKey } from "../../../model/findings/advisory.ts";
import { unknownTime } from "../../../model/findings/known-time.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import { dpkg } from "../../../versions/dpkg.ts";
import type { FeedItem } from "../../feed-item.ts";
import { feedMalformed, feedOverLimit } from "../../read-feed-file.ts";
import { shortenText } from "../../shorten-text.ts";
import { standingIn } from "../../standing-in.ts";
import type { ListedFix } from "./advisory-list.ts";
import { debianReleases, testingAmong, withoutNumber } from "./debian-releases.ts";
import { type MemberPlace, nestedMembers } from "./nested-members.ts";
import { testingVerdict } from "./testing-verdict.ts";
import {
  hasOddVersion,
  isResolvedSomehow,
  isTrackerRelease,
  rangeBefore,
  readTrackerRelease,
  specificOf,
} from "./tracker-release.ts";

// The security tracker's JSON has a member for each source package, in it one for each vulnerability (a CVE, or TEMP-…
// while there is no number), and there `description` and `releases`, by code name. It is some 80 MB long, so only the
// places of the vulnerabilities are kept while it is read; records, which are about one vulnerability in all packages,
// are made from what is read again at those places.

const label = "the Debian Security Tracker JSON";
const author = "Debian Security Tracker";
/** Joined to testing. */
const unstable = "sid";
/** Number of fixes: one for each CVE in one package of one release; both lists together have some 100,000. */
const mostFixes = 5_000_000;
const largestMember: number = 4 * 1024 * 1024;
/** Largest value that is not an object; the package with the most vulnerabilities has some 10 MB. */
const largestPlain: number = 64 * 1024 * 1024;

/** What {@link debianItems} reads. */
export interface DebianFiles {
  readonly tracker: RandomAccess;
  /** Fixes of the DSA and DLA lists, newest first in each. */
  readonly listed: Iterable<ListedFix>;
  readonly context: Context;
}

/**
 * The items of the security tracker by identifier: for each vulnerability a record, then what is not affected. The
 * record of a vulnerability that is only partly readable is a stand-in for the one that was there. The advisories that
 * brought fixes are `related`; where the tracker's JSON no longer has a release at all, their versions stand in for it.
 * Statements about unstable are joined to testing: {@link testingVerdict}.
 *
 * Errors: `feed-malformed` when the file is not the tracker's, or holds nothing; `limit-exceeded`.
 */
export function* debianItems({ tracker, listed, context }: DebianFiles): Generator<FeedItem> {
  const index = indexTracker(tracker, context);
  const fixes = new Map<string, ListedFix[]>();
  let count = 0;
  for (const fix of listed) {
    count += fix.cves.length;
    if (count > mostFixes) throw feedOverLimit(`the Debian advisory lists contain more than ${mostFixes} CVE fixes`);
    for (const cve of fix.cves) append(fixes, cve, fix);
  }
  const { unreadable, releases } = index;
  for (const id of [...new Set([...index.places.keys(), ...fixes.keys(), ...unreadable])].sort()) {
    const packages = (index.places.get(id) ?? [])
      .map((place) => ({ name: place.package, content: readMember(tracker, place) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    reportDuplicates(id, packages, context);
    const items = itemsOf({ id, packages, fixes: fixes.get(id) ?? [], releases });
    yield* unreadable.has(id) ? standingIn({ prefix: "DEBIAN", vulnerability: id }, items) : items;
  }
}

function reportDuplicates(id: string, packages: readonly { readonly name: string }[], { problem }: Context): void {
  const twice = packages.find(({ name }, index) => name === packages[index + 1]?.name);
  if (!twice) return;
  problem({
    code: "unreadable",
    message: `${label} lists ${id} twice for ${twice.name}; if the entries differ, the package counts as affected`,
  });
}

interface Place {
  readonly package: string;
  readonly offset: number;
  readonly length: number;
}

interface TrackerIndex {
  readonly places: ReadonlyMap<string, readonly Place[]>;
  /** The code names that the file has. */
  readonly releases: ReadonlySet<string>;
  /** The identifiers of which something cannot be read. */
  readonly unreadable: ReadonlySet<string>;
}

function indexTracker(tracker: RandomAccess, { problem }: Context): TrackerIndex {
  const places = new Map<string, Place[]>();
  const releases = new Set<string>();
  const unreadable = new Set<string>();
  const withoutVersion: string[] = [];
  const plain = ({ outer, offset, length }: MemberPlace): void => {
    const message = `${label} has an entry for ${shownName(outer)} that is not a map of vulnerabilities`;
    problem({ code: "unreadable", message });
    const text = tracker.read(offset, Math.min(length, largestPlain)).toString("latin1");
    for (const [id] of text.matchAll(/\b(?:CVE|TEMP)-[0-9A-Z]{4,7}-[0-9A-Z]{4,19}\b/g)) unreadable.add(id);
  };
  for (const { outer, inner: id, offset, length } of nestedMembers(tracker, { title: label, plain })) {
    const place = { package: outer, offset, length };
    const content =
      isIdentifier(id) && isPackage(outer) && length <= largestMember ? readMember(tracker, place) : undefined;
    if (!content) {
      const what = `${shownName(id)} in ${shownName(outer)}`;
      problem({ code: "unreadable", message: `${label} has an invalid entry for ${what}` });
      if (isIdentifier(id)) unreadable.add(id);
      continue;
    }
    const told = releasesOf(content);
    if (!told) {
      problem({ code: "unreadable", message: `${label} has no releases for ${id} in ${outer}` });
      unreadable.add(id);
    }
    for (const [release, said] of Object.entries(told ?? {})) {
      releases.add(release);
      const isOdd = hasOddVersion(said);
      if (isResolvedSomehow(said) && (debianReleases.has(release) || (release === unstable && isOdd))) {
        withoutVersion.push(`${id} in ${outer} for ${release}`);
        if (isOdd) unreadable.add(id);
      }
      if (isTrackerRelease(said)) continue;
      problem({
        code: "unreadable",
        message: `${label} has an unknown status for ${id} in ${outer} for ${shownName(release)}`,
      });
      if (debianReleases.has(release) || release === unstable) unreadable.add(id);
    }
    append(places, id, place);
  }
  if (withoutVersion.length > 0) {
    const message = `entries in ${label} that are resolved without a version were skipped: ${withoutVersion.length} (first: ${withoutVersion[0]})`;
    problem({ code: "unreadable", message });
  }
  for (const release of releases) {
    if (debianReleases.has(release) || withoutNumber.has(release)) continue;
    problem({
      code: "unreadable",
      message: `${label} lists the unknown release ${shownName(release)}`,
    });
  }
  if (places.size === 0) throw feedMalformed(label, "it contains no vulnerabilities");
  return { places, releases, unreadable };
}

function shownName(release: string): string {
  return JSON.stringify(release.slice(0, 80));
}

function isIdentifier(text: string): boolean {
  return /^[A-Z]+(?:-[0-9A-Za-z]+){1,4}$/.test(text) && text.length <= 60;
}

function isPackage(text: string): boolean {
  return /^[a-z0-9][a-z0-9+.-]{0,150}$/i.test(text);
}

function readMember(tracker: RandomAccess, { offset, length }: Place): JsonObject | undefined {
  const value = parseJson(tracker.read(offset, length).toString("utf8"));
  return isJsonObject(value) ? value : undefined;
}

/** Where there are none, `releases` is an empty list. Undefined for another shape. */
function releasesOf({ releases }: JsonObject): JsonObject | undefined {
  if (isJsonObject(releases)) return releases;
  return Array.isArray(releases) && releases.length === 0 ? {} : undefined;
}

interface VulnerabilityParts {
  readonly id: string;
  readonly packages: readonly { readonly name: string; readonly content: JsonObject | undefined }[];
  readonly fixes: readonly ListedFix[];
  readonly releases: ReadonlySet<string>;
}

function* itemsOf({ id, packages, fixes, releases }: VulnerabilityParts): Generator<FeedItem> {
  const testing = testingAmong(releases);
  const affected: Affected[] = [];
  const clear: { readonly ecosystem: string; readonly name: string }[] = [];
  for (const { name, content } of packages) {
    if (!content) continue;
    const told = new Map(Object.entries(releasesOf(content) ?? {}));
    for (const [release, number] of debianReleases) {
      const said = told.get(release);
      const verdict = release === testing ? testingVerdict(said, told.get(unstable)) : readTrackerRelease(said);
      const ecosystem = `Debian:${number}`;
      if (verdict?.kind === "not-affected") clear.push({ ecosystem, name });
      if (verdict?.kind !== "affected") continue;
      const { ranges, versions, urgency, extension } = verdict;
      affected.push({
        package: { ecosystem, name },
        ...(ranges.length > 0 && { ranges }),
        ...(versions && { versions }),
        ...(urgency !== undefined && { ecosystem_specific: { urgency } }),
        database_specific: specificOf(extension),
      });
    }
  }
  const open = new Set(affected.map((entry) => `${entry.package?.name} ${entry.package?.ecosystem}`));
  affected.push(...formerReleases(fixes, releases));
  if (affected.length > 0) yield { kind: "advisory", advisory: advisoryOf({ id, packages, fixes, affected }) };
  for (const { ecosystem, name } of clear) {
    if (open.has(`${name} ${ecosystem}`)) continue;
    const statement = { vulnerability: { name: id }, products: [], status: "not_affected", author } as const;
    yield { kind: "statement", ecosystem, name, statement };
  }
}

/**
 * The fixes of advisories in releases that the JSON does not have. When several advisories of both lists are about the
 * same package, the lowest version counts: later ones repaired the fix, or fixed more.
 */
function formerReleases(fixes: readonly ListedFix[], releases: ReadonlySet<string>): Affected[] {
  const lowest = new Map<string, { readonly number: string; readonly name: string; readonly version: string }>();
  for (const { release, package: name, version } of fixes) {
    const number = debianReleases.get(release);
    if (number === undefined || releases.has(release) || !isPackage(name)) continue;
    const key = `${name} ${number}`;
    const known = lowest.get(key);
    if (known === undefined || !isLower(known.version, version)) lowest.set(key, { number, name, version });
  }
  return [...lowest]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { number, name, version }]) => ({
      package: { ecosystem: `Debian:${number}`, name },
      ranges: rangeBefore(version),
      database_specific: specificOf({ names: "source" }),
    }));
}

/** Text that is not a version is never lower. */
function isLower(version: string, than: string): boolean {
  const [a, b] = [dpkg.parse(version), dpkg.parse(than)];
  return a !== undefined && (b === undefined || dpkg.compare(a, b) < 0);
}

function advisoryOf({
  id,
  packages,
  fixes,
  affected,
}: Omit<VulnerabilityParts, "releases"> & { readonly affected: readonly Affected[] }): Advisory {
  const descriptions = packages.map(({ content }) => content?.["description"]);
  const details = descriptions.find((text): text is string => typeof text === "string" && text !== "");
  const related = [...new Set(fixes.map(({ advisory }) => advisory))].sort();
  const urgencies = new Set(affected.map(({ ecosystem_specific: specific }) => specific?.["urgency"]));
  const [urgency] = urgencies.size === 1 ? urgencies : [];
  return {
    id: `DEBIAN-${id}`,
    modified:
      fixes
        .map(({ date }) => date)
        .sort()
        .at(-1) ?? unknownTime,
    ...(related.length > 0 && { related }),
    upstream: [id],
    ...(details !== undefined && { details: shortenText(details) }),
    affected,
    references: [{ type: "ADVISORY", url: `https://security-tracker.debian.org/tracker/${id}` }],
    ...(typeof urgency === "string" && {
      database_specific: { [extensionKey]: { severities: [{ source: "Debian", type: "word", score: urgency }] } },
    }),
  };
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

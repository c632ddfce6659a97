import type { Advisory, Affected, AffectedRange, RangeEvent } from "../../../model/findings/advisory.ts";
import { parseJson } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import { compareVersions } from "../../../versions/ecosystems.ts";
import type { AdvisoryFeed, FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { FeedSource } from "../../feed-source.ts";
import { fetchTogether, type TogetherFile } from "../../fetch-together.ts";
import { feedMalformed } from "../../read-feed-file.ts";
import { archivedRecords } from "../osv/osv-archive.ts";
import { osvFeed } from "../osv/osv-feed.ts";
import { isOsvId, readOsvRecord } from "../osv/osv-record.ts";
import { type PodVersions, podsOfRepositories, repositoryOf } from "./pod-repositories.ts";

const ecosystem = "CocoaPods";
const origin = "SwiftURL";
const title = `the archive of ${origin}`;
const files: readonly TogetherFile[] = [
  { address: `${osvFeed.address}${origin}/all.zip`, maxBytes: 256 * 1024 * 1024 },
  { address: "archive/refs/heads/master.tar.gz", maxBytes: 4 * 1024 ** 3 },
];

/**
 * Advisories for pods. CocoaPods does not publish any: this feed applies GitHub's advisories for Swift packages, which
 * name repositories, to the pods that come from these repositories according to CocoaPods' own specs. Where a pod has
 * the versions of the repository's tags, the advisory's ranges are the pod's; where it counts on its own, those of its
 * versions are listed whose tags are affected. The ids are those of the advisories after `COCOAPODS-`.
 *
 * Source: OSV.dev's export of `SwiftURL`; github.com/CocoaPods/Specs, `source.git` of the specs.
 */
export const cocoapodsFeed: AdvisoryFeed = {
  id: "cocoapods",
  revision: 2,
  title: "CocoaPods, from GitHub's advisories for Swift",
  ecosystems: [ecosystem],
  address: "https://github.com/CocoaPods/Specs/",
  licence: "CC-BY-4.0 (advisories), MIT (specs)",
  redistributable: true,
  optional: true,
  async *fetch(source: FeedSource, { previous }: FetchOptions): AsyncGenerator<FeedPart> {
    yield await fetchTogether(source, { part: "all", previous: previous("all"), files: () => files });
  },
  parse,
};

async function* parse({ files: [advisories, specs] }: FeedPart, context: Context): AsyncGenerator<FeedItem> {
  if (advisories === undefined || specs === undefined) throw feedMalformed(title, "it was not downloaded");
  const { records, unreadable } = readRecords(advisories, context);
  const repositories = new Set(records.flatMap(({ affected = [] }) => affected.flatMap(repositoryIn)));
  if (repositories.size === 0) throw feedMalformed(title, "it contains no records for Swift packages");
  const pods = await podsOfRepositories(specs, { repositories, context });
  for (const record of records) {
    const affected = (record.affected ?? []).flatMap((entry) => entriesOf(entry, pods));
    if (affected.length === 0) continue;
    const aliases = [...new Set([record.id, ...(record.aliases ?? [])])];
    yield { kind: "advisory", advisory: { ...record, id: podId(record.id), aliases, affected } };
  }
  for (const id of unreadable) yield { kind: "unreadable", id: podId(id) };
}

function podId(id: string): string {
  return `COCOAPODS-${id}`;
}

interface Records {
  readonly records: readonly Advisory[];
  /** The ids of those that cannot be read, by the names of their files. */
  readonly unreadable: readonly string[];
}

function readRecords(path: string, { problem }: Context): Records {
  const records: Advisory[] = [];
  const unreadable: string[] = [];
  for (const { name, text } of archivedRecords(path, title)) {
    const reading = text === undefined ? { refused: "it cannot be unpacked" } : readOsvRecord(parseJson(text));
    if ("refused" in reading) {
      problem({ code: "unreadable", message: `${name} is not a valid OSV record: ${reading.refused}`, path: name });
      const id = name.slice(0, -".json".length);
      if (isOsvId(id)) unreadable.push(id);
      continue;
    }
    records.push(reading.advisory);
    const { leftOut } = reading;
    if (leftOut)
      problem({ code: "unreadable", message: `${name} was only partly read: ${leftOut.join(", ")}`, path: name });
  }
  return { records, unreadable };
}

function repositoryIn({ package: named }: Affected): string[] {
  return named?.ecosystem === origin ? [repositoryOf(named.name)] : [];
}

type Pods = ReadonlyMap<string, ReadonlyMap<string, PodVersions>>;

function entriesOf(entry: Affected, pods: Pods): Affected[] {
  const named = repositoryIn(entry).flatMap((repository) => [...(pods.get(repository) ?? [])]);
  const ranges = (entry.ranges ?? []).map(({ events }) => ({ type: "ECOSYSTEM" as const, events }));
  return named.flatMap(([name, versions]): Affected[] => {
    const own = { ...entry, package: { ecosystem, name } };
    if (hasVersionsOfTags(versions)) return [{ ...own, ranges }];
    const affected = [...versions].filter(([, tag]) => isAffected(tag, entry)).map(([version]) => version);
    return affected.length === 0 ? [] : [{ ...own, versions: affected, ranges: [] }];
  });
}

function hasVersionsOfTags(versions: PodVersions): boolean {
  return [...versions].every(([version, tag]) => version === tag || compareVersions(origin, version, tag) === 0);
}

/** A version that cannot be compared may be affected. */
function isAffected(tag: string, { ranges = [], versions = [] }: Affected): boolean {
  return versions.includes(tag) || ranges.some((range) => isInside(tag, range));
}

function isInside(tag: string, { events }: AffectedRange): boolean {
  const last = events
    .map((event) => ({ event, version: boundOf(event) }))
    .toSorted((a, b) => orderOf(a.version, b.version))
    .findLast(({ event, version }) => {
      const order = orderOf(version, tag);
      return event.last_affected === undefined ? order <= 0 : order < 0;
    });
  return last?.event.introduced !== undefined;
}

function boundOf({ introduced, fixed, last_affected: last, limit }: RangeEvent): string {
  return introduced ?? fixed ?? last ?? limit ?? "";
}

/** 0 comes before everything; what cannot be compared counts as the same. */
function orderOf(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "0" || b === "0") return a === "0" ? -1 : 1;
  return compareVersions(origin, a, b) ?? 0;
}

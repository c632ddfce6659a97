import type { AdvisoryFeed, FeedPart } from "../../src/advisories/advisory-feed.ts";
import type { FeedItem } from "../../src/advisories/feed-item.ts";
import type { Position } from "../../src/advisories/feed-source.ts";
import { openFeedSource } from "../../src/advisories/open-feed-source.ts";
import { affectedExtension } from "../../src/model/findings/advisory.ts";
import { type ParsedPart, parsePart } from "./parse-part.ts";

/** Parses files as the whole of a part. */
export function parseFiles(feed: AdvisoryFeed, files: readonly string[]): Promise<ParsedPart> {
  return parsePart(feed, { name: "all", files });
}

/** Where a feed is fetched from, and what is at hand. */
export interface FetchPartsOptions {
  /** A folder or the address of a server. */
  readonly from: string;
  readonly workFolder: string;
  readonly previous?: Position | undefined;
}

/** Fetches the parts of a feed. */
export async function fetchParts(
  feed: AdvisoryFeed,
  { from, workFolder, previous }: FetchPartsOptions,
): Promise<FeedPart[]> {
  const { signal } = new AbortController();
  const source = openFeedSource({ base: feed.address, from, workFolder, signal, retryDelay: 1 });
  const parts: FeedPart[] = [];
  for await (const part of feed.fetch(source, { signal, previous: () => previous })) parts.push(part);
  return parts;
}

/** What one item says of one package in one release. */
export interface PackageFact {
  readonly id: string;
  readonly ecosystem: string;
  readonly name: string;
  /** `fixed VERSION`, `not affected`, or what the publisher says where there is no fix, `affected` when it says nothing. */
  readonly state: string;
  readonly reason?: string;
}

/** Every statement on a package, one by one; `id` is the CVE, or the record's when it has none. */
export function packageFacts(items: readonly FeedItem[]): PackageFact[] {
  return items.flatMap((item): PackageFact[] => {
    if (item.kind === "statement") {
      const { ecosystem, name, statement } = item;
      return [{ id: statement.vulnerability.name, ecosystem, name, state: "not affected" }];
    }
    if (item.kind !== "advisory") return [];
    const id = item.advisory.upstream?.[0] ?? item.advisory.id;
    return (item.advisory.affected ?? []).flatMap((entry) => {
      if (!entry.package) return [];
      const { status = "affected", reason } = affectedExtension(entry);
      const fixes = (entry.ranges ?? []).flatMap(({ events }) => events.flatMap(({ fixed }) => fixed ?? []));
      const state = fixes.length > 0 ? `fixed ${fixes.join(" ")}` : status;
      const { ecosystem, name } = entry.package;
      return [{ id, ecosystem, name, state, ...(reason !== undefined && { reason }) }];
    });
  });
}

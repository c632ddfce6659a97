import type { AdvisoryFeed } from "../../advisories/advisory-feed.ts";
import { ecosystemsOfOsv, feeds } from "../../advisories/feeds/builtin.ts";
import { endOfLifeFeed } from "../../advisories/feeds/end-of-life/end-of-life-feed.ts";
import { osvFeed } from "../../advisories/feeds/osv/osv-feed.ts";
import { sideTables } from "../../advisories/side-tables.ts";
import { PlimsollError } from "../../model/error.ts";

/** A feed of an update, and the part of it that is wanted. */
export interface ChosenFeed {
  readonly feed: AdvisoryFeed;
  /** Ecosystems without suffix; absent when everything is wanted. */
  readonly ecosystems?: readonly string[];
  /** The ecosystems that the user named, from `ecosystems`; absent without any. */
  readonly named?: readonly string[];
}

/**
 * The feeds of an update. `only` names feeds (`debian`) or ecosystems (`npm`, `Red Hat`), in any case; without it all
 * feeds but the optional ones. A feed comes with the side tables of its ecosystems.
 *
 * Error: `usage` for a name that is neither.
 */
export function chooseFeeds(only?: readonly string[]): readonly ChosenFeed[] {
  if (!only) return feeds.filter(({ optional }) => !optional).map(wholeFeed);
  const whole = new Set<AdvisoryFeed>();
  const named = new Map<AdvisoryFeed, Set<string>>();
  for (const name of only) {
    const feed = feeds.find(({ id }) => id === name.toLowerCase());
    if (feed) {
      whole.add(feed);
      continue;
    }
    const filling = feedOfEcosystem(name);
    if (!filling) throw unknownName(name);
    const known = named.get(filling.feed);
    if (known) known.add(filling.ecosystem);
    else named.set(filling.feed, new Set([filling.ecosystem]));
  }
  const wanted = [...[...whole].flatMap(ecosystemsOf), ...[...named.values()].flatMap((some) => [...some])];
  const tables = new Set(wanted.flatMap((ecosystem) => sideTables.get(ecosystem) ?? []));
  for (const feed of feeds) if (tables.has(feed.id)) whole.add(feed);
  return feeds.flatMap((feed): ChosenFeed[] => {
    const ecosystems = [...(named.get(feed) ?? [])].sort();
    if (whole.has(feed)) return [{ ...wholeFeed(feed), ...(ecosystems.length > 0 && { named: ecosystems }) }];
    return ecosystems.length > 0 ? [{ feed, ecosystems, named: ecosystems }] : [];
  });
}

/**
 * Which feed fills an ecosystem (without suffix, in any case), and how OSV writes its name. Undefined when none does.
 */
export function feedOfEcosystem(name: string): { readonly feed: AdvisoryFeed; readonly ecosystem: string } | undefined {
  const wanted = name.toLowerCase();
  for (const feed of feeds) {
    const ecosystem = ecosystemsOf(feed).find((candidate) => candidate.toLowerCase() === wanted);
    if (ecosystem !== undefined) return { feed, ecosystem };
  }
  return undefined;
}

/** The feeds among those of parts with items whose publishers do not allow others to pass the data on. */
export function nonRedistributable(
  parts: readonly { readonly feed: string; readonly items: number }[],
): readonly Pick<AdvisoryFeed, "title" | "licence">[] {
  const held = new Set(parts.flatMap(({ feed, items }) => (items > 0 ? feed : [])));
  return feeds.filter(({ id, redistributable }) => !redistributable && held.has(id));
}

/**
 * True when a part of a feed holds what is known of an ecosystem (without suffix), or what tells its advisories apart.
 */
export function isPartAbout(
  { feed, name }: { readonly feed: string; readonly name: string },
  ecosystem: string,
): boolean {
  if (feed === osvFeed.id) return name === ecosystem;
  return feedOfEcosystem(ecosystem)?.feed.id === feed || sideTables.get(ecosystem) === feed;
}

/**
 * The titles of the feeds that fill no ecosystem and say more about findings, by their ids; that of the ends of support
 * only for a target with a distribution.
 */
export function tableTitles(hasDistribution: boolean): ReadonlyMap<string, string> {
  const ofEcosystems = new Set(sideTables.values());
  const tables = feeds.filter(
    (feed) =>
      ecosystemsOf(feed).length === 0 &&
      !ofEcosystems.has(feed.id) &&
      (hasDistribution || feed.id !== endOfLifeFeed.id),
  );
  return new Map(tables.map(({ id, title }) => [id, title]));
}

/** OSV would give all that it has, also what publishers give better and what has no order of versions. */
function wholeFeed(feed: AdvisoryFeed): ChosenFeed {
  return feed === osvFeed ? { feed, ecosystems: ecosystemsOfOsv } : { feed };
}

function ecosystemsOf(feed: AdvisoryFeed): readonly string[] {
  return feed === osvFeed ? ecosystemsOfOsv : feed.ecosystems;
}

function unknownName(name: string): PlimsollError {
  const ecosystems = feeds.flatMap(ecosystemsOf).sort();
  return new PlimsollError("usage", `${JSON.stringify(name)} is neither a feed nor an ecosystem that a feed covers`, {
    hint: `Feeds: ${feeds.map(({ id }) => id).join(", ")}. Ecosystems: ${ecosystems.join(", ")}.`,
  });
}

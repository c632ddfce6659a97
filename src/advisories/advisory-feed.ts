import type { PlimsollError } from "../model/error.ts";
import type { Context, Plugin } from "../model/plugin.ts";
import type { FeedItem } from "./feed-item.ts";
import type { FeedSource, Position } from "./feed-source.ts";

/** A piece of a feed that is fetched, parsed and replaced as one. */
export interface FeedPart {
  /** Unique in the feed and the same at every update: `npm`, `v3.19/main`. */
  readonly name: string;
  /**
   * `whole`: its files hold everything, and what the last update brought goes. `changes`: they hold what changed since
   * then. `unchanged`: there are no files and what the last update brought stays.
   */
  readonly state: "whole" | "changes" | "unchanged";
  /** On the local disk, in the order in which they are to be parsed; they go when the update ends. */
  readonly files: readonly string[];
  /**
   * What each of the files is of, where `parse` cannot tell that from the file alone. Behind them may come what was
   * asked for and has no file, because it is too long.
   */
  readonly subjects?: readonly string[];
  /** What `previous` gives for this part at the next update. */
  readonly position: Position;
}

/** What a feed needs to fetch. */
export interface FetchOptions {
  readonly signal: AbortSignal;
  /** The position of a part in the existing database; undefined for a part that it does not hold. */
  readonly previous: (part: string) => Position | undefined;
  /** The wanted ones of the feed's ecosystems (without suffix), one at least; all when absent. More may be brought. */
  readonly ecosystems?: readonly string[];
  /** The members of `ecosystems` that the user named: a publisher without data for one of them is a failure. */
  readonly named?: readonly string[];
  /**
   * The ids of the `unreadable` items without `again` that the last update gave of a part, to be asked for again where
   * that can be done; undefined when they are too many, so that all of the part is to be fetched.
   */
  readonly refused?: (part: string) => readonly string[] | undefined;
  /**
   * Takes why one part could not be fetched (`feed-unreachable`, `feed-malformed`, `limit-exceeded`) when others
   * perhaps can: what the last update brought of it stays. Without it the feed throws.
   */
  readonly failed?: (part: string, cause: PlimsollError) => void;
}

/** A publisher's advisories. `fetch` touches network and disk, `parse` reads only the files that it is given. */
export interface AdvisoryFeed extends Plugin {
  /** As reports and documents print it: `Debian Security Tracker`. */
  readonly title: string;
  /** The OSV ecosystems (without suffix) that it fills; empty for a side table. */
  readonly ecosystems: readonly string[];
  /** Absolute; what relative addresses begin with. Ends in a slash. */
  readonly address: string;
  /** The publisher's terms, as an SPDX identifier or a short phrase. */
  readonly licence: string;
  /** False when the publisher does not allow others to pass the data on. */
  readonly redistributable: boolean;
  /** True when an update fetches it only when it is named. */
  readonly optional?: boolean;
  /**
   * The parts, one after the other in an order that does not change.
   *
   * Errors: those of {@link FeedSource.fetch}, `usage`.
   */
  fetch(source: FeedSource, options: FetchOptions): AsyncIterable<FeedPart>;
  /**
   * The items of a part that is not `unchanged`, always in the same order; what cannot be read is a problem.
   * Error: `feed-malformed` when the files are not what the publisher gives at all.
   */
  parse(part: FeedPart, context: Context): AsyncIterable<FeedItem> | Iterable<FeedItem>;
}

import { osvFeed } from "../../advisories/feeds/osv/osv-feed.ts";
import { type ChosenFeed, chooseFeeds } from "./choose-feeds.ts";
import { type UpdatedDatabase, type UpdateProgress, updateDatabase } from "./update-database.ts";

/** What to build from and where to. */
export type BuildDatabaseOptions = BuildSource & {
  /** The database file; what is there is replaced in one step when the new one is complete. */
  readonly output: string;
  /** RFC 3339: the time that the database states. The same files at the same time give the same bytes. */
  readonly builtAt: string;
  readonly signal: AbortSignal;
  readonly progress?: (progress: UpdateProgress) => void;
};

/** A bucket of OSV records, or a mirror of all publishers' files: folders or http(s) addresses. */
export type BuildSource =
  | {
      /** Laid out as OSV.dev's bulk export. */
      readonly from: string;
      /** Ecosystems without suffix, in any case; all that the bucket has when absent. */
      readonly only?: readonly string[];
    }
  | {
      /** `https://HOST/PATH` is at `MIRROR/HOST/PATH`. */
      readonly mirror: string;
      /** Feeds or ecosystems, as `chooseFeeds` takes them. */
      readonly only?: readonly string[];
    };

/**
 * Builds the database from nothing.
 *
 * Errors: `feed-unreachable`, `feed-malformed` (also when there is no record in it), `limit-exceeded`,
 * `output-not-written`, `cancelled`, `usage`. Whatever goes wrong, the database that was there before stays.
 */
export function buildDatabase(options: BuildDatabaseOptions): Promise<UpdatedDatabase> {
  const { output, builtAt, signal, progress, only } = options;
  const feeds: readonly ChosenFeed[] =
    "from" in options ? [{ feed: osvFeed, ...(only && { ecosystems: only, named: only }) }] : chooseFeeds(only);
  return updateDatabase({
    output,
    feeds,
    builtAt,
    signal,
    fresh: true,
    strict: true,
    access: "from" in options ? { insteadOfBase: options.from } : { mirror: options.mirror },
    ...(progress && { progress }),
  });
}

import { osvFeed } from "../../advisories/feeds/osv/osv-feed.ts";
import type { DatabaseStatus } from "../../model/findings/advisory.ts";
import { type ChosenFeed, chooseFeeds } from "./choose-feeds.ts";
import { refuseEarlierDate, statusOfReadable } from "./refuse-rollback.ts";
import { type UpdatedDatabase, type UpdateProgress, updateDatabase } from "./update-database.ts";

/** What to build from and where to. */
export type BuildDatabaseOptions = BuildSource & {
  /** The database file; an existing file is replaced in one step when the new one is complete. */
  readonly output: string;
  /** RFC 3339: the time that the database states. The same files at the same time give the same bytes. */
  readonly builtAt: string;
  /** The database in its place may have a later date. */
  readonly allowOlder?: boolean;
  readonly signal: AbortSignal;
  readonly progress?: (progress: UpdateProgress) => void;
};

/** What was built. */
export interface BuiltDatabase extends UpdatedDatabase {
  /** What was there before; undefined when there was none that can be read. */
  readonly replaced: DatabaseStatus | undefined;
}

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
 * Errors: `database-rollback`, `feed-unreachable`, `feed-malformed` (also when there is no record in it),
 * `limit-exceeded`, `output-not-written`, `cancelled`, `usage`. Whatever goes wrong, the database that was there before
 * stays.
 */
export async function buildDatabase(options: BuildDatabaseOptions): Promise<BuiltDatabase> {
  const { output, builtAt, signal, progress, only } = options;
  const feeds: readonly ChosenFeed[] =
    "from" in options ? [{ feed: osvFeed, ...(only && { ecosystems: only, named: only }) }] : chooseFeeds(only);
  const replaced = statusOfReadable(output);
  if (replaced && options.allowOlder !== true) refuseEarlierDate(replaced, { place: output, builtAt });
  const built = await updateDatabase({
    output,
    feeds,
    builtAt,
    signal,
    fresh: true,
    strict: true,
    access: "from" in options ? { insteadOfBase: options.from } : { mirror: options.mirror },
    ...(progress && { progress }),
  });
  return { ...built, replaced };
}

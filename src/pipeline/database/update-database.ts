import { AdvisoryDatabaseWriter } from "../../advisories/database/database-writer.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { KeptDownloads } from "../../io/http/kept-downloads.ts";
import type { PlimsollError } from "../../model/error.ts";
import type { DatabaseStatus } from "../../model/findings/advisory.ts";
import type { Problem } from "../../model/reports/problem.ts";
import type { ChosenFeed } from "./choose-feeds.ts";
import { DownloadFolder } from "./download-folder.ts";
import { nameWhatStays } from "./name-what-stays.ts";
import { sourceOf, UpdateRun, wasInterrupted } from "./update-run.ts";

/** What an update is made with. */
export interface UpdateOptions {
  /** The database file; an existing file is replaced in one step when the new one is complete. */
  readonly output: string;
  /** What to fetch; parts of other feeds stay as they are. */
  readonly feeds: readonly ChosenFeed[];
  /** RFC 3339: the time that the database states. The same feeds at the same time give the same bytes. */
  readonly builtAt: string;
  /** True to take no parts from the existing database. */
  readonly fresh?: boolean;
  /** True to refuse to begin again where the existing database cannot be read: parts of others would be lost. */
  readonly keepsOthers?: boolean;
  /**
   * True to stop when a feed fails; otherwise the feed's present part of the database stays, and the failure is
   * reported.
   */
  readonly strict?: boolean;
  /** How feeds are reached; by default at their publishers. */
  readonly access?: FeedAccess;
  readonly signal: AbortSignal;
  /** Called now and then with the feed and part in work and the number of items read from it so far. */
  readonly progress?: (progress: UpdateProgress) => void;
}

/** Where feeds are read from. */
export interface FeedAccess {
  /** A mirror, a folder or an http(s) address: `https://HOST/PATH` is at `MIRROR/HOST/PATH`. */
  readonly mirror?: string;
  /** A folder or an http(s) address that stands for the feed's own address. */
  readonly insteadOfBase?: string;
  /** Variables such as `HTTPS_PROXY`. */
  readonly proxy?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds without a byte after which a server counts as silent; a minute unless given. */
  readonly idleTimeout?: number;
  /** Attempts without progress before a request has failed; 5 unless given. */
  readonly attempts?: number;
  /** Told once, in a sentence, that a server is being waited for. */
  readonly waiting?: (sentence: string) => void;
}

/** How far an update is. */
export interface UpdateProgress {
  /** `writing` comes last, when all feeds are read. */
  readonly stage: "fetching" | "reading" | "writing";
  /** Its title. */
  readonly feed: string;
  /** Which feed of the update this is, from 1, and of how many. */
  readonly number: number;
  readonly of: number;
  /** The part that is read, or the file that is fetched for it. */
  readonly part: string;
  /** Items read from the part. */
  readonly items: number;
  /** Progress of the file that is fetched; `total` is absent when the server does not state the length. Bytes. */
  readonly download?: {
    readonly received: number;
    readonly total?: number;
    /** What an earlier update brought that was interrupted, when this one goes on from there. */
    readonly before?: number;
  };
}

/** What became of a feed. */
export interface UpdatedFeed {
  readonly id: string;
  readonly title: string;
  /** Parts that were fetched whole or in part, and parts that were as before. */
  readonly updated: number;
  readonly unchanged: number;
  /** The cause of the first of `failures`. */
  readonly failure?: PlimsollError;
  /** What could not be brought up to date; what was there before of it stays. */
  readonly failures: readonly UpdateFailure[];
}

/** What of a feed could not be brought up to date. */
export interface UpdateFailure {
  /** The name of the part; absent for what came last, all of it or what was left. */
  readonly part?: string;
  /** True when the database holds what an earlier update brought. */
  readonly wasThere: boolean;
  readonly cause: PlimsollError;
}

/** What an update brought. */
export interface UpdatedDatabase {
  readonly status: DatabaseStatus;
  readonly feeds: readonly UpdatedFeed[];
  /**
   * The first thousand records that were refused, or not read in full; also at earlier updates, in what has not changed
   * since.
   */
  readonly problems: readonly Problem[];
  /** How many records these are. */
  readonly refused: number;
}

/**
 * Fetches feeds and brings the database up to date with them.
 *
 * Errors: `feed-unreachable` and `feed-malformed` when no feed could be read (with `strict`, when one feed could not)
 * or the database would be empty; `database-malformed` for an existing database that must be read and cannot be, or
 * that a newer program wrote; `output-not-written`, `cancelled`, `usage`. Whatever goes wrong, the database that was
 * there before stays. Two updates of one database at the same time keep each other's changes. Downloaded parts of large
 * files stay too when the update is cancelled, killed or lacks a publisher: the next one goes on from there.
 */
export async function updateDatabase(options: UpdateOptions): Promise<UpdatedDatabase> {
  const { output, builtAt } = options;
  using writer = new AdvisoryDatabaseWriter(output);
  const mustBeReadable = options.keepsOthers === true;
  const previous = options.fresh === true ? undefined : writer.openPrevious({ mustBeReadable });
  using work = new DownloadFolder();
  using kept = new KeptDownloads(output);
  const run = new UpdateRun(options, { writer, previous, workFolder: work.path, kept });
  try {
    for (const chosen of options.feeds) await run.feed(chosen);
    run.keepTheRest();
    run.refuseNothing();
    const { length } = options.feeds;
    options.progress?.({ stage: "writing", feed: "", number: length, of: length, part: "", items: 0 });
    writer.finish({ builtAt, source: sourceOf(options.access), keeps: (part) => run.keeps(part) });
  } catch (cause) {
    if (wasInterrupted(cause)) kept.leaveAll();
    throw nameWhatStays(cause, output);
  } finally {
    kept.forget();
  }
  const index = openAdvisoryDatabase(output);
  index.close();
  return { status: index.status, feeds: run.feeds, problems: run.problems, refused: run.refused };
}

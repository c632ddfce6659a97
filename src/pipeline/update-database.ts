import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { AdvisoryFeed, FeedPart } from "../advisories/advisory-feed.ts";
import { AdvisoryDatabaseWriter } from "../advisories/database/database-writer.ts";
import { openAdvisoryDatabase } from "../advisories/database/open-advisory-database.ts";
import { type RecordedPart, readParts } from "../advisories/database/read-parts.ts";
import type { FeedSource } from "../advisories/feed-source.ts";
import { openFeedSource } from "../advisories/open-feed-source.ts";
import { KeptDownloads } from "../io/kept-downloads.ts";
import type { DatabaseStatus } from "../model/advisory.ts";
import { PlimsollError } from "../model/error.ts";
import type { Context } from "../model/plugin.ts";
import type { Problem } from "../model/problem.ts";
import type { ChosenFeed } from "./choose-feeds.ts";
import { DownloadFolder } from "./download-folder.ts";

/** What an update is made with. */
export interface UpdateOptions {
  /** The database file; what is there is replaced in one step when the new one is complete. */
  readonly output: string;
  /** What to fetch; parts of other feeds stay as they are. */
  readonly feeds: readonly ChosenFeed[];
  /** RFC 3339: the time that the database states. The same feeds at the same time give the same bytes. */
  readonly builtAt: string;
  /** True to take nothing from the database at hand. */
  readonly fresh?: boolean;
  /** True to give up when a feed fails; else what the database at hand holds of it stays, and the failure is told. */
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
  /** Of the file that is fetched; `total` is absent when the server does not say how long it is. Bytes. */
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
  /** Why it could not be brought up to date; what was there before stays. */
  readonly failure?: PlimsollError;
}

/** What an update brought. */
export interface UpdatedDatabase {
  readonly status: DatabaseStatus;
  readonly feeds: readonly UpdatedFeed[];
  /** The first thousand records that were refused. */
  readonly problems: readonly Problem[];
  /** How many records were refused. */
  readonly refused: number;
}

const mostProblems = 1000;
/** Items between two turns of the event loop, in which a signal can arrive. */
const batch = 250;

/**
 * Fetches feeds and brings the database up to date with them.
 *
 * Errors: `feed-unreachable` and `feed-malformed` when nothing of any feed could be read (with `strict`, when one feed could not) or the
 * database would be empty; `output-not-written`, `cancelled`, `usage`. Whatever goes wrong, the database that was there before stays.
 * What has arrived of large files stays too when the update is cancelled, killed or lacks a publisher: the next one goes on from there.
 */
export async function updateDatabase(options: UpdateOptions): Promise<UpdatedDatabase> {
  const { output, builtAt } = options;
  const previous = options.fresh === true ? undefined : previousDatabase(output);
  using writer = new AdvisoryDatabaseWriter(output);
  using work = new DownloadFolder();
  using kept = new KeptDownloads(output);
  const run = new UpdateRun(options, { writer, previous, workFolder: work.path, kept });
  try {
    for (const chosen of options.feeds) await run.feed(chosen);
    run.keepTheRest();
    run.refuseNothing();
    const { length } = options.feeds;
    options.progress?.({ stage: "writing", feed: "", number: length, of: length, part: "", items: 0 });
    writer.finish({ builtAt, source: sourceOf(options.access) });
  } catch (cause) {
    if (wasInterrupted(cause)) kept.leaveAll();
    throw cause;
  } finally {
    kept.forget();
  }
  const index = openAdvisoryDatabase(output);
  index.close();
  return { status: index.status, feeds: run.feeds, problems: run.problems, refused: run.refused };
}

interface Previous {
  readonly path: string;
  readonly parts: readonly RecordedPart[];
}

interface RunParts {
  readonly writer: AdvisoryDatabaseWriter;
  readonly previous: Previous | undefined;
  readonly workFolder: string;
  readonly kept: KeptDownloads;
}

/** One update: feeds one after the other into one writer. */
class UpdateRun {
  readonly feeds: UpdatedFeed[] = [];
  readonly problems: Problem[] = [];
  refused = 0;
  readonly #options: UpdateOptions;
  readonly #writer: AdvisoryDatabaseWriter;
  readonly #previous: Previous | undefined;
  readonly #workFolder: string;
  readonly #kept: KeptDownloads;
  readonly #written = new Set<string>();
  /** The feeds of which a part was brought or is as before. */
  readonly #brought = new Set<AdvisoryFeed>();
  #items = 0;

  constructor(options: UpdateOptions, { writer, previous, workFolder, kept }: RunParts) {
    this.#options = options;
    this.#writer = writer;
    this.#previous = previous;
    this.#workFolder = workFolder;
    this.#kept = kept;
  }

  async feed({ feed, ecosystems }: ChosenFeed): Promise<void> {
    const { signal, access = {}, strict } = this.#options;
    const counts = { updated: 0, unchanged: 0 };
    let refusal: PlimsollError | undefined;
    const group = this.#kept.startGroup();
    try {
      checkSignal(signal);
      const source = openFeedSource({
        base: feed.address,
        workFolder: this.#workFolder,
        kept: this.#kept,
        signal,
        ...(access.mirror !== undefined && { from: access.mirror }),
        ...(access.insteadOfBase !== undefined && { replaceBaseBy: access.insteadOfBase }),
        ...(access.proxy !== undefined && { proxy: access.proxy }),
        ...(access.idleTimeout !== undefined && { idleTimeout: access.idleTimeout }),
        ...(access.attempts !== undefined && { attempts: access.attempts }),
        progress: ({ file, received, total, before }) =>
          this.#tell(feed, {
            stage: "fetching",
            part: file,
            items: 0,
            download: { received, ...(total !== undefined && { total }), ...(before !== undefined && { before }) },
          }),
      });
      for await (const part of this.#fetch(feed, source, ecosystems)) {
        const emptied = await this.#take(feed, part);
        refusal ??= emptied;
        if (part.state === "unchanged") counts.unchanged++;
        else if (!emptied) counts.updated++;
      }
      if (ecosystems === undefined) this.#dropTheRestOf(feed);
      this.feeds.push({ id: feed.id, title: feed.title, ...counts, ...(refusal && { failure: refusal }) });
    } catch (cause) {
      if (!(cause instanceof PlimsollError) || strict === true || !isOfFeed(cause)) throw cause;
      if (wasInterrupted(cause)) this.#kept.leaveUnread(group);
      else this.#kept.forget(group);
      this.feeds.push({ id: feed.id, title: feed.title, ...counts, failure: cause });
    }
  }

  #fetch(feed: AdvisoryFeed, source: FeedSource, ecosystems?: readonly string[]): AsyncIterable<FeedPart> {
    const recorded = new Map(
      this.#previous?.parts
        .filter((part) => part.feed === feed.id && part.revision === feed.revision)
        .map(({ name, position }) => [name, position]),
    );
    const { signal } = this.#options;
    const previous = (part: string) => recorded.get(part);
    return feed.fetch(source, { signal, previous, ...(ecosystems && { ecosystems }) });
  }

  /** Gives the reason when what the part brought is not believed; then what the last update brought stays. */
  async #take(feed: AdvisoryFeed, part: FeedPart): Promise<PlimsollError | undefined> {
    const { name, state, position, files } = part;
    const key = keyOf({ feed: feed.id, name });
    const previous = this.#previous?.path;
    if (state === "unchanged") {
      if (previous === undefined) throw new Error(`${feed.id} gave ${name} as unchanged, and there is no database`);
      this.#writer.keepPart(previous, { feed: feed.id, name, upToDate: true });
      this.#written.add(key);
      this.#brought.add(feed);
      return undefined;
    }
    const { revision } = feed;
    const changesOf = state === "changes" ? previous : undefined;
    const updatedAt = this.#options.builtAt;
    this.#writer.startPart({ feed: feed.id, revision, name, updatedAt, ...(changesOf !== undefined && { changesOf }) });
    let items: number;
    try {
      items = await this.#parse(feed, part);
    } catch (cause) {
      this.#writer.abandonPart();
      throw cause;
    } finally {
      for (const file of files) rmSync(file, { force: true });
      this.#kept.makeRoom();
    }
    const before = this.#previous?.parts.find((known) => keyOf(known) === key)?.items ?? 0;
    if (previous !== undefined && state === "whole" && items === 0 && before > 0) {
      this.#writer.abandonPart();
      this.#writer.keepPart(previous, { feed: feed.id, name });
      this.#written.add(key);
      return emptied({ name, before });
    }
    this.#writer.endPart(position);
    this.#written.add(key);
    this.#brought.add(feed);
    return undefined;
  }

  async #parse(feed: AdvisoryFeed, part: FeedPart): Promise<number> {
    const { signal } = this.#options;
    let items = 0;
    const tell = (): void => this.#tell(feed, { stage: "reading", part: part.name, items });
    tell();
    for await (const item of feed.parse(part, this.#context())) {
      this.#writer.add(item);
      if (++items % batch !== 0) continue;
      tell();
      await turn();
      checkSignal(signal);
    }
    checkSignal(signal);
    tell();
    this.#items += items;
    return items;
  }

  #tell({ title }: AdvisoryFeed, progress: Omit<UpdateProgress, "feed" | "number" | "of">): void {
    const { feeds } = this.#options;
    const number = Math.min(this.feeds.length + 1, feeds.length);
    this.#options.progress?.({ feed: title, number, of: feeds.length, ...progress });
  }

  #context(): Context {
    return {
      signal: this.#options.signal,
      problem: (problem) => {
        this.refused++;
        if (this.problems.length < mostProblems) this.problems.push(problem);
      },
    };
  }

  /** What a feed gave before and no longer gives goes. */
  #dropTheRestOf(feed: AdvisoryFeed): void {
    for (const part of this.#previous?.parts ?? []) if (part.feed === feed.id) this.#written.add(keyOf(part));
  }

  /** What was not asked for or could not be fetched stays as it was, but for another feed's copy of what came from the publisher. */
  keepTheRest(): void {
    for (const { feed, name } of this.#previous?.parts ?? []) {
      if (this.#written.has(keyOf({ feed, name })) || this.#isSuperseded({ feed, name })) continue;
      this.#writer.keepPart(this.#previous?.path ?? "", { feed, name });
    }
  }

  /** A bucket of OSV records may have brought an ecosystem as a part, before the feed that fills it. */
  #isSuperseded({ feed, name }: { readonly feed: string; readonly name: string }): boolean {
    return [...this.#brought].some(({ id, ecosystems }) => id !== feed && ecosystems.includes(name));
  }

  /** An empty database would make every scan look clean. */
  refuseNothing(): void {
    const [first] = this.feeds.flatMap(({ failure }) => failure ?? []);
    if (first && this.feeds.every(({ failure, updated }) => failure && updated === 0)) throw first;
    if (this.#items > 0 || this.#previous !== undefined) return;
    throw new PlimsollError("feed-malformed", `${sourceOf(this.#options.access)} holds no advisory`, {
      hint: "An empty database would make every scan look clean, so none was built.",
    });
  }
}

/** Where the advisories came from, as the database states it: an address without its query, or a whole path. */
function sourceOf({ mirror, insteadOfBase }: FeedAccess = {}): string {
  const place = mirror ?? insteadOfBase;
  if (place === undefined) return "publishers";
  const url = /^https?:/i.test(place) ? URL.parse(place) : null;
  return url ? `${url.origin}${url.pathname}` : resolve(place);
}

/** A publisher does not take back everything at once; that a file was emptied or changed its form is likelier. */
function emptied({ name, before }: { readonly name: string; readonly before: number }): PlimsollError {
  const entries = before === 1 ? "one entry" : `${before} entries`;
  return new PlimsollError(
    "feed-malformed",
    `what came for ${JSON.stringify(name)} holds nothing, and it held ${entries}`,
    {
      hint: "What was there before stays. If the publisher really took everything back, build the database anew.",
    },
  );
}

function keyOf({ feed, name }: { readonly feed: string; readonly name: string }): string {
  return JSON.stringify([feed, name]);
}

/** Failures after which other feeds can still be read. */
function isOfFeed({ code }: PlimsollError): boolean {
  return code === "feed-unreachable" || code === "feed-malformed" || code === "limit-exceeded";
}

/** Failures that say nothing against the files that have come: they are as good at the next update. */
function wasInterrupted(cause: unknown): boolean {
  return cause instanceof PlimsollError && (cause.code === "cancelled" || cause.code === "feed-unreachable");
}

/** Undefined when there is none that this program could read: then everything is fetched anew. */
function previousDatabase(path: string): Previous | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return { path, parts: readParts(path) };
  } catch (cause) {
    if (cause instanceof PlimsollError && cause.code === "database-malformed") return undefined;
    throw cause;
  }
}

function checkSignal(signal: AbortSignal): void {
  if (signal.aborted) throw new PlimsollError("cancelled", "the update of the database was cancelled");
}

import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { AdvisoryFeed, FeedPart } from "../../advisories/advisory-feed.ts";
import type { AdvisoryDatabaseWriter } from "../../advisories/database/database-writer.ts";
import { partKey } from "../../advisories/database/part-key.ts";
import type { PartRefusals } from "../../advisories/database/part-refusals.ts";
import type { FeedSource } from "../../advisories/feed-source.ts";
import { openFeedSource } from "../../advisories/open-feed-source.ts";
import { FeedServers } from "../../io/http/feed-servers.ts";
import { isAddress } from "../../io/http/is-address.ts";
import type { KeptDownloads } from "../../io/http/kept-downloads.ts";
import { secretsOfAddress, secretsOfProxies } from "../../io/http/secrets-of-address.ts";
import { withoutSecrets } from "../../io/http/without-secrets.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Problem } from "../../model/reports/problem.ts";
import type { ChosenFeed } from "./choose-feeds.ts";
import { GatheredRefusals } from "./gathered-refusals.ts";
import type { FeedAccess, UpdatedFeed, UpdateFailure, UpdateOptions, UpdateProgress } from "./update-database.ts";

const mostProblems = 1000;
/** Items between two turns of the event loop, in which a signal can arrive. */
const batch = 250;

/** The existing database. */
type Previous = NonNullable<ReturnType<AdvisoryDatabaseWriter["openPrevious"]>>;

/** What a run writes to and takes from. */
export interface RunParts {
  readonly writer: AdvisoryDatabaseWriter;
  readonly previous: Previous | undefined;
  readonly workFolder: string;
  readonly kept: KeptDownloads;
}

/** One update: feeds one after the other into one writer. */
export class UpdateRun {
  readonly feeds: UpdatedFeed[] = [];
  readonly problems: Problem[] = [];
  refused = 0;
  readonly #options: UpdateOptions;
  readonly #writer: AdvisoryDatabaseWriter;
  readonly #previous: Previous | undefined;
  readonly #workFolder: string;
  readonly #kept: KeptDownloads;
  readonly #secrets: readonly string[];
  readonly #servers: FeedServers;
  readonly #written = new Set<string>();
  /** The feeds of which a part was brought or is as before. */
  readonly #brought = new Set<AdvisoryFeed>();
  /** The ids of the feeds of which all parts came: what they gave before and no longer give goes. */
  readonly #complete = new Set<string>();
  #items = 0;

  constructor(options: UpdateOptions, { writer, previous, workFolder, kept }: RunParts) {
    this.#options = options;
    this.#writer = writer;
    this.#previous = previous;
    this.#workFolder = workFolder;
    this.#kept = kept;
    this.#servers = new FeedServers(options.access?.waiting);
    const { mirror, insteadOfBase, proxy = {} } = options.access ?? {};
    this.#secrets = [...[mirror, insteadOfBase].flatMap(secretsOfAddress), ...secretsOfProxies(proxy)];
  }

  async feed(chosen: ChosenFeed): Promise<void> {
    const { feed } = chosen;
    const counts = { updated: 0, unchanged: 0 };
    const failures: UpdateFailure[] = [];
    const group = this.#kept.startGroup();
    const fail = (part: string, cause: PlimsollError): void => {
      failures.push({ part, wasThere: this.#leave(feed, part), cause: this.#shown(cause) });
    };
    try {
      checkSignal(this.#options.signal);
      for await (const part of this.#fetch(chosen, fail)) {
        const failure = await this.#take(feed, part);
        if (failure) fail(part.name, failure);
        else if (part.state === "unchanged") counts.unchanged++;
        else counts.updated++;
      }
      if (chosen.ecosystems === undefined) this.#complete.add(feed.id);
    } catch (cause) {
      if (!this.#isBearable(cause)) throw namedAfter(feed, cause instanceof PlimsollError ? this.#shown(cause) : cause);
      if (wasInterrupted(cause)) this.#kept.leaveUnread(group);
      else this.#kept.forget(group);
      const wasThere = this.#previous?.parts.some((part) => part.feed === feed.id) === true;
      failures.push({ wasThere, cause: this.#shown(cause) });
    }
    const [first] = failures;
    this.feeds.push({ id: feed.id, title: feed.title, ...counts, failures, ...(first && { failure: first.cause }) });
  }

  /**
   * A failure without what a mirror or a proxy was shown: they may answer with that in place of a file, of which
   * messages tell what is wrong with it.
   */
  #shown(cause: PlimsollError): PlimsollError {
    const message = withoutSecrets(cause.message, this.#secrets);
    if (message === cause.message) return cause;
    return new PlimsollError(cause.code, message, cause.hint === undefined ? {} : { hint: cause.hint });
  }

  /** True for what costs a feed, or a part of it, and no more. */
  #isBearable(cause: unknown): cause is PlimsollError {
    return cause instanceof PlimsollError && this.#options.strict !== true && isFeedError(cause);
  }

  #open(feed: AdvisoryFeed): FeedSource {
    const { signal, access = {} } = this.#options;
    return openFeedSource({
      base: feed.address,
      workFolder: this.#workFolder,
      kept: this.#kept,
      signal,
      ...(access.mirror !== undefined && { from: access.mirror }),
      ...(access.insteadOfBase !== undefined && { replaceBaseBy: access.insteadOfBase }),
      ...(access.proxy !== undefined && { proxy: access.proxy }),
      ...(access.idleTimeout !== undefined && { idleTimeout: access.idleTimeout }),
      ...(access.attempts !== undefined && { attempts: access.attempts }),
      servers: this.#servers,
      progress: ({ file, received, total, before }) =>
        this.#tell(feed, {
          stage: "fetching",
          part: file,
          items: 0,
          download: { received, ...(total !== undefined && { total }), ...(before !== undefined && { before }) },
        }),
    });
  }

  #fetch(
    { feed, ecosystems, named }: ChosenFeed,
    failed: (part: string, cause: PlimsollError) => void,
  ): AsyncIterable<FeedPart> {
    const recorded = new Map(
      this.#previous?.parts
        .filter((part) => part.feed === feed.id && part.revision === feed.revision)
        .map((part) => [part.name, part]),
    );
    const { signal, strict } = this.#options;
    return feed.fetch(this.#open(feed), {
      signal,
      previous: (part) => recorded.get(part)?.position,
      refused: (part) => {
        const refusals = recorded.get(part)?.refusals;
        return refusals ? refusals.ids : [];
      },
      ...(ecosystems && { ecosystems }),
      ...(named && { named }),
      ...(strict !== true && { failed }),
    });
  }

  /** Gives the reason when the part could not be read, or is not believed; it is then not written. */
  async #take(feed: AdvisoryFeed, part: FeedPart): Promise<PlimsollError | undefined> {
    const { name, state, position, files } = part;
    const key = partKey({ feed: feed.id, name });
    const previous = this.#previous?.path;
    const known = this.#previous?.parts.find((one) => partKey(one) === key);
    if (state === "unchanged") {
      if (previous === undefined) throw new Error(`${feed.id} reported ${name} as unchanged, but no database exists`);
      this.#writer.keepPart(previous, { feed: feed.id, name, upToDate: true });
      this.#written.add(key);
      this.#brought.add(feed);
      if (known?.refusals) this.#repeatRefusals(known.refusals);
      return undefined;
    }
    this.#writer.startPart({
      feed: feed.id,
      revision: feed.revision,
      name,
      updatedAt: this.#options.builtAt,
      ...(previous !== undefined && (state === "changes" ? { changesOf: previous } : { unreadableFrom: previous })),
    });
    let parsed: ParsedPart;
    try {
      parsed = await this.#parse(feed, part, known?.refusals);
    } catch (cause) {
      this.#writer.abandonPart();
      if (!this.#isBearable(cause)) throw cause;
      return cause;
    } finally {
      for (const file of files) rmSync(file, { force: true });
      this.#kept.makeRoom();
    }
    const before = known?.items ?? 0;
    if (previous !== undefined && state === "whole" && parsed.items === 0 && before > 0) {
      this.#writer.abandonPart();
      return emptied({ title: feed.title, name, before });
    }
    this.#writer.endPart(position, { refusals: parsed.refusals });
    this.#written.add(key);
    this.#brought.add(feed);
    return undefined;
  }

  /** Keeps what the last update brought of a part. False when it brought none. */
  #leave({ id }: AdvisoryFeed, name: string): boolean {
    const part = { feed: id, name };
    if (this.#previous?.parts.some((known) => partKey(known) === partKey(part)) !== true) return false;
    this.#writer.keepPart(this.#previous.path, part);
    this.#written.add(partKey(part));
    return true;
  }

  /** A file that has not changed is not read, and what could not be read of it has not changed either. */
  #repeatRefusals({ count, first }: PartRefusals): void {
    this.#refuse({ code: "unreadable", message: first }, count);
  }

  #refuse(problem: Problem, count = 1): void {
    this.refused += count;
    if (this.problems.length < mostProblems) this.problems.push(problem);
  }

  async #parse(feed: AdvisoryFeed, part: FeedPart, before: PartRefusals | undefined): Promise<ParsedPart> {
    const { signal } = this.#options;
    const gathered = new GatheredRefusals(part.state === "changes" ? before : undefined);
    let items = 0;
    let seen = 0;
    const tell = (): void => this.#tell(feed, { stage: "reading", part: part.name, items });
    const problem = (one: Problem): void => {
      const shown = { ...one, message: withoutSecrets(one.message, this.#secrets) };
      gathered.note(shown);
      this.#refuse(shown);
    };
    tell();
    for await (const item of feed.parse(part, { signal, problem })) {
      this.#writer.add(item);
      if (item.kind !== "unreadable" || item.standIn) items++;
      gathered.add(item);
      if (++seen % batch !== 0) continue;
      tell();
      await turn();
      checkSignal(signal);
    }
    checkSignal(signal);
    tell();
    this.#items += items;
    const left = gathered.leftFromBefore();
    if (left) this.#refuse(left.problem, left.count);
    return { items, refusals: gathered.refusals() };
  }

  #tell({ title }: AdvisoryFeed, progress: Omit<UpdateProgress, "feed" | "number" | "of">): void {
    const { feeds } = this.#options;
    const number = Math.min(this.feeds.length + 1, feeds.length);
    this.#options.progress?.({ feed: title, number, of: feeds.length, ...progress });
  }

  /**
   * Keeps parts that were not requested or could not be fetched, except another feed's copy of records that came from
   * the publisher.
   */
  keepTheRest(): void {
    for (const { feed, name } of this.#previous?.parts ?? []) {
      if (this.keeps({ feed, name })) this.#writer.keepPart(this.#previous?.path ?? "", { feed, name });
    }
  }

  /** True for a part that an earlier update brought, and this one neither brought nor replaced nor found to be gone. */
  keeps({ feed, name }: { readonly feed: string; readonly name: string }): boolean {
    if (this.#written.has(partKey({ feed, name })) || this.#complete.has(feed)) return false;
    return !this.#isSuperseded({ feed, name });
  }

  /** A bucket of OSV records may have brought an ecosystem as a part, before the feed that fills it. */
  #isSuperseded({ feed, name }: { readonly feed: string; readonly name: string }): boolean {
    return [...this.#brought].some(({ id, ecosystems }) => id !== feed && ecosystems.includes(name));
  }

  /** An empty database would make every scan look clean. */
  refuseNothing(): void {
    const [first] = this.feeds;
    if (first && this.feeds.every(({ failure, updated, unchanged }) => failure && updated + unchanged === 0)) {
      throw namedAfter(first, first.failure);
    }
    if (this.#items > 0 || this.#previous !== undefined) return;
    throw new PlimsollError("feed-malformed", `${placeOf(this.#options.access)} holds no advisory`, {
      hint: "An empty database would make every scan look clean, so none was built.",
    });
  }
}

/**
 * Where the advisories came from, as the database states it: an address without its query. Where a folder lies is of no
 * use to others, and would make another file of the same advisories.
 */
export function sourceOf({ mirror, insteadOfBase }: FeedAccess = {}): string {
  const place = mirror ?? insteadOfBase;
  if (place === undefined) return "publishers";
  return addressOf(place) ?? (mirror === undefined ? "a folder" : "a mirror in a folder");
}

/** For a message to the one who named it. */
function placeOf({ mirror, insteadOfBase }: FeedAccess = {}): string {
  const place = mirror ?? insteadOfBase;
  return place === undefined ? "the publishers' files" : (addressOf(place) ?? resolve(place));
}

function addressOf(place: string): string | undefined {
  const url = isAddress(place) ? URL.parse(place) : null;
  return url ? `${url.origin}${url.pathname}` : undefined;
}

interface ParsedPart {
  /** What came of it, with what stands in for records that could not be read. */
  readonly items: number;
  readonly refusals: PartRefusals | undefined;
}

/** A publisher does not take back everything at once; that a file was emptied or changed its form is likelier. */
function emptied({ title, name, before }: EmptiedPart): PlimsollError {
  const entries = before === 1 ? "one entry" : `${before} entries`;
  // Feeds that have one part call it so.
  const part = name === "all" ? "" : ` for ${JSON.stringify(name)}`;
  return new PlimsollError(
    "feed-malformed",
    `the download from ${title}${part} has no entries; the database has ${entries} from it`,
    {
      hint: "If the publisher really removed everything, build the database again.",
    },
  );
}

interface EmptiedPart {
  /** Title of the feed. */
  readonly title: string;
  readonly name: string;
  /** Entries that it held. */
  readonly before: number;
}

/**
 * The same failure with the name of the publisher, where it lacks one: a file alone does not identify its publisher.
 */
function namedAfter({ title }: Pick<AdvisoryFeed, "title">, cause: unknown): unknown {
  if (!(cause instanceof PlimsollError) || !isFeedError(cause) || cause.message.includes(title)) return cause;
  const { code, message, hint } = cause;
  return new PlimsollError(code, `${title}: ${message}`, { ...(hint !== undefined && { hint }), cause });
}

/** Failures after which other feeds can still be read. */
function isFeedError({ code }: PlimsollError): boolean {
  return code === "feed-unreachable" || code === "feed-malformed" || code === "limit-exceeded";
}

/** Failures that say nothing against the files that have come: they are as good at the next update. */
export function wasInterrupted(cause: unknown): boolean {
  return cause instanceof PlimsollError && (cause.code === "cancelled" || cause.code === "feed-unreachable");
}

function checkSignal(signal: AbortSignal): void {
  if (signal.aborted) throw new PlimsollError("cancelled", "the update of the database was cancelled");
}

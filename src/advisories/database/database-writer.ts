import { closeSync, fsyncSync, openSync, rmSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeFolder } from "../../io/files/make-folder.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import type { PartBehind } from "../../model/findings/advisory.ts";
import type { FeedItem } from "../feed-item.ts";
import type { Position } from "../feed-source.ts";
import { assembleDatabase, type DatabaseOrigin, KeptPartDiffers } from "./assemble-database.ts";
import { CollectedItems } from "./collected-items.ts";
import { damaged, hasNewerFormat, partsWouldBeLost, refuseOtherFile } from "./database-file.ts";
import { partKey } from "./part-key.ts";
import { type PartRefusals, refusalsText } from "./part-refusals.ts";
import { isBehind } from "./parts-behind.ts";
import { PreviousDatabase, type PreviousPart } from "./previous-database.ts";
import { clearAssembly, rebaseParts } from "./rebase-parts.ts";
import { fileIdentity, placeOf, replaceDatabase } from "./replace-database.ts";
import { removeLeftovers, temporaryPath } from "./temporary-files.ts";

/** A part of another database. */
export interface KeptPart {
  /** The id of the feed. */
  readonly feed: string;
  readonly name: string;
  /** True when the publisher was asked and has nothing newer; else the part is reported as older than the database. */
  readonly upToDate?: boolean;
}

/** A part before its items. */
export interface NewPart {
  /** The id of the feed. */
  readonly feed: string;
  /** The feed's revision. */
  readonly revision: number;
  /** Unique in the feed. */
  readonly name: string;
  /** RFC 3339: since when it has this content. */
  readonly updatedAt: string;
  /** The path of a database that holds the part: items that are added change what is there. */
  readonly changesOf?: string;
  /** The path of a database, which may hold the part: from there comes what `unreadable` items name. */
  readonly unreadableFrom?: string;
}

/** How a part ends. */
export interface EndedPart {
  /** What could not be read of it. */
  readonly refusals?: PartRefusals | undefined;
}

/** How a database is finished. */
export interface FinishOptions extends Pick<DatabaseOrigin, "builtAt" | "source"> {
  /**
   * For a database that was put in the place since {@link AdvisoryDatabaseWriter.openPrevious}: whether a part stays
   * that this writer has not written. Without it every one does.
   */
  readonly keeps?: (part: { readonly feed: string; readonly name: string }) => boolean;
}

/**
 * Writes an advisory database beside its place and puts it there in one step when it is complete. Until `finish`, and
 * when disposed without it, what was there before stays as it was.
 *
 * The bytes of the file follow from its parts, their items and the origin alone: not from the order of the parts, nor
 * from whether a part was added whole, kept or changed. Memory stays bounded; added items go to a second temporary file
 * and are copied from there in the order of the tables' keys.
 *
 * Every method throws `output-not-written` when the disk refuses; then only disposing is left.
 */
export class AdvisoryDatabaseWriter {
  readonly #output: string;
  readonly #finished: string;
  readonly #collected: string;
  readonly #items: CollectedItems;
  readonly #parts = new Set<string>();
  #database: DatabaseSync;
  #behind: PartBehind[] = [];
  #previous: PreviousDatabase | undefined;
  #madeFrom: { readonly identity: string | undefined } | undefined;
  /** The part that has begun and not ended. */
  #part: string | undefined;
  #open = true;
  #begun = false;

  /**
   * Also removes what writers of the same database left when they were killed. A symbolic link stays, and what it
   * points to is replaced.
   *
   * Error: `output-not-written`.
   */
  constructor(output: string) {
    this.#output = resolve(output);
    try {
      this.#output = placeOf(output);
      makeFolder(dirname(this.#output));
      refuseOtherFile(this.#output);
      removeLeftovers(this.#output);
    } catch (cause) {
      throw this.#notWritten(cause);
    }
    this.#finished = temporaryPath(this.#output, "new");
    this.#collected = temporaryPath(this.#output, "part");
    try {
      this.#database = this.#openTemporary();
      this.#items = new CollectedItems(this.#database);
    } catch (cause) {
      this.#removeTemporary();
      throw this.#notWritten(cause);
    }
  }

  /**
   * Opens the database that is in the place now, so that its parts can be kept or changed, and gives its path and its
   * parts; undefined when there is none that this program can read, unless it `mustBeReadable`. What another process
   * puts in its place until `finish` is then not lost: the parts of that one stay which this writer has not written.
   *
   * Errors: `output-not-written`; `database-malformed` for one that a newer program wrote, and for any other that
   * cannot be read and must be.
   */
  openPrevious({
    mustBeReadable = false,
  }: {
    readonly mustBeReadable?: boolean;
  } = {}): { readonly path: string; readonly parts: readonly PreviousPart[] } | undefined {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const identity = this.#guard(() => fileIdentity(this.#output));
      this.#madeFrom = { identity };
      if (identity === undefined) return undefined;
      try {
        const previous = this.#attach(this.#output);
        if (fileIdentity(this.#output) === identity) return previous;
        this.#database.exec("DETACH previous");
        this.#previous = undefined;
      } catch (cause) {
        const code = cause instanceof PlimsollError ? cause.code : undefined;
        if (code === "database-malformed" && fileIdentity(this.#output) === identity) {
          if (this.#guard(() => hasNewerFormat(this.#output))) throw cause;
          if (!mustBeReadable || this.#guard(() => statSync(this.#output).size) === 0) return undefined;
          throw partsWouldBeLost(cause);
        }
        if (code !== "database-malformed" && code !== "database-not-found") throw this.#notWritten(cause);
      }
    }
    throw replacedMeanwhile(this.#output);
  }

  /**
   * Begins a part; it ends with `endPart` or `abandonPart`, and no other part has its feed and name.
   *
   * With `changesOf` the part first holds what it holds in that database. Then an advisory takes the place of the one
   * with its id, and of all statements there about that id or about a name in its `upstream`; a statement takes the
   * place of all statements there about the same vulnerability; facts, release cycles and repositories take the place
   * of those there of the same CVE, product or repository; `removed` takes away the advisory, the statements and the
   * facts of this id, and the statements about its `upstream`; `unreadable` changes nothing, but its stand-in is taken,
   * as an advisory is, where there is none of its id or only another stand-in, and with `statements` where there is an
   * older one.
   *
   * With `unreadableFrom` the advisory that an `unreadable` item names, and the statements about it, stay as they are
   * in that database, when the part there has them and no item brings others; of a stand-in, where the item has a new
   * one, only what was affected. A stand-in that is taken replaces the statements there about its `upstream`.
   *
   * Errors: `database-not-found` and `database-malformed`, when `changesOf` cannot be read or lacks the part.
   */
  startPart({ feed, revision, name, updatedAt, changesOf, unreadableFrom }: NewPart): void {
    this.#begin({ feed, name });
    const path = changesOf ?? unreadableFrom;
    const previous = path === undefined ? undefined : this.#attach(path).find({ feed, name });
    if (!previous && changesOf !== undefined) throw lacksPart(changesOf, { feed, name });
    const taken = changesOf === undefined ? ("unreadable" as const) : ("unchanged" as const);
    this.#guard(() => {
      this.#items.startPart({
        feed,
        revision,
        name,
        updatedAt,
        position: "{}",
        refused: "",
        ...(previous && { previous: previous.number, taken }),
      });
    });
    this.#part = partKey({ feed, name });
    this.#parts.add(this.#part);
  }

  /**
   * Takes an item of the part. When two advisories have the same id, the one modified later counts; at the same time of
   * modification, the one that comes later; facts on one CVE are joined.
   */
  add(item: FeedItem): void {
    if (this.#part === undefined) throw new Error("no part was started");
    this.#guard(() => this.#items.add(item));
  }

  /** Completes the part. `position` is what `openPrevious` tells at the next update. */
  endPart(position: Position, { refusals }: EndedPart = {}): void {
    if (this.#part === undefined) throw new Error("no part was started");
    this.#part = undefined;
    const sorted = Object.entries(position).sort(([a], [b]) => (a < b ? -1 : 1));
    this.#guard(() => this.#items.endPart(JSON.stringify(Object.fromEntries(sorted)), refusalsText(refusals)));
  }

  /** Forgets the part that has begun, as if it never had. */
  abandonPart(): void {
    if (this.#part === undefined) throw new Error("no part was started");
    this.#parts.delete(this.#part);
    this.#part = undefined;
    this.#guard(() => this.#items.abandonPart());
  }

  /**
   * Takes over a part as it is in another database, with its revision, position and time. All parts that are kept or
   * changed are of one database, which must stay there until `finish`.
   *
   * Errors: `database-not-found` and `database-malformed`, when that database cannot be read or lacks the part.
   */
  keepPart(path: string, { feed, name, upToDate }: KeptPart): void {
    this.#begin({ feed, name });
    const previous = this.#attach(path);
    const part = previous.find({ feed, name });
    if (!part) throw lacksPart(path, { feed, name });
    const { number, revision, updatedAt, texts } = part;
    const kept = { feed, name, revision, updatedAt, ...texts, previous: number };
    this.#guard(() => this.#items.startPart({ ...kept, taken: upToDate ? "current" : "all" }));
    this.#parts.add(partKey({ feed, name }));
    if (!upToDate) this.#behind.push({ feed, name, since: previous.since({ feed, name }) });
  }

  /**
   * Completes the file and puts it in its place. Returns the number of advisories, each id counted once.
   *
   * When another database has come in the place since `openPrevious`, its parts take the place of those that were kept,
   * so that nothing is lost of what either writer brought; a part that both changed is the other's, and told to be
   * older when it is.
   *
   * Errors: `database-malformed` when a database of which parts were kept is damaged; `output-not-written`, also when
   * one that has come meanwhile lacks a part that was to be kept or changed. Whatever goes wrong, what was there before
   * stays.
   */
  finish({ builtAt, source, keeps = () => true }: FinishOptions): number {
    if (this.#part !== undefined) throw new Error("a part was not finished");
    try {
      return this.#guard(() => {
        for (let attempt = 0; attempt < mostAttempts; attempt++) {
          if (attempt > 0) this.#rebase(keeps);
          const records = this.#assemble({ builtAt, source });
          const replacement = { place: this.#output, ...(this.#madeFrom && { madeFrom: this.#madeFrom }) };
          if (replaceDatabase(this.#finished, replacement)) return records;
        }
        throw replacedMeanwhile(this.#output);
      });
    } finally {
      this[Symbol.dispose]();
    }
  }

  #assemble({ builtAt, source }: Pick<DatabaseOrigin, "builtAt" | "source">): number {
    this.#beginTransaction();
    const behind = this.#behind
      .filter(({ since }) => isBehind(since, builtAt))
      .sort((a, b) => (partKey(a) < partKey(b) ? -1 : 1));
    const hasPrevious = this.#previous !== undefined;
    const records = assembleDatabase(this.#database, { builtAt, source, behind, hasPrevious });
    this.#database.exec("COMMIT");
    this.#close();
    synchronise(this.#finished);
    return records;
  }

  /** Takes the database that is in the place now for the previous one. */
  #rebase(keeps: NonNullable<FinishOptions["keeps"]>): void {
    const before = this.#previous;
    rmSync(this.#finished, { force: true });
    this.#previous = undefined;
    this.#database = this.#openTemporary();
    this.#open = true;
    this.#begun = false;
    clearAssembly(this.#database);
    this.openPrevious();
    this.#beginTransaction();
    const behind = rebaseParts(this.#database, { before, after: this.#previous, keeps });
    if (!behind) throw replacedMeanwhile(this.#output);
    this.#behind = behind;
  }

  #openTemporary(): DatabaseSync {
    // SQLite does not say why it cannot make a file.
    closeSync(openSync(this.#finished, "wx", 0o644));
    const database = new DatabaseSync(this.#finished);
    try {
      database.exec(`PRAGMA page_size = ${pageSize}; ${settings("main", 16)} PRAGMA trusted_schema = OFF;`);
      database.prepare("ATTACH ? AS collected").run(this.#collected);
      database.exec(settings("collected", 16));
      return database;
    } catch (cause) {
      database.close();
      throw cause;
    }
  }

  #beginTransaction(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#database.exec("BEGIN");
  }

  #begin(part: { readonly feed: string; readonly name: string }): void {
    if (this.#part !== undefined) throw new Error("a part was not finished");
    if (this.#parts.has(partKey(part))) throw new Error(`duplicate part ${part.name} of ${part.feed}`);
    this.#guard(() => this.#beginTransaction());
  }

  #attach(path: string): PreviousDatabase {
    const place = placeOf(path);
    if (this.#previous && this.#previous.path !== place) throw new Error("parts from two databases cannot be combined");
    this.#previous ??= new PreviousDatabase(this.#database, place);
    return this.#previous;
  }

  /** Tells the failure of the disk from damage to the previous database. */
  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (cause) {
      if (this.#previous && isContentError(cause)) throw damaged(this.#previous.path, cause);
      throw this.#notWritten(cause);
    }
  }

  #notWritten(cause: unknown): unknown {
    if (cause instanceof PlimsollError) return cause;
    const message = `the database ${this.#output} cannot be written: ${reasonOf(cause)}`;
    const hint = "Check that its folder is writable and has free space. An existing database is unchanged.";
    return new PlimsollError("output-not-written", message, { hint, cause });
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.#close();
    this.#removeTemporary();
  }

  #removeTemporary(): void {
    for (const path of [this.#finished, this.#collected]) rmSync(path, { force: true });
  }
}

function lacksPart(path: string, { feed, name }: { readonly feed: string; readonly name: string }): PlimsollError {
  return damaged(path, new Error(`it does not contain the part ${name} of ${feed}`));
}

function replacedMeanwhile(path: string): PlimsollError {
  return new PlimsollError("output-not-written", `another process replaced the database ${path} during this run`, {
    hint: "Run the command again. The database of the other process was kept.",
  });
}

/** Processes that may come first. */
const mostAttempts = 10;
const pageSize = 4096;

/**
 * A file that is not finished is thrown away, so no journal need be on the disk. The one in memory stays empty, for it
 * is of pages that were there before the only transaction. SQLite's defensive mode, which Node.js turns on, does not
 * let one do without.
 */
function settings(name: string, cacheMegabytes: number): string {
  return `PRAGMA ${name}.journal_mode = MEMORY; PRAGMA ${name}.synchronous = OFF; PRAGMA ${name}.locking_mode = EXCLUSIVE;
    PRAGMA ${name}.cache_size = -${cacheMegabytes * 1024};`;
}

const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

/** True for errors that the bytes of a database are the reason of. */
function isContentError(cause: unknown): boolean {
  if (cause instanceof KeptPartDiffers) return true;
  if (!(cause instanceof Error)) return false;
  const code = "errcode" in cause ? Number(cause.errcode) & 0xff : 0;
  return (
    code === sqliteCorrupt || code === sqliteNotADatabase || /malformed JSON|constraint failed/.test(cause.message)
  );
}

/** Sees to it that the bytes are on the disk before a name points to them. */
function synchronise(path: string): void {
  const descriptor = openSync(path, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

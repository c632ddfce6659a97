import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { reasonOf } from "../../io/random-access.ts";
import type { PartBehind } from "../../model/advisory.ts";
import { PlimsollError } from "../../model/error.ts";
import type { FeedItem } from "../feed-item.ts";
import type { Position } from "../feed-source.ts";
import { assembleDatabase, type DatabaseOrigin, KeptPartDiffers } from "./assemble-database.ts";
import { CollectedItems } from "./collected-items.ts";
import { damaged, databaseFileUrl, refuseOtherFile } from "./database-file.ts";
import { readBehind } from "./parts-behind.ts";
import { removeLeftovers, temporaryPaths } from "./temporary-files.ts";

/** A part of another database. */
export interface KeptPart {
  /** The id of the feed. */
  readonly feed: string;
  readonly name: string;
  /** True when the publisher was asked and has nothing newer; else the part is told to be older than the database. */
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
}

/**
 * Writes an advisory database beside its place and puts it there in one step when it is complete. Until `finish`, and when
 * disposed without it, what was there before stays as it was.
 *
 * The bytes of the file follow from its parts, their items and the origin alone: not from the order of the parts, nor from
 * whether a part was added whole, kept or changed. Memory stays bounded; what is added goes to a second temporary file and is
 * copied from there in the order of the tables' keys.
 *
 * Every method throws `output-not-written` when the disk refuses; then only disposing is left.
 */
export class AdvisoryDatabaseWriter {
  readonly #output: string;
  readonly #finished: string;
  readonly #collected: string;
  readonly #database: DatabaseSync;
  readonly #items: CollectedItems;
  readonly #parts = new Set<string>();
  readonly #behind: PartBehind[] = [];
  #previous: Previous | undefined;
  /** The part that has begun and not ended. */
  #part: string | undefined;
  #open = true;

  /** Also removes what writers of the same database left when they were killed. Error: `output-not-written`. */
  constructor(output: string) {
    this.#output = resolve(output);
    const { finished, collected } = temporaryPaths(this.#output);
    this.#finished = finished;
    this.#collected = collected;
    let database: DatabaseSync | undefined;
    try {
      mkdirSync(dirname(this.#output), { recursive: true });
      refuseOtherFile(this.#output);
      removeLeftovers(this.#output);
      database = new DatabaseSync(this.#finished);
      database.exec(`PRAGMA page_size = ${pageSize}; ${settings("main", 16)} PRAGMA trusted_schema = OFF;`);
      database.prepare("ATTACH ? AS collected").run(this.#collected);
      database.exec(settings("collected", 16));
      database.exec("BEGIN");
      this.#items = new CollectedItems(database);
      this.#database = database;
    } catch (cause) {
      if (database) {
        database.close();
        this.#removeTemporary();
      }
      throw this.#notWritten(cause);
    }
  }

  /**
   * Begins a part; it ends with `endPart` or `abandonPart`, and no other part has its feed and name.
   *
   * With `changesOf` the part first holds what it holds in that database. Then an advisory takes the place of the one with its
   * id, and of all statements there about that id or about a name in its `upstream`; a statement takes the place of all
   * statements there about the same vulnerability; facts, release cycles and repositories take the place of those there of the
   * same CVE, product or repository; `removed` takes away the advisory, the statements and the facts of this id, and the
   * statements about its `upstream`.
   *
   * Errors: `database-not-found` and `database-malformed`, when `changesOf` cannot be read or lacks the part.
   */
  startPart({ feed, revision, name, updatedAt, changesOf }: NewPart): void {
    this.#begin({ feed, name });
    const previous = changesOf === undefined ? undefined : this.#attach(changesOf).find({ feed, name });
    this.#guard(() => {
      this.#items.startPart({
        feed,
        revision,
        name,
        updatedAt,
        position: "{}",
        ...(previous && { previous: previous.number, changed: true }),
      });
    });
    this.#part = keyOf({ feed, name });
    this.#parts.add(this.#part);
  }

  /**
   * Takes an item of the part. Of two advisories with the same id the one modified later counts, of two modified at the same
   * time the one that comes later; facts on one CVE are joined.
   */
  add(item: FeedItem): void {
    if (this.#part === undefined) throw new Error("no part has begun");
    this.#guard(() => this.#items.add(item));
  }

  /** Completes the part. `position` is what `readParts` tells at the next update. */
  endPart(position: Position): void {
    if (this.#part === undefined) throw new Error("no part has begun");
    this.#part = undefined;
    const sorted = Object.entries(position).sort(([a], [b]) => (a < b ? -1 : 1));
    this.#guard(() => this.#items.endPart(JSON.stringify(Object.fromEntries(sorted))));
  }

  /** Forgets the part that has begun, as if it never had. */
  abandonPart(): void {
    if (this.#part === undefined) throw new Error("no part has begun");
    this.#parts.delete(this.#part);
    this.#part = undefined;
    this.#guard(() => this.#items.abandonPart());
  }

  /**
   * Takes over a part as it is in another database, with its revision, position and time. All parts that are kept or changed are of
   * one database, which must stay there until `finish`.
   *
   * Errors: `database-not-found` and `database-malformed`, when that database cannot be read or lacks the part.
   */
  keepPart(path: string, { feed, name, upToDate }: KeptPart): void {
    this.#begin({ feed, name });
    const previous = this.#attach(path);
    const { number, ...kept } = previous.find({ feed, name });
    this.#guard(() => this.#items.startPart({ ...kept, previous: number }));
    this.#parts.add(keyOf({ feed, name }));
    if (!upToDate) this.#behind.push({ feed, name, since: previous.since({ feed, name }) });
  }

  /**
   * Completes the file and puts it in its place. Returns the number of advisories, each id counted once.
   *
   * Error: `database-malformed` when a database of which parts were kept is damaged. Whatever goes wrong, what was there before
   * stays.
   */
  finish({ builtAt, source }: DatabaseOrigin): number {
    if (this.#part !== undefined) throw new Error("a part has not ended");
    try {
      return this.#guard(() => {
        const hasPrevious = this.#previous !== undefined;
        const behind = this.#behind
          .filter(({ since }) => Date.parse(since) < Date.parse(builtAt))
          .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
        const records = assembleDatabase(this.#database, { builtAt, source, behind, hasPrevious });
        this.#database.exec("COMMIT");
        this.#close();
        synchronise(this.#finished);
        renameSync(this.#finished, this.#output);
        return records;
      });
    } finally {
      this[Symbol.dispose]();
    }
  }

  #begin(part: { readonly feed: string; readonly name: string }): void {
    if (this.#part !== undefined) throw new Error("a part has not ended");
    if (this.#parts.has(keyOf(part))) throw new Error(`the part ${part.name} of ${part.feed} comes twice`);
  }

  #attach(path: string): Previous {
    const absolute = resolve(path);
    if (this.#previous && this.#previous.path !== absolute) throw new Error("parts are kept of two databases");
    this.#previous ??= new Previous(this.#database, absolute);
    return this.#previous;
  }

  /** Tells the failure of the disk from damage to the previous database. */
  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (cause) {
      if (this.#previous && isOfContent(cause)) throw damaged(this.#previous.path, cause);
      throw this.#notWritten(cause);
    }
  }

  #notWritten(cause: unknown): unknown {
    if (cause instanceof PlimsollError) return cause;
    const message = `the database ${this.#output} cannot be written: ${reasonOf(cause)}`;
    const hint = "Check that its folder can be written to and has room; what was there before is unchanged.";
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

function keyOf({ feed, name }: { readonly feed: string; readonly name: string }): string {
  return JSON.stringify([feed, name]);
}

const pageSize = 4096;

/**
 * A file that is not finished is thrown away, so no journal need be on the disk. The one in memory stays empty, for it is of pages
 * that were there before the only transaction. SQLite's defensive mode, which Node.js turns on, does not let one do without.
 */
function settings(name: string, cacheMegabytes: number): string {
  return `PRAGMA ${name}.journal_mode = MEMORY; PRAGMA ${name}.synchronous = OFF; PRAGMA ${name}.locking_mode = EXCLUSIVE;
    PRAGMA ${name}.cache_size = -${cacheMegabytes * 1024};`;
}

/** The database, attached under the name `previous`, of which parts are kept. */
class Previous {
  readonly path: string;
  readonly #database: DatabaseSync;
  #times: { readonly builtAt: string; readonly behind: readonly PartBehind[] } | undefined;

  constructor(database: DatabaseSync, path: string) {
    const url = databaseFileUrl(path);
    this.path = path;
    this.#database = database;
    try {
      database.prepare("ATTACH ? AS previous").run(url.href);
    } catch (cause) {
      throw damaged(path, cause);
    }
  }

  /** When a part was last brought up to date. */
  since({ feed, name }: { readonly feed: string; readonly name: string }): string {
    this.#times ??= this.#readTimes();
    const { builtAt, behind } = this.#times;
    return behind.find((part) => part.feed === feed && part.name === name)?.since ?? builtAt;
  }

  #readTimes(): { readonly builtAt: string; readonly behind: readonly PartBehind[] } {
    try {
      const select = this.#database.prepare("SELECT value FROM previous.meta WHERE key = ?");
      const behind = select.get("behind")?.["value"];
      return {
        builtAt: String(select.get("builtAt")?.["value"] ?? ""),
        behind: readBehind(behind === undefined ? undefined : String(behind)),
      };
    } catch (cause) {
      throw damaged(this.path, cause);
    }
  }

  find({ feed, name }: { readonly feed: string; readonly name: string }): PreviousPart {
    try {
      const sql = "SELECT number, revision, position, updatedAt FROM previous.part WHERE feed = ? AND name = ?";
      const row = this.#database.prepare(sql).get(feed, name);
      if (!row) throw new Error(`it holds no part ${name} of ${feed}`);
      const { number, revision, position, updatedAt } = row;
      return {
        feed,
        name,
        number: Number(number),
        revision: Number(revision),
        position: String(position),
        updatedAt: String(updatedAt),
      };
    } catch (cause) {
      throw damaged(this.path, cause);
    }
  }
}

interface PreviousPart {
  readonly feed: string;
  readonly name: string;
  readonly number: number;
  readonly revision: number;
  readonly position: string;
  readonly updatedAt: string;
}

const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

/** True for errors that the bytes of a database are the reason of. */
function isOfContent(cause: unknown): boolean {
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

import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { applicationId, formatVersion } from "./database-format.ts";

/**
 * The address under which SQLite opens a database file for reading. The file is taken to be complete and unchanging, so
 * no lock is needed and its disk may be read-only.
 *
 * Errors: `database-not-found`; `database-malformed` when the file is not one, is cut off, or has another format
 * version.
 */
export function databaseFileUrl(path: string): URL {
  const absolute = resolve(path);
  checkHeader(absolute);
  const url = pathToFileURL(absolute);
  url.searchParams.set("mode", "ro");
  url.searchParams.set("immutable", "1");
  return url;
}

/**
 * Opens a database file for reading and returns what `use` gives; the file is closed when that throws, and else left to
 * it.
 * Errors: as {@link databaseFileUrl}.
 */
export function openDatabaseFile<T>(path: string, use: (database: DatabaseSync) => T): T {
  const url = databaseFileUrl(path);
  return guardDatabase(resolve(path), () => {
    const database = new DatabaseSync(url, { readOnly: true });
    try {
      database.exec("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;");
      return use(database);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Does something with an open database file; whatever goes wrong is `database-malformed`. */
export function guardDatabase<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw damaged(path, cause);
  }
}

/** The error for a database file that could not be read to the end; a {@link PlimsollError} stays as it is. */
export function damaged(path: string, cause: unknown): PlimsollError {
  if (cause instanceof PlimsollError) return cause;
  return malformed(`${path} is damaged: ${reasonOf(cause)}`, { cause });
}

/** A `database-malformed` error. */
export function malformed(message: string, details: { hint?: string; cause?: unknown } = {}): PlimsollError {
  return new PlimsollError("database-malformed", message, { hint: fetchAgain, ...details });
}

/** True for a database that a newer program wrote, in a format that this one cannot read. Throws what reading does. */
export function hasNewerFormat(path: string): boolean {
  const header = readHeader(path);
  return hasOurMark(header) && header.readUInt32BE(60) > formatVersion;
}

/** The same failure to read a database, of a run that would write one again with some of its parts alone. */
export function partsWouldBeLost(cause: unknown): PlimsollError {
  return malformed(cause instanceof Error ? cause.message : String(cause), {
    hint: "An update with --only would delete all other parts. Run `plimsoll db update` without --only, use another file, or delete the file first.",
    cause,
  });
}

const fetchAgain =
  "Delete the file and run `plimsoll db update` to download it again, or remove --db to use the built-in advisories.";

/**
 * Refuses to put a database in place of a file that is something else: `--db` may have been given the wrong name. A
 * database of another format, one that is damaged and an empty file may be replaced. Error: `output-not-written`, also
 * when the path cannot be looked at.
 */
export function refuseOtherFile(path: string): void {
  if (mayBeReplaced(path)) return;
  throw new PlimsollError("output-not-written", `${path} exists but is not an advisory database`, {
    hint: "The file was not changed. Use another path, or delete the file first.",
  });
}

function mayBeReplaced(path: string): boolean {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return !stat || (stat.isFile() && (stat.size === 0 || hasOurMark(readHeader(path))));
  } catch (cause) {
    const what = existsSync(path) ? "exists but cannot be read" : "cannot be written";
    throw new PlimsollError("output-not-written", `${path} ${what}: ${reasonOf(cause)}`, {
      hint: "Check the permissions of the file and its folder, or use another path.",
      cause,
    });
  }
}

/** The header of a SQLite file: 0 magic, 16 page size, 28 pages, 60 user_version, 68 application_id; big endian. */
function checkHeader(path: string): void {
  let header: Buffer;
  let size: number;
  try {
    const stat = statSync(path);
    size = stat.size;
    // Opening a pipe would wait for its writer.
    header = stat.isFile() ? readHeader(path) : Buffer.alloc(headerLength);
  } catch (cause) {
    if (existsSync(path)) throw unreadable(path, cause);
    throw new PlimsollError("database-not-found", `no advisory database found at ${path}: ${reasonOf(cause)}`, {
      hint: "Run `plimsoll db update` to download a database. Without --db and PLIMSOLL_DB, a scan uses the built-in advisories.",
      cause,
    });
  }
  if (!hasOurMark(header)) {
    throw malformed(`${path} is not an advisory database`, {
      hint: "Check the path. `plimsoll db update` downloads a database; without --db, the default database is used.",
    });
  }
  const version = header.readUInt32BE(60);
  if (version !== formatVersion) {
    const hint =
      version < formatVersion
        ? "Run `plimsoll db update` to download it in the current format, or delete the file to start with only the parts that you need."
        : "Use the version of Plimsoll that wrote the database or a newer one, or delete the file and run `plimsoll db update`.";
    throw malformed(`${path} has format ${version}; this version of Plimsoll requires format ${formatVersion}`, {
      hint,
    });
  }
  if (size !== sizeIn(header)) throw malformed(`${path} is truncated or damaged`);
}

function unreadable(path: string, cause: unknown): PlimsollError {
  return new PlimsollError("database-not-found", `the database ${path} cannot be read: ${reasonOf(cause)}`, {
    hint: "Check the permissions of the file and its folder, or use another file.",
    cause,
  });
}

/** Missing bytes of a short file are 0. */
function readHeader(path: string): Buffer {
  const header = Buffer.alloc(headerLength);
  const descriptor = openSync(path, "r");
  try {
    readSync(descriptor, header, 0, header.length, 0);
    return header;
  } finally {
    closeSync(descriptor);
  }
}

/** Bytes of the header. */
export const headerLength = 100;

/** How long an advisory database is, by its header; undefined for what is none. */
export function statedSize(header: Buffer): number | undefined {
  return hasOurMark(header) ? sizeIn(header) : undefined;
}

function sizeIn(header: Buffer): number {
  const pageSize = header.readUInt16BE(16) === 1 ? 65536 : header.readUInt16BE(16);
  return pageSize * header.readUInt32BE(28);
}

function hasOurMark(header: Buffer): boolean {
  return header.toString("latin1", 0, 16) === "SQLite format 3\0" && header.readUInt32BE(68) === applicationId;
}

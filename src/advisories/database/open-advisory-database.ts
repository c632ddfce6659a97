import { closeSync, openSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { reasonOf } from "../../io/random-access.ts";
import type { Advisory, AdvisoryIndex, Affected, DatabaseStatus } from "../../model/advisory.ts";
import { PlimsollError } from "../../model/error.ts";
import { normaliseName } from "../../model/package-name.ts";
import { coverage } from "./coverage.ts";
import { applicationId, formatVersion } from "./database-format.ts";

/**
 * Opens an advisory database for reading. The file is taken to be complete and unchanging, so any number of processes may
 * have it open without a lock, also from a read-only disk; a new one that replaces it is seen at the next opening.
 *
 * Errors: `database-not-found`; `database-malformed` when the file is not one, is cut off, or has another format version.
 * `find` also throws `database-malformed`, when the file turns out to be damaged.
 */
export function openAdvisoryDatabase(path: string): AdvisoryIndex {
  const absolute = resolve(path);
  checkHeader(absolute);
  const url = pathToFileURL(absolute);
  url.searchParams.set("immutable", "1");
  return guarded(absolute, () => {
    const database = new DatabaseSync(url, { readOnly: true });
    try {
      return indexOf(database, absolute);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function indexOf(database: DatabaseSync, path: string): AdvisoryIndex {
  database.exec("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;");
  const status = readStatus(database, path);
  const releases = database.prepare("SELECT name FROM release").all();
  const numbers = new Map(
    database
      .prepare("SELECT number, name FROM ecosystem")
      .all()
      .map((row) => [String(row["name"]), Number(row["number"])]),
  );
  // CROSS keeps the order of the two: first the package's rows, then the record of each.
  const select = database.prepare(`
    SELECT record.body AS record, affected.body AS affected
    FROM affected CROSS JOIN record ON record.number = affected.record
    WHERE affected.ecosystem = ? AND affected.name = ? ORDER BY affected.record`);
  return {
    status,
    covers: coverage(releases.map((row) => String(row["name"]))),
    find(ecosystem, name) {
      const number = numbers.get(ecosystem);
      if (number === undefined) return [];
      return guarded(path, () => select.all(number, normaliseName(ecosystem, name)).flatMap(advisoryOf));
    },
    close: () => database.close(),
  };
}

function advisoryOf(row: Record<string, unknown>): Advisory[] {
  const record = JSON.parse(String(row["record"])) as Advisory;
  if (record.withdrawn !== undefined) return [];
  return [{ ...record, affected: JSON.parse(String(row["affected"])) as Affected[] }];
}

function readStatus(database: DatabaseSync, path: string): DatabaseStatus {
  const meta = new Map(
    database
      .prepare("SELECT key, value FROM meta")
      .all()
      .map((row) => [row["key"], String(row["value"])]),
  );
  const ecosystems = database
    .prepare("SELECT name, records, newest FROM ecosystem ORDER BY name")
    .all()
    .map((row) => ({
      ecosystem: String(row["name"]),
      records: Number(row["records"]),
      newest: String(row["newest"]),
    }));
  const records = Number(database.prepare("SELECT max(number) AS last FROM record").get()?.["last"] ?? 0);
  return {
    kind: "file",
    path,
    builtAt: meta.get("builtAt") ?? "",
    source: meta.get("source") ?? "",
    records,
    ecosystems,
  };
}

/** The header of a SQLite file: 0 magic, 16 page size, 28 pages, 60 user_version, 68 application_id; big endian. */
function checkHeader(path: string): void {
  const header = Buffer.alloc(100);
  let size: number;
  try {
    size = statSync(path).size;
    const descriptor = openSync(path, "r");
    try {
      readSync(descriptor, header, 0, header.length, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw new PlimsollError("database-not-found", `there is no advisory database at ${path}: ${reasonOf(cause)}`, {
      hint: rebuild,
      cause,
    });
  }
  if (header.toString("latin1", 0, 16) !== "SQLite format 3\0" || header.readUInt32BE(68) !== applicationId) {
    throw malformed(`${path} is not an advisory database`);
  }
  const version = header.readUInt32BE(60);
  if (version !== formatVersion) {
    throw malformed(`${path} has format ${version}, and this program reads format ${formatVersion}`);
  }
  const pageSize = header.readUInt16BE(16) === 1 ? 65536 : header.readUInt16BE(16);
  if (size !== pageSize * header.readUInt32BE(28)) throw malformed(`${path} is cut off or damaged`);
}

const rebuild =
  "Build one with `plimsoll db build --from FOLDER_OR_URL`, or leave out --db to use the built-in advisories.";

function guarded<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw malformed(`${path} is damaged: ${reasonOf(cause)}`, cause);
  }
}

function malformed(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError("database-malformed", message, { hint: rebuild, ...(cause === undefined ? {} : { cause }) });
}

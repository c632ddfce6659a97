import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Advisory, AdvisoryIndex, DatabaseStatus, PackageStatement } from "../../model/findings/advisory.ts";
import { isKnownTime } from "../../model/findings/known-time.ts";
import type { ReleaseCycle } from "../../model/findings/release-cycle.ts";
import type { VexStatement } from "../../model/findings/vex.ts";
import type { VulnerabilityFacts } from "../../model/findings/vulnerability-facts.ts";
import { ecosystemBase, normaliseName } from "../../model/packages/package-name.ts";
import { guardDatabase, openDatabaseFile } from "./database-file.ts";
import { type EntryKind, recordState } from "./database-format.ts";
import { joinFacts } from "./join-facts.ts";
import { readRefusals } from "./part-refusals.ts";
import { readBehind } from "./parts-behind.ts";
import { readMeta } from "./read-meta.ts";
import { type AdvisoryRow, type RowOrigin, StoredAdvisory } from "./stored-advisory.ts";

/**
 * Opens an advisory database for reading. The file is taken to be complete and unchanging, so any number of processes
 * may have it open without a lock, also from a read-only disk; a new one that replaces it is seen at the next opening.
 * Opening reads what the database says of itself; everything else is read when it is asked for.
 *
 * Errors: `database-not-found`; `database-malformed` when the file is not one, is cut off, or has another format
 * version. Every method also throws `database-malformed`, when the file turns out to be damaged.
 */
export function openAdvisoryDatabase(path: string): AdvisoryIndex {
  const absolute = resolve(path);
  return openDatabaseFile(absolute, (database) => indexOf(database, absolute));
}

// CROSS keeps the order of the joins: first the package, then its rows, then the record of each.
const advisoriesSql = `
  SELECT record.number, record.id, record.body, affected.body
  FROM package CROSS JOIN affected ON affected.number BETWEEN package.first AND package.last
    CROSS JOIN record ON record.number = affected.record
  WHERE package.ecosystem = ? AND package.name = ? AND record.state = ? ORDER BY affected.number`;
const backgroundSql =
  "SELECT modified, background.body AS body FROM record LEFT JOIN background ON record = number WHERE number = ?";
const statementsSql = `
  SELECT release.name AS release, statement.body AS body
  FROM stated CROSS JOIN statement ON statement.number = stated.statement CROSS JOIN release ON release.number = stated.release
  WHERE stated.ecosystem = ? AND stated.name = ? ORDER BY stated.release, stated.statement`;
// What names a vulnerability stands in quotes in the bodies.
const namedSql = `
  SELECT EXISTS (SELECT 1 FROM record WHERE id = ?1 COLLATE NOCASE) OR EXISTS (SELECT 1 FROM entry WHERE kind = 'facts' AND key = upper(?1))
    OR EXISTS (SELECT 1 FROM record WHERE body LIKE ?2 ESCAPE '\\') OR EXISTS (SELECT 1 FROM statement WHERE body LIKE ?2 ESCAPE '\\')
    AS named`;
/** Longest name of a vulnerability. SQLite compares with no pattern of more than 50,000 bytes. */
const longestName = 200;
const entriesSql = "SELECT body FROM entry WHERE kind = ? AND key = ? ORDER BY part, place";
const kindSql = "SELECT 1 FROM entry WHERE kind = ? LIMIT 1";
const coversSql = `
  SELECT EXISTS (
    SELECT 1 FROM release CROSS JOIN covered ON covered.release = release.number WHERE release.name IN (?, ?)
  ) AS covers`;

function indexOf(database: DatabaseSync, path: string): AdvisoryIndex {
  const status = readStatus(database, path);
  const ecosystems = new Map(
    database
      .prepare("SELECT number, name, records FROM ecosystem")
      .all()
      .map((row) => [String(row["name"]), { number: Number(row["number"]), records: Number(row["records"]) }]),
  );
  const selectAdvisories = database.prepare(advisoriesSql);
  selectAdvisories.setReturnArrays(true);
  const selectBackground = database.prepare(backgroundSql);
  const selectStatements = database.prepare(statementsSql);
  const selectEntries = database.prepare(entriesSql);
  const selectKind = database.prepare(kindSql);
  const selectCovers = database.prepare(coversSql);
  const background: RowOrigin["background"] = (record) => selectBackground.get(record);
  const advisories = (ecosystem: string, name: string, state: number): Advisory[] => {
    const known = ecosystems.get(ecosystem);
    if (known === undefined) return [];
    return guardDatabase(path, () => {
      const kept = normaliseName(ecosystem, name).toWellFormed();
      const rows: unknown = selectAdvisories.all(known.number, kept, state);
      const origin = { path, state, name: kept, background };
      return (rows as readonly AdvisoryRow[]).map((row) => new StoredAdvisory(row, origin) as Advisory);
    });
  };
  const kinds = new Map<EntryKind, boolean>();
  const holds = (kind: EntryKind): boolean => {
    let held = kinds.get(kind);
    if (held === undefined) {
      held = guardDatabase(path, () => selectKind.get(kind) !== undefined);
      kinds.set(kind, held);
    }
    return held;
  };
  const entries = <T>(kind: EntryKind, key: string): T[] => {
    if (!holds(kind)) return [];
    return guardDatabase(path, () => selectEntries.all(kind, key).map((row) => JSON.parse(String(row["body"])) as T));
  };
  return {
    status,
    covers(ecosystem) {
      const base = ecosystemBase(ecosystem);
      if (base === ecosystem) return (ecosystems.get(base)?.records ?? 0) > 0;
      return guardDatabase(path, () => selectCovers.get(ecosystem, base)?.["covers"] === 1);
    },
    find: (ecosystem, name) => advisories(ecosystem, name, 0),
    withdrawn: (ecosystem, name) => advisories(ecosystem, name, recordState.withdrawn),
    statements(ecosystem, name) {
      const known = ecosystems.get(ecosystem);
      if (known === undefined) return [];
      return guardDatabase(path, () =>
        selectStatements.all(known.number, normaliseName(ecosystem, name)).map(statementOf),
      );
    },
    facts: (cve) => joinFacts(entries<VulnerabilityFacts>("facts", cve)),
    builtInRecords: () => [],
    releaseCycles: (product) => entries<ReleaseCycle>("release-cycle", product),
    repositoryCpes: (repository) => [...new Set(entries<readonly string[]>("repository", repository).flat())],
    isNamed(name) {
      if (name.length > longestName) return false;
      const quoted = `%${JSON.stringify(name).replace(/[\\%_]/g, "\\$&")}%`;
      return guardDatabase(path, () => database.prepare(namedSql).get(name, quoted)?.["named"] === 1);
    },
    close: () => database.close(),
  };
}

function statementOf(row: Record<string, unknown>): PackageStatement {
  const statement = JSON.parse(String(row["body"])) as VexStatement;
  return { ...statement, ecosystem: String(row["release"]) };
}

function readStatus(database: DatabaseSync, path: string): DatabaseStatus {
  const meta = readMeta(database);
  const ecosystems = database
    .prepare("SELECT name, records, newest FROM ecosystem WHERE records > 0 ORDER BY number")
    .all()
    .map((row) => {
      const newest = String(row["newest"]);
      return {
        ecosystem: String(row["name"]),
        records: Number(row["records"]),
        ...(isKnownTime(newest) && { newest }),
      };
    });
  const parts = database
    .prepare("SELECT feed, revision, name, items, updatedAt, refused FROM part ORDER BY number")
    .all()
    .map((row) => {
      const refusals = readRefusals(String(row["refused"]));
      return {
        feed: String(row["feed"]),
        revision: Number(row["revision"]),
        name: String(row["name"]),
        items: Number(row["items"]),
        updatedAt: String(row["updatedAt"]),
        ...(refusals && { refused: refusals.count }),
      };
    });
  const behind = readBehind(meta.get("behind"));
  return {
    kind: "file",
    path,
    builtAt: meta.get("builtAt") ?? "",
    source: meta.get("source") ?? "",
    records: Number(meta.get("records") ?? 0),
    ecosystems,
    parts,
    ...(behind.length > 0 && { behind }),
  };
}

import type { DatabaseSync } from "node:sqlite";
import type { PartBehind } from "../../model/findings/advisory.ts";
import { compareModified } from "./compare-modified.ts";
import { contentDigest, digestParts } from "./content-digest.ts";
import { affectedByPackage, recordState, schema } from "./database-format.ts";
import { behindText } from "./parts-behind.ts";

// Two sources, `collected` (0) and, when parts of it are kept, `previous` (1), become the tables of the finished file
// in the order of their keys. First each thing gets its place, which is its number in the finished file; then rows are
// copied by place.

/** Facts about a database as a whole. */
export interface DatabaseOrigin {
  /** RFC 3339. */
  readonly builtAt: string;
  readonly source: string;
  /** In the order of feed and name. */
  readonly behind?: readonly PartBehind[];
}

/** A part that was taken over whole and has not the digest that it had. */
export class KeptPartDiffers extends Error {}

/**
 * Fills the database `main` from the attached `collected` and, with `hasPrevious`, from the attached `previous`.
 * Returns the number of advisories, each id counted once.
 *
 * Errors: those of SQLite; {@link KeptPartDiffers}.
 */
export function assembleDatabase(
  database: DatabaseSync,
  { builtAt, source, behind = [], hasPrevious }: DatabaseOrigin & { readonly hasPrevious: boolean },
): number {
  const union = (select: (from: Source) => string): string =>
    (hasPrevious ? sources : sources.slice(0, 1)).map(select).join(" UNION ALL ");
  database.exec(schema);
  database.exec(partPlaces);
  if (hasPrevious) database.exec(touchUpstream);
  database.exec(recordPlaces(union));
  hideDoubles(database);
  database.exec(statementPlaces(union));
  database.exec(releasePlaces(union));
  database.exec(copyNames);
  database.exec(copyRecords(hasPrevious));
  database.exec(copyByPackage(union));
  database.exec(copyStatements(hasPrevious));
  database.exec(copyEntries(union));
  const digest = writeParts(database, hasPrevious);
  const count = "SELECT count(*) AS count FROM record WHERE state < ?";
  const records = Number(database.prepare(count).get(recordState.hidden)?.["count"]);
  const meta = database.prepare("INSERT INTO meta VALUES (?, ?)");
  for (const [key, value] of Object.entries({ builtAt, digest, records, source })) meta.run(key, String(value));
  if (behind.length > 0) meta.run("behind", behindText(behind));
  return records;
}

interface Source {
  readonly name: "collected" | "previous";
  readonly number: 0 | 1;
  /** The entries of `affected` with their packages. */
  readonly affected: string;
  /** How many of the `entries` of each package are taken. */
  readonly packages: string;
  /** Joins a row's part with its place, by the column `part` of the table that is named. */
  readonly part: (table: string) => string;
  /** A condition on a row of this kind and key: its part takes it, nothing having come in its place. */
  readonly untouched: (kind: string, key: string) => string;
}

const sources: readonly Source[] = [
  {
    name: "collected",
    number: 0,
    affected: "collected.affected",
    packages: "SELECT ecosystem, name, count(*) AS entries FROM collected.affected GROUP BY ecosystem, name",
    part: (table) => `JOIN collected.part_place p ON p.collected = ${table}.part`,
    untouched: () => "true",
  },
  {
    name: "previous",
    number: 1,
    affected: affectedByPackage("previous"),
    packages: `SELECT p.ecosystem AS ecosystem, p.name AS name, count(*) AS entries
      FROM previous.package p CROSS JOIN previous.affected a ON a.number BETWEEN p.first AND p.last
        CROSS JOIN collected.record_place m ON m.source = 1 AND m.number = a.record
      GROUP BY p.ecosystem, p.name`,
    part: (table) => `JOIN collected.part_place p ON p.previous = ${table}.part`,
    untouched: (kind, key) => {
      const touched = `EXISTS (
      SELECT 1 FROM collected.touched t WHERE t.part = p.collected AND t.kind = ${kind} AND t.key = ${key})`;
      return `CASE p.taken WHEN 'unchanged' THEN NOT ${touched} WHEN 'unreadable' THEN ${touched} ELSE true END`;
    },
  },
];

type Union = (select: (from: Source) => string) => string;

const partPlaces = `
  CREATE TABLE collected.part_place(place INTEGER PRIMARY KEY, collected INTEGER UNIQUE, previous INTEGER UNIQUE,
    taken TEXT);
  INSERT INTO collected.part_place
    SELECT row_number() OVER (ORDER BY feed, name), number, previous, taken FROM collected.part;
`;

/** Statements on a CVE go with the advisory that was on it, also when the new one is on another. */
const touchUpstream = `
  INSERT OR IGNORE INTO collected.touched
    SELECT t.part, 'statement', u.value
    FROM previous.record r CROSS JOIN collected.part_place p ON p.previous = r.part AND p.taken = 'unchanged'
      CROSS JOIN collected.touched t ON t.part = p.collected AND t.kind = 'advisory' AND t.key = r.id
      CROSS JOIN json_each(r.body, '$.upstream') u
    WHERE u.type = 'text';
`;

const recordPlaces = (union: Union): string => `
  CREATE TABLE collected.record_place(place INTEGER PRIMARY KEY, source INTEGER, number INTEGER, part INTEGER, near TEXT,
    id TEXT, modified TEXT, state INTEGER);
  INSERT INTO collected.record_place
    SELECT row_number() OVER (ORDER BY part, near, id), source, number, part, near, id, modified, state FROM (${union(
      ({ name, number, part, untouched }) => `
      SELECT ${number} AS source, r.number AS number, p.place AS part, r.near AS near, r.id AS id, r.modified AS modified,
        r.state & ${recordState.withdrawn} AS state
      FROM ${name}.record r ${part("r")} WHERE ${untouched("'advisory'", "r.id")}`,
    )});
  CREATE UNIQUE INDEX collected.place_of_record ON record_place(source, number);
`;

/**
 * When several parts have a record with one id, the one modified last counts; at the same time of modification, the
 * first.
 */
function hideDoubles(database: DatabaseSync): void {
  const doubles = database.prepare(`
    SELECT place, id, modified FROM collected.record_place
    WHERE id IN (SELECT id FROM collected.record_place GROUP BY id HAVING count(*) > 1) ORDER BY id, place`);
  const hidden: number[] = [];
  let best = { place: 0, id: "", modified: "" };
  for (const row of doubles.iterate()) {
    const next = { place: Number(row["place"]), id: String(row["id"]), modified: String(row["modified"]) };
    if (best.place === 0 || best.id !== next.id) best = next;
    else if (compareModified(best.modified, next.modified) >= 0) hidden.push(next.place);
    else {
      hidden.push(best.place);
      best = next;
    }
  }
  const hide = database.prepare("UPDATE collected.record_place SET state = state | ? WHERE place = ?");
  for (const place of hidden) hide.run(recordState.hidden, place);
}

const statementPlaces = (union: Union): string => `
  CREATE TABLE collected.statement_place(place INTEGER PRIMARY KEY, source INTEGER, number INTEGER, part INTEGER);
  INSERT INTO collected.statement_place
    SELECT row_number() OVER (ORDER BY part, body), source, number, part FROM (${union(
      ({ name, number, part, untouched }) => `
      SELECT ${number} AS source, s.number AS number, p.place AS part, s.body AS body
      FROM ${name}.statement s ${part("s")} WHERE ${untouched("'statement'", "s.body ->> '$.vulnerability.name'")}`,
    )});
  CREATE UNIQUE INDEX collected.place_of_statement ON statement_place(source, number);
`;

/** Only the names that are in use, so that a kept part brings no others. */
const releasePlaces = (union: Union): string => `
  CREATE TABLE collected.used_release(source INTEGER, number INTEGER, name TEXT, base TEXT, PRIMARY KEY (source, number))
    WITHOUT ROWID;
  INSERT INTO collected.used_release
    SELECT u.source, u.number, u.name, u.base FROM (${union(
      ({ name, number }) => `
      SELECT ${number} AS source, r.number AS number, r.name AS name, e.name AS base
      FROM ${name}.release r JOIN ${name}.ecosystem e ON e.number = r.ecosystem
      WHERE r.number IN (
        SELECT c.release FROM ${name}.covered c
          CROSS JOIN collected.record_place m ON m.source = ${number} AND m.number = c.record
        UNION SELECT s.release FROM ${name}.stated s
          CROSS JOIN collected.statement_place m ON m.source = ${number} AND m.number = s.statement
      )`,
    )}) u;
  CREATE TABLE collected.ecosystem_place(place INTEGER PRIMARY KEY, name TEXT UNIQUE);
  INSERT INTO collected.ecosystem_place
    SELECT row_number() OVER (ORDER BY base), base FROM (SELECT DISTINCT base FROM collected.used_release);
  CREATE TABLE collected.release_place(place INTEGER PRIMARY KEY, name TEXT UNIQUE, ecosystem INTEGER);
  INSERT INTO collected.release_place
    SELECT row_number() OVER (ORDER BY u.name), u.name, e.place
    FROM (SELECT DISTINCT name, base FROM collected.used_release) u JOIN collected.ecosystem_place e ON e.name = u.base;
  CREATE TABLE collected.place_of_release(source INTEGER, number INTEGER, place INTEGER, PRIMARY KEY (source, number))
    WITHOUT ROWID;
  INSERT INTO collected.place_of_release
    SELECT u.source, u.number, r.place FROM collected.used_release u JOIN collected.release_place r ON r.name = u.name;
  CREATE TABLE collected.place_of_ecosystem(source INTEGER, number INTEGER, place INTEGER, PRIMARY KEY (source, number))
    WITHOUT ROWID;
  INSERT INTO collected.place_of_ecosystem
    SELECT u.source, u.number, e.place FROM (${union(
      ({ name, number }) => `SELECT ${number} AS source, number, name FROM ${name}.ecosystem`,
    )}) u JOIN collected.ecosystem_place e ON e.name = u.name;
`;

/** The rows of `ecosystem` come last, when what they count is there. */
const copyNames = `
  INSERT INTO main.release SELECT place, name, ecosystem FROM collected.release_place ORDER BY place;
`;

const copyRecords = (hasPrevious: boolean): string => `
  INSERT INTO main.record
    SELECT m.place, m.part, m.near, m.id, m.modified, m.state, ${hasPrevious ? "coalesce(c.body, q.body)" : "c.body"}
    FROM collected.record_place m LEFT JOIN collected.record c ON m.source = 0 AND c.number = m.number
      ${hasPrevious ? "LEFT JOIN previous.record q ON m.source = 1 AND q.number = m.number" : ""}
    ORDER BY m.place;
  INSERT INTO main.stand_in
    SELECT m.place FROM collected.record_place m JOIN collected.record c ON m.source = 0 AND c.number = m.number
      WHERE c.standIn = 1
    ${hasPrevious ? "UNION ALL SELECT m.place FROM collected.record_place m JOIN previous.stand_in s ON m.source = 1 AND s.record = m.number" : ""}
    ORDER BY 1;
  INSERT INTO main.background SELECT place, body FROM (
    SELECT m.place AS place, ${hasPrevious ? "coalesce(c.background, q.body)" : "c.background"} AS body
    FROM collected.record_place m LEFT JOIN collected.record c ON m.source = 0 AND c.number = m.number
      ${hasPrevious ? "LEFT JOIN previous.background q ON m.source = 1 AND q.record = m.number" : ""}
    ORDER BY m.place
  ) WHERE body IS NOT NULL;
`;

// The records of a package in the order in which they are read: by part and id.
const copyByPackage = (union: Union): string => `
  INSERT INTO main.affected(record, body) SELECT record, body FROM (${union(
    ({ number, affected }) => `
    SELECT e.place AS ecosystem, a.name AS name, m.place AS record, r.part AS part, r.id AS id, a.body AS body
    FROM ${affected} a
      CROSS JOIN collected.record_place m ON m.source = ${number} AND m.number = a.record
      CROSS JOIN main.record r ON r.number = m.place
      CROSS JOIN collected.place_of_ecosystem e ON e.source = ${number} AND e.number = a.ecosystem`,
  )}) ORDER BY ecosystem, name, part, id, record;
  INSERT INTO main.package
    SELECT ecosystem, name, last - entries + 1, last FROM (
      SELECT ecosystem, name, sum(entries) AS entries, sum(sum(entries)) OVER (ORDER BY ecosystem, name) AS last
      FROM (${union(
        ({ number, packages }) => `
        SELECT e.place AS ecosystem, a.name AS name, a.entries AS entries
        FROM (${packages}) a CROSS JOIN collected.place_of_ecosystem e
          ON e.source = ${number} AND e.number = a.ecosystem`,
      )}) GROUP BY ecosystem, name
    ) ORDER BY ecosystem, name;
  INSERT INTO main.covered ${union(
    ({ name, number }) => `
    SELECT r.place AS release, m.place AS record
    FROM ${name}.covered c
      CROSS JOIN collected.record_place m ON m.source = ${number} AND m.number = c.record
      CROSS JOIN collected.place_of_release r ON r.source = ${number} AND r.number = c.release`,
  )} ORDER BY 1, 2;
  INSERT INTO main.ecosystem
    SELECT e.place, e.name, count(DISTINCT m.place), coalesce(max(m.modified), '')
    FROM collected.ecosystem_place e
      LEFT JOIN main.release r ON r.ecosystem = e.place
      LEFT JOIN main.covered c ON c.release = r.number
      LEFT JOIN collected.record_place m ON m.place = c.record AND m.state < ${recordState.hidden}
    GROUP BY e.place ORDER BY e.place;
  INSERT INTO main.stated ${union(
    ({ name, number }) => `
    SELECT e.place AS ecosystem, s.name AS name, r.place AS release, m.place AS statement
    FROM ${name}.stated s
      CROSS JOIN collected.statement_place m ON m.source = ${number} AND m.number = s.statement
      CROSS JOIN collected.place_of_ecosystem e ON e.source = ${number} AND e.number = s.ecosystem
      CROSS JOIN collected.place_of_release r ON r.source = ${number} AND r.number = s.release`,
  )} ORDER BY 1, 2, 3, 4;
`;

const copyStatements = (hasPrevious: boolean): string => `
  INSERT INTO main.statement
    SELECT m.place, m.part, ${hasPrevious ? "coalesce(c.body, q.body)" : "c.body"}
    FROM collected.statement_place m LEFT JOIN collected.statement c ON m.source = 0 AND c.number = m.number
      ${hasPrevious ? "LEFT JOIN previous.statement q ON m.source = 1 AND q.number = m.number" : ""}
    ORDER BY m.place;
`;

const copyEntries = (union: Union): string => `
  INSERT INTO main.entry
    SELECT kind, key, part, row_number() OVER (PARTITION BY kind, key, part ORDER BY place), body FROM (${union(
      ({ name, part, untouched }) => `
      SELECT e.kind AS kind, e.key AS key, p.place AS part, e.place AS place, e.body AS body
      FROM ${name}.entry e ${part("e")} WHERE ${untouched("e.kind", "e.key")}`,
    )}) ORDER BY 1, 2, 3, 4;
`;

/** Writes `part` and returns the digest of the whole. */
function writeParts(database: DatabaseSync, hasPrevious: boolean): string {
  const rows = database
    .prepare(`
      SELECT p.place, c.feed, c.name, c.revision, c.position, c.updatedAt, c.refused, p.taken,
        ${hasPrevious ? "(SELECT digest FROM previous.part q WHERE q.number = p.previous)" : "NULL"} AS previous
      FROM collected.part_place p JOIN collected.part c ON c.number = p.collected ORDER BY p.place`)
    .all();
  const digesting = digestParts(database, rows.length);
  let step = digesting.next();
  while (!step.done) step = digesting.next();
  const insert = database.prepare("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const parts = rows.map((row, index) => {
    const { digest = "", items = 0 } = step.value?.[index] ?? {};
    const [feed, name, revision] = [String(row["feed"]), String(row["name"]), Number(row["revision"])];
    const isWhole = row["taken"] === "current" || row["taken"] === "all";
    if (isWhole && row["previous"] !== digest) {
      throw new KeptPartDiffers(`digest mismatch in the part ${name} of ${feed}`);
    }
    const texts = [String(row["position"]), items, String(row["updatedAt"]), digest, String(row["refused"])];
    insert.run(index + 1, feed, name, revision, ...texts);
    return { feed, name, revision, digest };
  });
  return contentDigest(parts);
}

import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";
import { contentDigest, type DigestedRow, digestParts, type PartContent, type TableLetter } from "./content-digest.ts";
import { damaged, guardDatabase, malformed, openDatabaseFile } from "./database-file.ts";
import { recordState, schema } from "./database-format.ts";
import { openAdvisoryDatabase } from "./open-advisory-database.ts";
import { readStatedParts, type StatedPart } from "./stated-parts.ts";

/** What a database file was found to hold. */
export interface VerifiedDatabase {
  /** `sha256:` and 64 hexadecimal digits: the same for the same content, whenever and from wherever it was fetched. */
  readonly digest: string;
  readonly parts: number;
  /** Advisories, each id counted once. */
  readonly records: number;
  /** Statements, one for each package that a statement is made of. */
  readonly statements: number;
  /** Facts, release cycles and repositories. */
  readonly entries: number;
}

/**
 * Reads a whole database file and checks it: its structure, that every row can be read, that what it counts is there,
 * that its content has the digest that it states, and that what no digest proves, such as times and positions, can be
 * read.
 *
 * Errors: `database-not-found`; `database-malformed`, which names what is wrong; `cancelled`.
 */
export async function verifyDatabase(
  path: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<VerifiedDatabase> {
  const absolute = resolve(path);
  const { database, parts } = openDatabaseFile(absolute, (opened) => ({
    database: opened,
    parts: readStatedParts(opened),
  }));
  try {
    checkSignal(signal);
    checkStructure(database, absolute);
    await turn();
    const contents = await readContents(database, { path: absolute, parts, signal });
    const verified = guardDatabase(absolute, () => checkCounts(database, { path: absolute, parts, contents }));
    openAdvisoryDatabase(absolute).close();
    return verified;
  } finally {
    database.close();
  }
}

function checkStructure(database: DatabaseSync, path: string): void {
  const [first] = guardDatabase(path, () => database.prepare("PRAGMA integrity_check(1)").all());
  const answer = String(first?.["integrity_check"]);
  if (answer !== "ok") throw malformed(`${path} is damaged: ${answer.replaceAll("\n", " ")}`);
  const known = objectsOfFormat();
  const other = guardDatabase(path, () => objectsIn(database)).find((object) => !known.includes(object));
  if (other !== undefined) throw malformed(`${path} contains an object that is not part of the format: ${other}`);
}

/** No digest is of what stands beside the tables of the format. */
function objectsOfFormat(): readonly string[] {
  const database = new DatabaseSync(":memory:");
  try {
    database.exec(schema);
    return objectsIn(database);
  } finally {
    database.close();
  }
}

/** The tables, indexes, views and triggers: `table record`. */
function objectsIn(database: DatabaseSync): readonly string[] {
  const rows = database.prepare("SELECT type, name FROM sqlite_schema").all();
  return rows.map(({ type, name }) => `${type} ${JSON.stringify(name)}`);
}

interface Reading {
  readonly path: string;
  readonly parts: readonly StatedPart[];
  readonly signal: AbortSignal | undefined;
}

async function readContents(database: DatabaseSync, { path, parts, signal }: Reading): Promise<readonly PartContent[]> {
  const reading = digestParts(database, parts.length, inspectRow);
  for (;;) {
    checkSignal(signal);
    let step: ReturnType<typeof reading.next>;
    try {
      step = reading.next();
    } catch (cause) {
      throw damaged(path, cause);
    }
    if (step.done) return step.value;
    await turn();
  }
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PlimsollError("cancelled", "the check of the database was cancelled");
}

const rowNames: Readonly<Record<TableLetter, string>> = {
  R: "record",
  I: "stand_in",
  B: "background",
  A: "affected",
  C: "covered",
  S: "statement",
  P: "stated",
  E: "entry",
};

/** Checks that a row's body is JSON of the kind that readers count on. */
function inspectRow(table: TableLetter, row: DigestedRow): void {
  if (table === "I" || table === "C" || table === "P") return;
  const body = parseJson(String(row.at(-1)));
  const isRight =
    table === "A"
      ? Array.isArray(body) && body.every((entry) => isJsonObject(entry) && isPackage(entry["package"]))
      : table === "E" && row[1] === "repository"
        ? Array.isArray(body)
        : isJsonObject(body);
  if (!isRight)
    throw new Error(`a row of ${rowNames[table]} cannot be read: ${row.slice(0, -1).join(" ").slice(0, 200)}`);
}

/** As `affected.body` has it. */
function isPackage(named: unknown): boolean {
  return typeof named === "string" || isJsonObject(named);
}

interface StatedContents {
  readonly path: string;
  readonly parts: readonly StatedPart[];
  readonly contents: readonly PartContent[];
}

function checkCounts(database: DatabaseSync, { path, parts, contents }: StatedContents): VerifiedDatabase {
  for (const [index, { feed, name, items, digest }] of parts.entries()) {
    const content = contents[index];
    if (content?.items !== items) {
      throw malformed(`${path} should have ${items} items in the part ${name} of ${feed} but has ${content?.items}`);
    }
    if (content.digest !== digest) {
      throw malformed(`${path} was changed after it was written: digest mismatch in the part ${name} of ${feed}`);
    }
  }
  const meta = (key: string): unknown => database.prepare("SELECT value FROM meta WHERE key = ?").get(key)?.["value"];
  const digest = contentDigest(parts);
  if (meta("digest") !== digest) throw malformed(`${path} was changed after it was written: digest mismatch`);
  const records = countOf(database, "SELECT count(DISTINCT id) AS count FROM record");
  if (Number(meta("records")) !== records) {
    throw malformed(`${path} should have ${String(meta("records"))} records but has ${records}`);
  }
  for (const [sql, what] of contradictions) {
    const count = countOf(database, sql);
    if (count > 0) throw malformed(`${path} is inconsistent: ${count} ${what}`);
  }
  const sum = (of: (content: PartContent) => number): number => contents.reduce((total, each) => total + of(each), 0);
  const statements = sum((content) => content.statements);
  return { digest, parts: parts.length, records, statements, entries: sum((content) => content.entries) };
}

function countOf(database: DatabaseSync, sql: string): number {
  return Number(database.prepare(sql).get()?.["count"]);
}

/** Checks of the columns beside the content: each counts the rows that contradict their sources. */
const contradictions: readonly (readonly [sql: string, what: string])[] = [
  [
    `SELECT count(*) AS count FROM record
      WHERE (state & ${recordState.withdrawn} <> 0) <> (body ->> '$.withdrawn' IS NOT NULL)
        OR state NOT BETWEEN 0 AND ${recordState.withdrawn | recordState.hidden}`,
    "records are wrongly marked as withdrawn",
  ],
  [
    `SELECT count(*) AS count FROM (
      SELECT 1 FROM record GROUP BY id HAVING sum(state < ${recordState.hidden}) <> 1)`,
    "identifiers do not have exactly one active record",
  ],
  [
    "SELECT count(*) AS count FROM stand_in WHERE record NOT IN (SELECT number FROM record)",
    "stand-in advisories have no record",
  ],
  [
    `SELECT count(*) AS count FROM ecosystem e JOIN (
      SELECT e.number AS number, count(DISTINCT m.number) AS records, coalesce(max(m.modified), '') AS newest
      FROM ecosystem e LEFT JOIN release r ON r.ecosystem = e.number LEFT JOIN covered c ON c.release = r.number
        LEFT JOIN record m ON m.number = c.record AND m.state < ${recordState.hidden}
      GROUP BY e.number) counted ON counted.number = e.number
    WHERE counted.records <> e.records OR counted.newest <> e.newest`,
    "ecosystems have wrong counts",
  ],
  [
    `SELECT abs((SELECT count(*) FROM affected) - (SELECT coalesce(sum(last - first + 1), 0) FROM package)) AS count`,
    "entries belong to no package or to several",
  ],
];

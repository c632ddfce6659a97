import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Advisory } from "../../model/findings/advisory.ts";
import { ecosystemBase, normaliseName } from "../../model/packages/package-name.ts";
import type { FeedItem } from "../feed-item.ts";
import { writeAdvisory, writeAffected } from "./advisory-texts.ts";
import { compareModified } from "./compare-modified.ts";
import { type EntryKind, recordState } from "./database-format.ts";
import { groupAffected } from "./group-affected.ts";
import { keepPackages } from "./keep-packages.ts";
import { PreviousAdvisories } from "./previous-advisories.ts";

// What the parts of a new database bring, in the order in which it comes. The tables are those of the finished file
// under the same names, with keys that suit writing, and numbered as items come; `background` and `standIn` (0 or 1)
// are columns of `record`.
//
// `part` also says which items are taken from an existing database: `previous` is the number of the part in it, `taken`
// is
//
//   all          everything
//   current      everything, and the publisher was asked
//   unchanged    all items that are not in `touched`
//   unreadable   only the items in `touched`
//
// A row of `touched` is an advisory by id, a vulnerability by name whose statements go with it, or an entry by its key.

const tables = `
  CREATE TABLE collected.part(number INTEGER PRIMARY KEY, feed TEXT, name TEXT, revision INTEGER, position TEXT,
    updatedAt TEXT, refused TEXT, previous INTEGER, taken TEXT, UNIQUE (feed, name));
  CREATE TABLE collected.ecosystem(number INTEGER PRIMARY KEY, name TEXT UNIQUE);
  CREATE TABLE collected.release(number INTEGER PRIMARY KEY, name TEXT UNIQUE, ecosystem INTEGER);
  CREATE TABLE collected.record(number INTEGER PRIMARY KEY, part INTEGER, near TEXT, id TEXT, modified TEXT, state INTEGER,
    body TEXT, background TEXT, standIn INTEGER, UNIQUE (part, id));
  CREATE TABLE collected.affected(record INTEGER, ecosystem INTEGER, name TEXT, body TEXT,
    PRIMARY KEY (record, ecosystem, name)) WITHOUT ROWID;
  CREATE TABLE collected.covered(record INTEGER, release INTEGER, PRIMARY KEY (record, release)) WITHOUT ROWID;
  CREATE TABLE collected.statement(number INTEGER PRIMARY KEY, part INTEGER, body TEXT, UNIQUE (part, body));
  CREATE TABLE collected.stated(statement INTEGER, ecosystem INTEGER, name TEXT, release INTEGER,
    PRIMARY KEY (statement, ecosystem, name, release)) WITHOUT ROWID;
  CREATE TABLE collected.entry(part INTEGER, kind TEXT, key TEXT, place INTEGER, body TEXT,
    PRIMARY KEY (part, kind, key, place)) WITHOUT ROWID;
  CREATE TABLE collected.touched(part INTEGER, kind TEXT, key TEXT, PRIMARY KEY (part, kind, key)) WITHOUT ROWID;
`;

/** The names of the tables. */
export const collectedTables: readonly string[] = Array.from(
  tables.matchAll(/CREATE TABLE collected\.(\w+)/g),
  ([, name = ""]) => name,
);

/** Facts about a part before its items. */
export interface CollectedPart {
  readonly feed: string;
  readonly name: string;
  readonly revision: number;
  readonly position: string;
  /** RFC 3339. */
  readonly updatedAt: string;
  /** The number of the part in the previous database, when something is taken from there. */
  readonly previous?: number;
  /** The items taken from there. */
  readonly taken?: TakenItems;
  /** By `part-refusals.ts`. */
  readonly refused: string;
}

/** What a part takes from a database that is there. */
export type TakenItems = "current" | "all" | "unchanged" | "unreadable";

/** The attached database `collected`, written by part. */
export class CollectedItems {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #ecosystems: NumberedNames;
  readonly #releases: NumberedNames;
  readonly #statementNumbers = new Map<string, number>();
  #part = 0;
  #taken: TakenItems | undefined;
  #previous: PreviousAdvisories | undefined;
  #place = 0;
  #firstRecord = 0;
  #firstStatement = 0;

  constructor(database: DatabaseSync) {
    database.exec(tables);
    this.#database = database;
    this.#statements = prepare(database);
    this.#ecosystems = new NumberedNames((name) => {
      this.#statements.ecosystem.run(name);
      return this.#statements.findEcosystem;
    });
    this.#releases = new NumberedNames((name) => {
      this.#statements.release.run(name, this.#ecosystems.numberOf(ecosystemBase(name)));
      return this.#statements.findRelease;
    });
  }

  startPart({ feed, name, revision, position, updatedAt, refused, previous, taken }: CollectedPart): void {
    const values = [feed, name, revision, position, updatedAt, refused, previous ?? null, taken ?? null];
    this.#part = Number(this.#statements.part.run(...values).lastInsertRowid);
    this.#taken = taken;
    const mayLeave = taken === "unreadable" || taken === "unchanged";
    this.#previous = mayLeave && previous !== undefined ? new PreviousAdvisories(this.#database, previous) : undefined;
    this.#firstRecord = this.#next("record");
    this.#firstStatement = this.#next("statement");
    this.#statementNumbers.clear();
  }

  endPart(position: string, refused: string): void {
    const update = "UPDATE collected.part SET position = ?, refused = ? WHERE number = ?";
    this.#database.prepare(update).run(position, refused, this.#part);
    if (this.#taken !== "unreadable") return;
    // What came after all is not taken from the previous database.
    for (const [kind, names] of [
      ["advisory", "SELECT id FROM collected.record WHERE part = :part"],
      ["statement", "SELECT body ->> '$.vulnerability.name' FROM collected.statement WHERE part = :part"],
      ["statement", namesOfStandIns],
    ] as const) {
      const remove = `DELETE FROM collected.touched WHERE part = :part AND kind = :kind AND key IN (${names})`;
      this.#database.prepare(remove).run({ part: this.#part, kind });
    }
  }

  /** Forgets the part that was started last. */
  abandonPart(): void {
    const remove = (table: string, column: string, least: number): unknown =>
      this.#database.prepare(`DELETE FROM collected.${table} WHERE ${column} >= ?`).run(least);
    for (const table of ["affected", "covered"]) remove(table, "record", this.#firstRecord);
    remove("record", "number", this.#firstRecord);
    remove("stated", "statement", this.#firstStatement);
    remove("statement", "number", this.#firstStatement);
    for (const table of ["entry", "touched"]) remove(table, "part", this.#part);
    remove("part", "number", this.#part);
  }

  #next(table: string): number {
    const row = this.#database.prepare(`SELECT max(number) AS last FROM collected.${table}`).get();
    return Number(row?.["last"] ?? 0) + 1;
  }

  add(item: FeedItem): void {
    if (item.kind === "advisory") this.#addAdvisory(item.advisory, { standsIn: false });
    else if (item.kind === "removed") this.#remove(item.id);
    else if (item.kind === "unreadable") this.#leave(item);
    else if (item.kind === "statement") this.#addStatement(item);
    else if (item.kind === "facts") this.#addEntry(item.kind, item.cve, item.facts);
    else if (item.kind === "release-cycle") this.#addEntry(item.kind, item.product, item.cycle);
    else this.#addEntry(item.kind, item.repository, item.cpes);
  }

  #addAdvisory(advisory: Advisory, { standsIn }: { readonly standsIn: boolean }): void {
    const { id, modified } = advisory;
    this.#touch("advisory", id);
    for (const name of [id, ...(advisory.upstream ?? [])]) this.#touch("statement", name);
    const known = this.#statements.find.get(this.#part, id);
    if (known && !isAhead({ modified, standsIn }, known)) return;
    const { body, background = null } = writeAdvisory(advisory);
    const groups = groupAffected(advisory);
    const near = groups.reduce((least, { name }, index) => (index === 0 || name < least ? name : least), "");
    const state = advisory.withdrawn === undefined ? 0 : recordState.withdrawn;
    const standIn = standsIn ? 1 : 0;
    let number: number;
    if (known) {
      number = Number(known["number"]);
      this.#statements.replace.run(near, modified, state, body, background, standIn, number);
      this.#forgetPackages(number);
    } else {
      const values = [this.#part, near, id, modified, state, body, background, standIn];
      number = Number(this.#statements.insert.run(...values).lastInsertRowid);
    }
    const releases = new Set<string>();
    for (const { ecosystem, name, affected: entries } of groups) {
      for (const entry of entries) releases.add(entry.package?.ecosystem.toWellFormed() ?? ecosystem);
      this.#statements.affect.run(number, this.#ecosystems.numberOf(ecosystem), name, writeAffected(entries, name));
    }
    for (const release of releases) this.#statements.cover.run(number, this.#releases.numberOf(release));
  }

  #forgetPackages(record: number): void {
    this.#statements.forgetAffected.run(record);
    this.#statements.forgetCovered.run(record);
  }

  #remove(id: string): void {
    for (const kind of ["advisory", "statement", "facts"] as const) this.#touch(kind, id);
    const known = this.#statements.find.get(this.#part, id);
    if (!known) return;
    const number = Number(known["number"]);
    this.#forgetPackages(number);
    this.#statements.remove.run(number);
  }

  /** Sees to it that what is there stays; in a part of changes it does so by itself. */
  #leave({ id, standIn, statements }: FeedItem & { readonly kind: "unreadable" }): void {
    if (this.#taken === "unreadable") {
      for (const kind of ["advisory", "statement"]) this.#statements.touch.run(this.#part, kind, id);
    }
    if (!standIn) return;
    const before = this.#previous?.find(id);
    if (!before && !standIn.affected?.length) return;
    if (before && !before.standsIn && !(statements && compareModified(standIn.modified, before.modified) > 0)) return;
    const known = before && { before: before.affected(), statements: statements ?? [] };
    this.#addAdvisory(known ? keepPackages(standIn, known) : standIn, { standsIn: true });
    for (const statement of statements ?? []) this.#addStatement(statement);
  }

  #addStatement({ ecosystem, name, statement }: FeedItem & { readonly kind: "statement" }): void {
    this.#touch("statement", statement.vulnerability.name);
    const base = ecosystemBase(ecosystem);
    const release = this.#releases.numberOf(ecosystem.toWellFormed());
    const number = this.#statementNumber(JSON.stringify(statement));
    this.#statements.state.run(
      number,
      this.#ecosystems.numberOf(base.toWellFormed()),
      normaliseName(base, name),
      release,
    );
  }

  #statementNumber(body: string): number {
    const known = this.#statementNumbers.get(body);
    if (known !== undefined) return known;
    this.#statements.insertStatement.run(this.#part, body);
    const number = Number(this.#statements.findStatement.get(this.#part, body)?.["number"]);
    if (this.#statementNumbers.size >= mostRemembered) this.#statementNumbers.clear();
    this.#statementNumbers.set(body, number);
    return number;
  }

  #addEntry(kind: EntryKind, key: string, value: unknown): void {
    this.#touch(kind, key);
    this.#statements.entry.run(this.#part, kind, key, ++this.#place, JSON.stringify(value));
  }

  #touch(kind: "advisory" | "statement" | EntryKind, key: string): void {
    if (this.#taken === "unchanged") this.#statements.touch.run(this.#part, kind, key);
  }
}

// What was stated before could hide what stands in.
const namesOfStandIns = `
  SELECT value FROM collected.record, json_each(body, '$.upstream') WHERE part = :part AND standIn = 1`;

/** Whether an advisory counts instead of a known one of its id: what was read, then what was modified later. */
function isAhead(
  { modified, standsIn }: { readonly modified: string; readonly standsIn: boolean },
  known: Readonly<Record<string, unknown>>,
): boolean {
  const knownStandsIn = known["standIn"] === 1;
  if (standsIn !== knownStandsIn) return knownStandsIn;
  return compareModified(modified, String(known["modified"])) >= 0;
}

const mostRemembered = 10_000;

/** The numbers of names in a table, with the last ones kept in memory. */
class NumberedNames {
  readonly #numbers = new Map<string, number>();
  readonly #store: (name: string) => StatementSync;

  /** `store` sees to it that the name is in the table and gives what finds its number. */
  constructor(store: (name: string) => StatementSync) {
    this.#store = store;
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = Number(this.#store(name).get(name)?.["number"]);
    if (this.#numbers.size >= mostRemembered) this.#numbers.clear();
    this.#numbers.set(name, number);
    return number;
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    part: sql(
      "INSERT INTO collected.part(feed, name, revision, position, updatedAt, refused, previous, taken) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    ecosystem: sql("INSERT OR IGNORE INTO collected.ecosystem(name) VALUES (?)"),
    findEcosystem: sql("SELECT number FROM collected.ecosystem WHERE name = ?"),
    release: sql("INSERT OR IGNORE INTO collected.release(name, ecosystem) VALUES (?, ?)"),
    findRelease: sql("SELECT number FROM collected.release WHERE name = ?"),
    find: sql("SELECT number, modified, standIn FROM collected.record WHERE part = ? AND id = ?"),
    insert: sql(
      "INSERT INTO collected.record(part, near, id, modified, state, body, background, standIn) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    replace: sql(
      "UPDATE collected.record SET near = ?, modified = ?, state = ?, body = ?, background = ?, standIn = ? WHERE number = ?",
    ),
    remove: sql("DELETE FROM collected.record WHERE number = ?"),
    affect: sql("INSERT INTO collected.affected VALUES (?, ?, ?, ?)"),
    forgetAffected: sql("DELETE FROM collected.affected WHERE record = ?"),
    cover: sql("INSERT INTO collected.covered VALUES (?, ?)"),
    forgetCovered: sql("DELETE FROM collected.covered WHERE record = ?"),
    insertStatement: sql("INSERT OR IGNORE INTO collected.statement(part, body) VALUES (?, ?)"),
    findStatement: sql("SELECT number FROM collected.statement WHERE part = ? AND body = ?"),
    state: sql("INSERT OR IGNORE INTO collected.stated VALUES (?, ?, ?, ?)"),
    entry: sql("INSERT INTO collected.entry VALUES (?, ?, ?, ?, ?)"),
    touch: sql("INSERT OR IGNORE INTO collected.touched VALUES (?, ?, ?)"),
  };
}

import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { reasonOf } from "../../io/random-access.ts";
import type { Advisory } from "../../model/advisory.ts";
import { PlimsollError } from "../../model/error.ts";
import { schema } from "./database-format.ts";
import { groupAffected } from "./group-affected.ts";

/** What is said of a database as a whole. */
export interface DatabaseOrigin {
  /** RFC 3339. */
  readonly builtAt: string;
  readonly source: string;
}

/**
 * Writes an advisory database beside its place and puts it there in one step when it is complete. Until `finish`, and when
 * disposed without it, what was there before stays as it was.
 *
 * Advisories are first collected in a second temporary file and then copied in the order of the tables' keys: memory stays
 * bounded, pages are full, and the same advisories in the same order give the same bytes.
 */
export class AdvisoryDatabaseWriter {
  readonly #output: string;
  readonly #finished: string;
  readonly #collected: string;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #ecosystems = new Map<string, number>();
  #open = true;

  /** Error: `output-not-written` when the folder of `output` cannot be written to or is full. */
  constructor(output: string) {
    this.#output = resolve(output);
    const folder = dirname(this.#output);
    const stem = join(folder, `.${basename(this.#output)}.${randomUUID()}`);
    this.#finished = `${stem}.new`;
    this.#collected = `${stem}.part`;
    let database: DatabaseSync | undefined;
    try {
      mkdirSync(folder, { recursive: true });
      database = new DatabaseSync(this.#finished);
      database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;");
      database.exec("PRAGMA cache_size = -32768; PRAGMA trusted_schema = OFF;");
      database.exec(schema);
      database.prepare("ATTACH ? AS collected").run(this.#collected);
      database.exec(collectedSchema);
      this.#statements = prepare(database);
      database.exec("BEGIN");
      this.#database = database;
    } catch (cause) {
      if (database) {
        database.close();
        this.#removeTemporary();
      }
      throw notWritten(this.#output, cause);
    }
  }

  /**
   * Takes an advisory. Of two with the same id the one modified later counts, of two modified at the same time the first.
   * Error: `output-not-written`.
   */
  add(advisory: Advisory): void {
    try {
      this.#add(advisory);
    } catch (cause) {
      throw notWritten(this.#output, cause);
    }
  }

  #add(advisory: Advisory): void {
    const { affected: _, ...record } = advisory;
    const body = JSON.stringify(record);
    const known = this.#statements.find.get(advisory.id);
    let number: number;
    if (known) {
      if (Date.parse(advisory.modified) <= Date.parse(String(known["modified"]))) return;
      number = Number(known["number"]);
      this.#statements.replace.run(advisory.modified, body, number);
      this.#statements.forget.run(number);
    } else {
      number = Number(this.#statements.insert.run(advisory.id, advisory.modified, body).lastInsertRowid);
    }
    for (const { ecosystem, name, affected } of groupAffected(advisory)) {
      for (const entry of affected) this.#statements.release.run(entry.package?.ecosystem ?? ecosystem);
      const lean = affected.map(({ package: named, ...rest }) => ({
        package: { ecosystem: named?.ecosystem, name: named?.name },
        ...rest,
      }));
      this.#statements.affect.run(number, this.#ecosystem(ecosystem), name, JSON.stringify(lean));
    }
  }

  #ecosystem(name: string): number {
    const known = this.#ecosystems.get(name);
    if (known !== undefined) return known;
    const number = this.#ecosystems.size + 1;
    this.#ecosystems.set(name, number);
    return number;
  }

  /**
   * Completes the file and puts it in its place. Returns the number of advisories.
   * Error: `output-not-written`; then what was there before stays.
   */
  finish({ builtAt, source }: DatabaseOrigin): number {
    try {
      const meta = this.#database.prepare("INSERT INTO meta VALUES (?, ?)");
      meta.run("builtAt", builtAt);
      meta.run("source", source);
      const ecosystem = this.#database.prepare(ecosystemSql);
      for (const [name, number] of this.#ecosystems) ecosystem.run(number, name, number);
      this.#database.exec(copySql);
      this.#database.exec("COMMIT");
      const records = Number(this.#database.prepare("SELECT count(*) AS count FROM record").get()?.["count"]);
      this.#database.exec("DETACH collected");
      this.#close();
      synchronise(this.#finished);
      renameSync(this.#finished, this.#output);
      return records;
    } catch (cause) {
      throw notWritten(this.#output, cause);
    } finally {
      this[Symbol.dispose]();
    }
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
    for (const path of [this.#finished, this.#collected]) {
      rmSync(path, { force: true });
      rmSync(`${path}-journal`, { force: true });
    }
  }
}

const collectedSchema = `
  PRAGMA collected.journal_mode = OFF;
  PRAGMA collected.synchronous = OFF;
  CREATE TABLE collected.record(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, modified TEXT NOT NULL, body TEXT);
  CREATE TABLE collected.affected(record INTEGER, ecosystem INTEGER, name TEXT, body TEXT,
    PRIMARY KEY (record, ecosystem, name)) WITHOUT ROWID;
  CREATE TABLE collected.release(name TEXT PRIMARY KEY) WITHOUT ROWID;
`;

const ecosystemSql = `
  INSERT INTO ecosystem SELECT ?, ?, count(DISTINCT affected.record), max(record.modified)
  FROM collected.affected JOIN collected.record ON record.number = affected.record WHERE affected.ecosystem = ?
  HAVING count(*) > 0`;

const copySql = `
  INSERT INTO release SELECT name FROM collected.release ORDER BY name;
  INSERT INTO record SELECT number, body FROM collected.record ORDER BY number;
  INSERT INTO affected SELECT ecosystem, name, record, body FROM collected.affected ORDER BY ecosystem, name, record;
`;

interface Statements {
  readonly find: StatementSync;
  readonly insert: StatementSync;
  readonly replace: StatementSync;
  readonly forget: StatementSync;
  readonly affect: StatementSync;
  readonly release: StatementSync;
}

function prepare(database: DatabaseSync): Statements {
  return {
    find: database.prepare("SELECT number, modified FROM collected.record WHERE id = ?"),
    insert: database.prepare("INSERT INTO collected.record(id, modified, body) VALUES (?, ?, ?)"),
    replace: database.prepare("UPDATE collected.record SET modified = ?, body = ? WHERE number = ?"),
    forget: database.prepare("DELETE FROM collected.affected WHERE record = ?"),
    affect: database.prepare("INSERT INTO collected.affected VALUES (?, ?, ?, ?)"),
    release: database.prepare("INSERT OR IGNORE INTO collected.release VALUES (?)"),
  };
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

function notWritten(output: string, cause: unknown): unknown {
  if (cause instanceof PlimsollError) return cause;
  return new PlimsollError("output-not-written", `the database ${output} cannot be written: ${reasonOf(cause)}`, {
    hint: "Check that its folder can be written to and has room; what was there before is unchanged.",
    cause,
  });
}

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Affected } from "../../model/findings/advisory.ts";
import { readAffected } from "./advisory-texts.ts";

/** An advisory of a part as the attached `previous` has it. */
export interface PreviousAdvisory {
  readonly modified: string;
  /** True for what counts only until its record can be read. */
  readonly standsIn: boolean;
  readonly affected: () => Affected[];
}

/**
 * The advisories of one part of the attached `previous`, which does not have an index by id or by record: the rows
 * needed to find them are listed in `collected` at the first request, since all of a part may be requested.
 */
export class PreviousAdvisories {
  readonly #database: DatabaseSync;
  readonly #part: number;
  #byId: StatementSync | undefined;
  #byRecord: StatementSync | undefined;

  /** `part` is the number that it has there. */
  constructor(database: DatabaseSync, part: number) {
    this.#database = database;
    this.#part = part;
  }

  find(id: string): PreviousAdvisory | undefined {
    this.#byId ??= this.#list(advisories, "SELECT number, modified, standsIn FROM collected.was_there WHERE id = ?");
    const row = this.#byId.get(id);
    if (!row) return undefined;
    const { number, modified, standsIn } = row;
    return {
      modified: String(modified),
      standsIn: standsIn === 1,
      affected: () => this.#affected(Number(number)),
    };
  }

  #affected(record: number): Affected[] {
    this.#byRecord ??= this.#list(entries, entriesOfRecord);
    return this.#byRecord.all(record).flatMap((row) => readAffected(String(row["body"]), String(row["name"])));
  }

  #list({ table, columns, rows }: List, find: string): StatementSync {
    this.#database.exec(`DROP TABLE IF EXISTS collected.${table}`);
    this.#database.exec(`CREATE TABLE collected.${table}(${columns}) WITHOUT ROWID`);
    this.#database.prepare(`INSERT OR IGNORE INTO collected.${table} ${rows}`).run(this.#part);
    return this.#database.prepare(find);
  }
}

interface List {
  readonly table: string;
  readonly columns: string;
  readonly rows: string;
}

const advisories: List = {
  table: "was_there",
  columns: "id TEXT PRIMARY KEY, number INTEGER, modified TEXT, standsIn INTEGER",
  rows: `SELECT id, number, modified, EXISTS (SELECT 1 FROM previous.stand_in s WHERE s.record = r.number)
    FROM previous.record r WHERE part = ?`,
};

// The records of a part have numbers that follow one another.
const entries: List = {
  table: "was_affected",
  columns: "record INTEGER, name TEXT, number INTEGER, PRIMARY KEY (record, name, number)",
  rows: `SELECT a.record, p.name, a.number
    FROM (SELECT min(number) AS first, max(number) AS last FROM previous.record WHERE part = ?) r
      CROSS JOIN previous.package p
      CROSS JOIN previous.affected a ON a.number BETWEEN p.first AND p.last AND a.record BETWEEN r.first AND r.last`,
};

const entriesOfRecord = `SELECT w.name AS name, a.body AS body
  FROM collected.was_affected w CROSS JOIN previous.affected a ON a.number = w.number WHERE w.record = ?
  ORDER BY w.name, w.number`;

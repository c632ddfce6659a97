import { createHash, type Hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";

// The digest of a part is the SHA-256 of its rows in the order of the tables' keys: first its records, which of them
// stand in for others, then their background, what they affect and cover, its statements, what they are made of, and
// its entries. A row is a letter for its table, the lengths of its values, and the values. Numbers of records and
// statements count from the part's first, so that a part has the same digest whatever lies beside it. The digest of a
// database is that of the list of its parts. Neither says anything of when or from where things were fetched.

/** What a part holds. */
export interface PartContent {
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  readonly records: number;
  /** Statements, one for each package that a statement is made of. */
  readonly statements: number;
  /** Facts, release cycles and repositories. */
  readonly entries: number;
  /** The sum of these. */
  readonly items: number;
}

/** Rows between two steps of {@link digestParts}. */
const rowsInStep = 5000;

/** The tables that are read, by the letter that they have in the digest. */
export type TableLetter = "R" | "I" | "B" | "A" | "C" | "S" | "P" | "E";

/** The values of a row; the last is the body where there is one. */
export type DigestedRow = readonly (string | number)[];

/**
 * Reads the whole content of an open database; returns what each of its parts, in order of their numbers, holds. Yields
 * now and then so that others can have a turn. `inspect` sees every row. A row of no part throws.
 */
export function* digestParts(
  database: DatabaseSync,
  parts: number,
  inspect?: (table: TableLetter, row: DigestedRow) => void,
): Generator<void, readonly PartContent[]> {
  const digesters = Array.from({ length: parts }, () => new PartDigester());
  const digesterOf = (part: number): PartDigester => {
    const digester = digesters[part - 1];
    if (!digester) throw new Error(`a row refers to part ${part}, which does not exist`);
    return digester;
  };
  let count = 0;
  for (const { letter, sql, add } of tables(database)) {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    for (const row of statement.iterate() as Iterable<unknown> as Iterable<DigestedRow>) {
      inspect?.(letter, row);
      add(row, letter, digesterOf);
      if (++count % rowsInStep === 0) yield;
    }
  }
  return digesters.map((digester) => digester.content());
}

/** The digest of a database's content: `sha256:` and 64 hexadecimal digits. */
export function contentDigest(
  parts: readonly {
    readonly feed: string;
    readonly name: string;
    readonly revision: number;
    readonly digest: string;
  }[],
): string {
  const hash = createHash("sha256");
  for (const { feed, name, revision, digest } of parts) {
    hash.update(`${JSON.stringify([feed, name, revision, digest])}\n`);
  }
  return `sha256:${hash.digest("hex")}`;
}

interface DigestedTable {
  readonly letter: TableLetter;
  readonly sql: string;
  readonly add: (row: DigestedRow, letter: string, digesterOf: (part: number) => PartDigester) => void;
}

function tables(database: DatabaseSync): DigestedTable[] {
  const records = new PartRanges(database, "record");
  const statements = new PartRanges(database, "statement");
  return [
    {
      letter: "R",
      sql: "SELECT part, id, near, modified, body FROM record ORDER BY number",
      add([part, ...values], letter, digesterOf) {
        const digester = digesterOf(Number(part));
        digester.records++;
        digester.add(letter, values);
      },
    },
    {
      letter: "I",
      sql: "SELECT record FROM stand_in ORDER BY record",
      add([record], letter, digesterOf) {
        const { part, first } = records.of(Number(record));
        digesterOf(part).add(letter, [Number(record) - first]);
      },
    },
    {
      letter: "B",
      sql: "SELECT record, body FROM background ORDER BY record",
      add([record, ...values], letter, digesterOf) {
        const { part, first } = records.of(Number(record));
        digesterOf(part).add(letter, [Number(record) - first, ...values]);
      },
    },
    {
      letter: "A",
      sql: `SELECT a.record, e.name, p.name, a.body FROM package p CROSS JOIN ecosystem e ON e.number = p.ecosystem
          CROSS JOIN affected a ON a.number BETWEEN p.first AND p.last
        ORDER BY p.ecosystem, p.name, a.number`,
      add([record, ...values], letter, digesterOf) {
        const { part, first } = records.of(Number(record));
        digesterOf(part).add(letter, [Number(record) - first, ...values]);
      },
    },
    {
      letter: "C",
      sql: `SELECT c.record, r.name FROM covered c CROSS JOIN release r ON r.number = c.release
        ORDER BY c.release, c.record`,
      add([record, ...values], letter, digesterOf) {
        const { part, first } = records.of(Number(record));
        digesterOf(part).add(letter, [Number(record) - first, ...values]);
      },
    },
    {
      letter: "S",
      sql: "SELECT part, body FROM statement ORDER BY number",
      add([part, ...values], letter, digesterOf) {
        digesterOf(Number(part)).add(letter, values);
      },
    },
    {
      letter: "P",
      sql: `SELECT s.statement, e.name, s.name, r.name FROM stated s CROSS JOIN ecosystem e ON e.number = s.ecosystem
        CROSS JOIN release r ON r.number = s.release ORDER BY s.ecosystem, s.name, s.release, s.statement`,
      add([statement, ...values], letter, digesterOf) {
        const { part, first } = statements.of(Number(statement));
        const digester = digesterOf(part);
        digester.statements++;
        digester.add(letter, [Number(statement) - first, ...values]);
      },
    },
    {
      letter: "E",
      sql: "SELECT part, kind, key, place, body FROM entry ORDER BY kind, key, part, place",
      add([part, ...values], letter, digesterOf) {
        const digester = digesterOf(Number(part));
        digester.entries++;
        digester.add(letter, values);
      },
    },
  ];
}

/** Which part a numbered row is of, without asking the database each time. */
class PartRanges {
  readonly #ranges: readonly { readonly part: number; readonly first: number; readonly last: number }[];

  constructor(database: DatabaseSync, table: "record" | "statement") {
    this.#ranges = database
      .prepare(`SELECT part, min(number) AS first, max(number) AS last FROM ${table} GROUP BY part ORDER BY first`)
      .all()
      .map((row) => ({ part: Number(row["part"]), first: Number(row["first"]), last: Number(row["last"]) }));
  }

  of(number: number): { readonly part: number; readonly first: number } {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.last ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low];
    if (!range || number < range.first) throw new Error(`a row refers to number ${number}, which does not exist`);
    return range;
  }
}

const longestPending = 64 * 1024;

class PartDigester {
  records = 0;
  statements = 0;
  entries = 0;
  readonly #hash: Hash = createHash("sha256");
  #pending = "";

  add(letter: string, values: DigestedRow): void {
    let lengths = letter;
    let texts = "";
    for (const value of values) {
      const text = String(value);
      lengths += `${text.length},`;
      texts += text;
    }
    this.#pending += `${lengths};${texts}`;
    if (this.#pending.length < longestPending) return;
    this.#hash.update(this.#pending);
    this.#pending = "";
  }

  content(): PartContent {
    const { records, statements, entries } = this;
    const digest = this.#hash.update(this.#pending).digest("hex");
    return { digest, records, statements, entries, items: records + statements + entries };
  }
}

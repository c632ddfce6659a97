import { resolve } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { damaged, databaseFileUrl } from "./database-file.ts";
import { affectedByPackage } from "./database-format.ts";

/** What became of an advisory in one ecosystem. Withdrawn ones count as not there, for they match nothing. */
export interface DatabaseChange {
  /** Without the suffix of a release. */
  readonly ecosystem: string;
  readonly id: string;
  readonly change: "added" | "removed" | "changed";
  /** The packages that the advisory is of, in either database, sorted. */
  readonly packages: readonly string[];
}

/** How many things beside the advisories are only in the one database or the other, or differ. */
export interface DifferenceSummary {
  /** One for each package that a statement is made of. */
  readonly statements: { readonly added: number; readonly removed: number };
  /** CVEs of which there are facts. */
  readonly facts: { readonly added: number; readonly removed: number; readonly changed: number };
}

/** The difference of two databases: iterating gives the changes of advisories, sorted by ecosystem and id. */
export interface DatabaseDifference extends Iterable<DatabaseChange> {
  /** Counted when asked for. */
  summary(): DifferenceSummary;
}

/**
 * Compares two database files. Parts with the same digest are not read; of the others only keys are held, on disk when
 * they are many. The files stay open only while the result is iterated.
 *
 * Errors, when the result is used: `database-not-found`, `database-malformed`.
 */
export function diffDatabases(oldPath: string, newPath: string): DatabaseDifference {
  return {
    *[Symbol.iterator]() {
      using pair = new DatabasePair(oldPath, newPath);
      yield* pair.changes();
    },
    summary() {
      using pair = new DatabasePair(oldPath, newPath);
      return pair.summary();
    },
  };
}

type Side = "old" | "new";

/** Parts that the other side does not have with this digest, and the ids of their advisories. */
const setUp = `
  CREATE TEMP TABLE changed_old AS SELECT number FROM old.part o WHERE NOT EXISTS (
    SELECT 1 FROM new.part n WHERE n.feed = o.feed AND n.name = o.name AND n.digest = o.digest);
  CREATE TEMP TABLE changed_new AS SELECT number FROM new.part n WHERE NOT EXISTS (
    SELECT 1 FROM old.part o WHERE n.feed = o.feed AND n.name = o.name AND n.digest = o.digest);
`;
const collectIds = `
  CREATE TEMP TABLE candidate(id TEXT PRIMARY KEY) WITHOUT ROWID;
  INSERT OR IGNORE INTO candidate SELECT id FROM old.record WHERE part IN (SELECT number FROM changed_old);
  INSERT OR IGNORE INTO candidate SELECT id FROM new.record WHERE part IN (SELECT number FROM changed_new);
`;

/** Two databases, open under the names `old` and `new`. Every failure is `database-malformed`. */
class DatabasePair {
  readonly #database: DatabaseSync;
  readonly #paths: string;

  constructor(oldPath: string, newPath: string) {
    const urls = { old: databaseFileUrl(oldPath), new: databaseFileUrl(newPath) };
    this.#paths = `${resolve(oldPath)} or ${resolve(newPath)}`;
    this.#database = new DatabaseSync(":memory:");
    try {
      this.#database.exec("PRAGMA trusted_schema = OFF; PRAGMA temp_store = FILE; PRAGMA temp.cache_size = -16384;");
      for (const [name, url] of Object.entries(urls)) this.#database.prepare(`ATTACH ? AS ${name}`).run(url.href);
      this.#database.exec(setUp);
    } catch (cause) {
      this.#database.close();
      throw damaged(this.#paths, cause);
    }
  }

  *changes(): Generator<DatabaseChange> {
    try {
      this.#database.exec(collectIds);
      const sides = { old: new Advisories(this.#database, "old"), new: new Advisories(this.#database, "new") };
      const [before, after] = [sides.old.groups(), sides.new.groups()];
      let [a, b] = [before.next().value, after.next().value];
      while (a || b) {
        const order = a && b ? compareKeys(a, b) : a ? -1 : 1;
        if (a && order < 0) {
          yield changeOf(a, "removed");
          a = before.next().value;
        } else if (b && order > 0) {
          yield changeOf(b, "added");
          b = after.next().value;
        } else if (a && b) {
          if (!isSame({ sides, a, b })) {
            const packages = [...new Set([...a.packages, ...b.packages])].sort(compareText);
            yield changeOf({ ...b, packages }, "changed");
          }
          a = before.next().value;
          b = after.next().value;
        }
      }
    } catch (cause) {
      throw damaged(this.#paths, cause);
    }
  }

  summary(): DifferenceSummary {
    try {
      const count = (sql: string): number => Number(this.#database.prepare(sql).get()?.["count"]);
      return {
        statements: { added: count(statementsOnlyIn("new", "old")), removed: count(statementsOnlyIn("old", "new")) },
        facts: {
          added: count(factsOnlyIn("new", "old")),
          removed: count(factsOnlyIn("old", "new")),
          changed: count(changedFacts),
        },
      };
    } catch (cause) {
      throw damaged(this.#paths, cause);
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/** One advisory in one ecosystem. */
interface Group {
  readonly ecosystem: string;
  readonly id: string;
  readonly packages: readonly string[];
  /** Numbers in its database. */
  readonly ecosystemNumber: number;
  readonly record: number;
}

/** What one of the databases holds of the advisories that may differ. */
class Advisories {
  readonly #keys: StatementSync;
  readonly #record: StatementSync;
  readonly #affected: StatementSync;

  constructor(database: DatabaseSync, side: Side) {
    this.#keys = database.prepare(`
      SELECT e.name AS ecosystem, r.id AS id, a.name AS package, a.ecosystem AS number, a.record AS record
      FROM ${affectedByPackage(side)} a CROSS JOIN ${side}.record r ON r.number = a.record AND r.state = 0
        CROSS JOIN candidate c ON c.id = r.id CROSS JOIN ${side}.ecosystem e ON e.number = a.ecosystem
      ORDER BY e.name, r.id, a.name`);
    this.#record = database.prepare(`
      SELECT modified, r.body AS body, b.body AS background
      FROM ${side}.record r LEFT JOIN ${side}.background b ON b.record = r.number WHERE r.number = ?`);
    this.#affected = database.prepare(
      `SELECT body FROM ${affectedByPackage(side)} WHERE ecosystem = ? AND name = ? AND record = ?`,
    );
  }

  *groups(): Generator<Group, undefined> {
    let group: (Group & { readonly packages: string[] }) | undefined;
    for (const row of this.#keys.iterate()) {
      const [ecosystem, id, name] = [String(row["ecosystem"]), String(row["id"]), String(row["package"])];
      if (group?.ecosystem === ecosystem && group.id === id) {
        group.packages.push(name);
        continue;
      }
      if (group) yield group;
      const [ecosystemNumber, record] = [Number(row["number"]), Number(row["record"])];
      group = { ecosystem, id, packages: [name], ecosystemNumber, record };
    }
    if (group) yield group;
    return undefined;
  }

  /** Everything but the packages' entries. */
  recordText({ record }: Group): string {
    const row = this.#record.get(record);
    return `${row?.["modified"]}\n${row?.["body"]}\n${row?.["background"]}`;
  }

  affectedText({ ecosystemNumber, record }: Group, name: string): string {
    return String(this.#affected.get(ecosystemNumber, name, record)?.["body"]);
  }
}

interface Compared {
  readonly sides: { readonly old: Advisories; readonly new: Advisories };
  readonly a: Group;
  readonly b: Group;
}

function isSame({ sides, a, b }: Compared): boolean {
  return (
    a.packages.length === b.packages.length &&
    a.packages.every((name, index) => name === b.packages[index]) &&
    sides.old.recordText(a) === sides.new.recordText(b) &&
    a.packages.every((name) => sides.old.affectedText(a, name) === sides.new.affectedText(b, name))
  );
}

function changeOf({ ecosystem, id, packages }: Group, change: DatabaseChange["change"]): DatabaseChange {
  return { ecosystem, id, change, packages };
}

function compareKeys(a: Group, b: Group): number {
  return compareText(a.ecosystem, b.ecosystem) || compareText(a.id, b.id);
}

/** As SQLite sorts: by the bytes of UTF-8. */
function compareText(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function statementsOnlyIn(side: Side, other: Side): string {
  const select = (name: Side): string => `
    SELECT r.name, s.name, t.body FROM ${name}.stated s CROSS JOIN ${name}.statement t ON t.number = s.statement
      CROSS JOIN ${name}.release r ON r.number = s.release
    WHERE t.part IN (SELECT number FROM changed_${name})`;
  return `SELECT count(*) AS count FROM (${select(side)} EXCEPT ${select(other)})`;
}

function factsOnlyIn(side: Side, other: Side): string {
  return `SELECT count(DISTINCT key) AS count FROM ${side}.entry e
    WHERE e.kind = 'facts' AND NOT EXISTS (SELECT 1 FROM ${other}.entry o WHERE o.kind = 'facts' AND o.key = e.key)`;
}

const differingFacts = (side: Side, other: Side): string => `
  SELECT key FROM (
    SELECT e.key AS key, e.body AS body FROM ${side}.entry e
      WHERE e.kind = 'facts' AND e.part IN (SELECT number FROM changed_${side})
    EXCEPT SELECT o.key, o.body FROM ${other}.entry o WHERE o.kind = 'facts'
  ) d WHERE EXISTS (SELECT 1 FROM ${other}.entry o WHERE o.kind = 'facts' AND o.key = d.key)`;

const changedFacts = `
  SELECT count(DISTINCT key) AS count FROM (${differingFacts("new", "old")} UNION ALL ${differingFacts("old", "new")})`;

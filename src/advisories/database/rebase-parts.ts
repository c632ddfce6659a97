import type { DatabaseSync } from "node:sqlite";
import type { PartBehind } from "../../model/findings/advisory.ts";
import { collectedTables } from "./collected-items.ts";
import type { PreviousDatabase, PreviousPart } from "./previous-database.ts";

/**
 * Removes from the attached `collected` what assembling a database put there, so that another one can be assembled from
 * it.
 */
export function clearAssembly(database: DatabaseSync): void {
  const tables = database.prepare("SELECT name FROM collected.sqlite_schema WHERE type = 'table'").all();
  for (const { name } of tables) {
    if (!collectedTables.includes(String(name))) database.exec(`DROP TABLE collected.${JSON.stringify(name)}`);
  }
}

/** The parts taken from each database. */
export interface Rebase {
  /** From which parts were taken; undefined when none were. */
  readonly before: PreviousDatabase | undefined;
  /** From which they are to be taken; it is attached as `previous`. Undefined when there is none. */
  readonly after: PreviousDatabase | undefined;
  /** Whether a part stays that is in this database alone. */
  readonly keeps: (part: { readonly feed: string; readonly name: string }) => boolean;
}

/**
 * Rewrites the parts of the attached `collected` so that what they take is taken from another database. A part that was
 * written whole stays; of what was kept or changed the other database's counts, where it has another content. Returns
 * the parts that are not of this writer with their times; undefined when the other database lacks a part that the
 * publisher had nothing new of, or only changes, and when there is none from which parts could be taken.
 */
export function rebaseParts(database: DatabaseSync, { before, after, keeps }: Rebase): PartBehind[] | undefined {
  const rows = database.prepare("SELECT number, feed, name, taken FROM collected.part ORDER BY number").all();
  if (!after && rows.some(({ taken }) => taken !== null && taken !== "unreadable")) return undefined;
  const insert = database.prepare(`INSERT INTO
    collected.part(number, feed, name, revision, position, updatedAt, refused, previous, taken)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const remove = database.prepare("DELETE FROM collected.part WHERE number = ?");
  const repoint = database.prepare("UPDATE collected.part SET previous = ? WHERE number = ?");
  let last = Number(rows.at(-1)?.["number"] ?? 0);
  const behind: PartBehind[] = [];
  const take = (part: PreviousPart, taken: "current" | "all"): void => {
    const { feed, name, revision, texts, updatedAt, number } = part;
    insert.run(++last, feed, name, revision, texts.position, updatedAt, texts.refused, number, taken);
    if (taken === "all") behind.push({ feed, name, since: after?.since({ feed, name }) ?? "" });
  };
  const written = new Set<string>();
  // What each part takes is of another number in the other database; two parts never take the same.
  database.exec("UPDATE collected.part SET previous = NULL");
  for (const { number, ...row } of rows) {
    const part = { feed: String(row["feed"]), name: String(row["name"]) };
    const there = after?.find(part);
    const taken = row["taken"];
    written.add(JSON.stringify([part.feed, part.name]));
    if (taken === null) continue;
    if (taken === "unreadable" || (taken === "unchanged" && isSame(before?.find(part), there))) {
      repoint.run(there?.number ?? null, number ?? null);
      continue;
    }
    remove.run(number ?? null);
    for (const removal of itemsOfPart) database.prepare(removal).run(number ?? null);
    if (there) take(there, taken === "current" && isSame(before?.find(part), there) ? "current" : "all");
    else if (taken !== "all") return undefined;
  }
  for (const part of after?.parts ?? []) {
    if (!written.has(JSON.stringify([part.feed, part.name])) && keeps(part)) take(part, "all");
  }
  return behind;
}

const itemsOfPart = [
  ...["affected", "covered"].map(
    (table) => `DELETE FROM collected.${table} WHERE record IN (SELECT number FROM collected.record WHERE part = ?)`,
  ),
  "DELETE FROM collected.stated WHERE statement IN (SELECT number FROM collected.statement WHERE part = ?)",
  ...["record", "statement", "entry", "touched"].map((table) => `DELETE FROM collected.${table} WHERE part = ?`),
];

function isSame(before: PreviousPart | undefined, there: PreviousPart | undefined): boolean {
  return (
    before !== undefined &&
    there !== undefined &&
    before.digest === there.digest &&
    before.revision === there.revision &&
    before.texts.position === there.texts.position
  );
}

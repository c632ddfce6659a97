import type { DatabaseSync } from "node:sqlite";

/** What a database says of itself as a whole, by key. Throws when it has no such table. */
export function readMeta(database: DatabaseSync): ReadonlyMap<string, string> {
  const rows = database.prepare("SELECT key, value FROM meta").all();
  return new Map(rows.map(({ key, value }) => [String(key), String(value)]));
}

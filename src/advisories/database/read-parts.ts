import type { Position } from "../feed-source.ts";
import { openDatabaseFile } from "./database-file.ts";

/** A part that a database holds. */
export interface RecordedPart {
  /** The id of the feed. */
  readonly feed: string;
  readonly name: string;
  /** The feed's revision when the part was parsed. */
  readonly revision: number;
  /** Advisories, statements and entries of side tables. */
  readonly items: number;
  /** From where to go on at an update. */
  readonly position: Position;
}

/** The parts of a database file in the order of feed and name. Errors: `database-not-found`, `database-malformed`. */
export function readParts(path: string): readonly RecordedPart[] {
  return openDatabaseFile(path, (database) => {
    const rows = database.prepare("SELECT feed, name, revision, items, position FROM part ORDER BY number").all();
    database.close();
    return rows.map((row) => ({
      feed: String(row["feed"]),
      name: String(row["name"]),
      revision: Number(row["revision"]),
      items: Number(row["items"]),
      position: JSON.parse(String(row["position"])) as Position,
    }));
  });
}

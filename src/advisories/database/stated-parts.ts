import type { DatabaseSync } from "node:sqlite";
import { isJsonObject } from "../../model/objects/json-object.ts";
import { readRefusals } from "./part-refusals.ts";
import { readBehind } from "./parts-behind.ts";
import { readMeta } from "./read-meta.ts";

/** A part with what the database says of its content. */
export interface StatedPart {
  readonly feed: string;
  readonly name: string;
  readonly revision: number;
  readonly items: number;
  readonly digest: string;
}

/**
 * Reads what a database says of itself and no digest proves: its times, where it came from, the positions of its parts,
 * and which of them are older or were not readable. Throws when something of it is not in the form that opening,
 * updating and scanning rely on.
 */
export function readStatedParts(database: DatabaseSync): readonly StatedPart[] {
  const meta = readMeta(database);
  if (!isTime(meta.get("builtAt"))) throw new Error("it has no build date");
  if (!meta.get("source")) throw new Error("it has no source");
  const rows = database.prepare(
    "SELECT number, feed, name, revision, position, items, updatedAt, digest, refused FROM part ORDER BY number",
  );
  const parts = rows.all().map(statedPart);
  for (const { feed, name } of readBehind(meta.get("behind"))) {
    if (!parts.some((part) => part.feed === feed && part.name === name)) {
      throw new Error(`it lists part ${name} of ${feed} as older, but does not contain that part`);
    }
  }
  return parts;
}

function statedPart(row: Readonly<Record<string, unknown>>, index: number): StatedPart {
  const place = `part ${index + 1}`;
  if (row["number"] !== index + 1) throw new Error("its parts are not numbered consecutively");
  if (!isPosition(row["position"])) throw new Error(`${place} has no position`);
  if (!isTime(row["updatedAt"])) throw new Error(`${place} has no update time`);
  readRefusals(String(row["refused"]));
  return {
    feed: String(row["feed"]),
    name: String(row["name"]),
    revision: Number(row["revision"]),
    items: Number(row["items"]),
    digest: String(row["digest"]),
  };
}

function isPosition(text: unknown): boolean {
  try {
    const value: unknown = JSON.parse(String(text));
    return isJsonObject(value) && Object.values(value).every((item) => typeof item === "string");
  } catch {
    return false;
  }
}

/** True for a time by RFC 3339. */
function isTime(value: unknown): boolean {
  return (
    typeof value === "string" &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,12})?(?:Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

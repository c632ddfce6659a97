import { objectsIn, textIn, textsIn } from "../../model/objects/json-members.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";

const longestText = 64 * 1024;
const mostItems = 10_000;

/** The first 65,536 characters of a text; empty when it is none. */
export function boundedTextIn(record: JsonObject, key: string): string {
  return textIn(record, key).slice(0, longestText);
}

/** The texts among the first 10,000 of a list, each cut like one of {@link boundedTextIn}; empty when it is none. */
export function boundedTextsIn(record: JsonObject, key: string): string[] {
  return textsIn(firstOf(record, key), key).map((item) => item.slice(0, longestText));
}

/** The objects among the first 10,000 of a list; empty when it is none. */
export function boundedObjectsIn(record: JsonObject, key: string): readonly JsonObject[] {
  return objectsIn(firstOf(record, key), key);
}

/** The truth value of a member; undefined when it is none. */
export function flagIn(record: JsonObject, key: string): boolean | undefined {
  const value = record[key];
  return typeof value === "boolean" ? value : undefined;
}

/** The finite number of a member; undefined when it is none. */
export function numberIn(record: JsonObject, key: string): number | undefined {
  const value = record[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The member with its first items. */
function firstOf(record: JsonObject, key: string): JsonObject {
  const value = record[key];
  return Array.isArray(value) ? { [key]: value.slice(0, mostItems) } : {};
}

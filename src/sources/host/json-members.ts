import { isJsonObject, type JsonObject } from "../../model/json-object.ts";

const longestText = 64 * 1024;
const mostItems = 10_000;

/** The text of a member; empty when it is none. */
export function textIn(record: JsonObject, key: string): string {
  const value = record[key];
  return typeof value === "string" ? value.slice(0, longestText) : "";
}

/** The texts in a list; empty when it is none. */
export function textsIn(record: JsonObject, key: string): string[] {
  const value = record[key];
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, mostItems)
    .filter((item) => typeof item === "string")
    .map((item) => item.slice(0, longestText));
}

/** The objects in a list; empty when it is none. */
export function objectsIn(record: JsonObject, key: string): JsonObject[] {
  const value = record[key];
  return Array.isArray(value) ? value.slice(0, mostItems).filter(isJsonObject) : [];
}

/** The object of a member; an empty one when it is none. */
export function objectIn(record: JsonObject, key: string): JsonObject {
  const value = record[key];
  return isJsonObject(value) ? value : {};
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

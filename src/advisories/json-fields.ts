import { isJsonObject, type JsonObject } from "../model/objects/json-object.ts";
import { recordTime } from "./record-time.ts";

/** Why a parsed JSON value is not a record of the form that it should have: a clause that begins with the field. */
export class RefusedJson extends Error {}

/** Error: always {@link RefusedJson}, as that of every function here. */
export function refuse(reason: string): never {
  throw new RefusedJson(reason);
}

/** True for a field that is missing or null. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** The value of a field that must be an object. */
export function objectOf(value: unknown, field: string): JsonObject {
  return isJsonObject(value) ? value : refuse(`${field} is not an object`);
}

/** The value of a list, empty when it is absent. */
export function listOf(value: unknown, field: string): readonly unknown[] {
  if (isAbsent(value)) return [];
  return Array.isArray(value) ? value : refuse(`${field} is not a list`);
}

/** The value of a list of texts, empty when it is absent. */
export function textsOf(value: unknown, field: string): readonly string[] {
  const list = listOf(value, field);
  if (!list.every((item) => typeof item === "string")) refuse(`${field} contains a value that is not a string`);
  return list as readonly string[];
}

/** The value of a text, undefined when it is absent. */
export function textOf(value: unknown, field: string): string | undefined {
  if (isAbsent(value)) return undefined;
  return typeof value === "string" ? value : refuse(`${field} is not text`);
}

/** The value of a time as {@link recordTime} gives it, undefined when it is absent. */
export function timeOf(value: unknown, field: string): string | undefined {
  const time = textOf(value, field);
  return time === undefined ? undefined : (recordTime(time) ?? refuse(`${field} is not an RFC 3339 time`));
}

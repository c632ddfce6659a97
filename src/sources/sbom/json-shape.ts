import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";

/** An object in a JSON document, and where it stands: `components[0].licenses[1]`, empty for the document itself. */
export interface JsonPlace {
  readonly object: JsonObject;
  readonly where: string;
}

/** The value at a place as an object. Throws `sbom-malformed` naming the place when it is something else. */
export function objectAt(value: unknown, where: string): JsonPlace {
  if (isJsonObject(value)) return { object: value, where };
  throw wrongType(where === "" ? "the document" : where, "an object");
}

/**
 * A member that is an object, or undefined when it is absent or null. Throws `sbom-malformed` when it is something
 * else.
 */
export function memberObject(place: JsonPlace, key: string): JsonPlace | undefined {
  const value = place.object[key] ?? undefined;
  return value === undefined ? undefined : objectAt(value, pathOf(place, key));
}

/** A member that is an array; empty when it is absent or null. Throws `sbom-malformed` when it is something else. */
export function memberList(place: JsonPlace, key: string): readonly unknown[] {
  const value = place.object[key] ?? [];
  if (Array.isArray(value)) return value;
  throw wrongType(pathOf(place, key), "an array");
}

/**
 * The items of a member that is an array of objects, in their order; none when it is absent or null. Throws
 * `sbom-malformed` when it is not an array, or on reaching an item that is not an object.
 */
export function* memberObjects(place: JsonPlace, key: string): Generator<JsonPlace> {
  for (const [index, item] of memberList(place, key).entries()) yield objectAt(item, `${pathOf(place, key)}[${index}]`);
}

/**
 * A member that is a string, or undefined when it is absent or null. Throws `sbom-malformed` when it is something else.
 */
export function memberText(place: JsonPlace, key: string): string | undefined {
  const value = place.object[key] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw wrongType(pathOf(place, key), "a string");
}

/** Where a member stands. */
export function pathOf({ where }: JsonPlace, key: string): string {
  return where === "" ? key : `${where}.${key}`;
}

function wrongType(where: string, expected: string): PlimsollError {
  return new PlimsollError("sbom-malformed", `the SBOM is damaged: ${where} is not ${expected}`, {
    hint: "Check the document against the schema of its format, or generate it again.",
  });
}

import { findTooDeep } from "../../io/documents/json-text.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";

const deepest = 200;

/** The value of a JSON file. Errors: `file-malformed`, `limit-exceeded` for one that is nested too deeply. */
export function parseVexJson(text: string, file: string): unknown {
  if (findTooDeep(text, deepest) !== undefined) {
    throw new PlimsollError("limit-exceeded", `${file} is nested deeper than ${deepest} levels`);
  }
  return parseJson(text) ?? malformed(file, "not valid JSON");
}

/** The objects in a member that is a list; empty when it is absent. Error: `file-malformed`. */
export function objectsIn(object: JsonObject, key: string, file: string): readonly JsonObject[] {
  const value = object[key] ?? [];
  if (!Array.isArray(value)) return malformed(file, `${key} is not a list`);
  return value.map((item) => (isJsonObject(item) ? item : malformed(file, `an entry of ${key} is not an object`)));
}

/** The texts in a member that is a list; empty when it is absent. Error: `file-malformed`. */
export function textsIn(object: JsonObject, key: string, file: string): readonly string[] {
  const value = object[key] ?? [];
  if (!Array.isArray(value)) return malformed(file, `${key} is not a list`);
  return value.map((item) => (typeof item === "string" ? item : malformed(file, `an entry of ${key} is not a string`)));
}

/** A member that is an object; an empty one when it is absent or something else. */
export function objectIn(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}

/** A member that is a text with something in it. */
export function textIn(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** The error of a VEX document that has not the form of its format. */
export function malformedVex(file: string, what: string): PlimsollError {
  return new PlimsollError("file-malformed", `${file}: ${what}`, {
    hint: "docs/vex.md lists the supported formats.",
  });
}

function malformed(file: string, what: string): never {
  throw malformedVex(file, what);
}

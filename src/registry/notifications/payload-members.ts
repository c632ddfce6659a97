import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";

const mostElements = 1000;
const nothing: JsonObject = {};

/** The object that a member is, and an empty one when it is none. */
export function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : nothing;
}

/** The text that a member is; undefined when it is none, or empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The text that a member is, where that is an address on the web. */
export function addressOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && /^https?:\/\//i.test(text) ? text : undefined;
}

/**
 * The elements of the list that a member is, none when it is not a list. Error: `limit-exceeded` for more than a
 * thousand.
 */
export function elementsOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [];
  if (value.length <= mostElements) return value;
  throw new PlimsollError("limit-exceeded", `a list in the notification has more than ${mostElements} elements`, {
    hint: "No registry sends that many elements; check the source of the notification.",
  });
}

/** Text from outside as it can stand in a message: in quotes, escaped and cut. */
export function quoted(text: string): string {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return JSON.stringify(shown).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}

import { type LoadContext, LoadError } from "./load-context.ts";
import { child, type YamlNode } from "./read-yaml.ts";

// Values of the keys of an item, with the checks and the messages of Falco's reader.

/** An error about the structure of a file. */
export function structureError(message: string, context: LoadContext): LoadError {
  return new LoadError("LOAD_ERR_YAML_VALIDATE", message, context);
}

/** How a value may be missing. */
export type Presence = "required" | "optional" | "may be empty";

/**
 * The text of a key; `undefined` when it may be missing and is. Error: a {@link LoadError} for what is not text, and
 * for an empty one.
 */
export function optionalText(
  item: YamlNode,
  key: string,
  { context, presence }: { readonly context: LoadContext; readonly presence: Presence },
): string | undefined {
  const value = child(item, key);
  if (!value) {
    if (presence !== "required") return undefined;
    throw structureError(`Item has no mapping for key '${key}'`, context);
  }
  if (value.kind === "null") {
    if (presence === "may be empty") return undefined;
    throw structureError(`Mapping for key '${key}' is empty`, context);
  }
  const here = context.at(value, "value for", key);
  if (value.kind !== "scalar") throw structureError("Value is not a scalar value", here);
  if (value.text === "") {
    if (presence === "may be empty") return undefined;
    throw structureError("Value must be non-empty", here);
  }
  return value.text;
}

/** The text of a key that must be there. */
export function requiredText(item: YamlNode, key: string, context: LoadContext): string {
  return optionalText(item, key, { context, presence: "required" }) ?? "";
}

/** A truth value in the words of YAML 1.1; `undefined` when the key is missing. */
export function optionalFlag(item: YamlNode, key: string, context: LoadContext): boolean | undefined {
  const text = optionalText(item, key, { context, presence: "optional" });
  if (text === undefined) return undefined;
  // Lower case, upper case, or lower case after the first letter.
  const isEvenCase = text === text.toLowerCase() || text === text.toUpperCase() || /^.[^A-Z]*$/.test(text);
  const word = isEvenCase ? text.toLowerCase() : "";
  if (["true", "yes", "on", "y"].includes(word)) return true;
  if (["false", "no", "off", "n"].includes(word)) return false;
  throw undecodable(item, key, context);
}

/** A whole number of 32 bits, also hexadecimal (`0x`) or octal (`0`); `undefined` when the key is missing. */
export function optionalNumber(item: YamlNode, key: string, context: LoadContext): number | undefined {
  const text = optionalText(item, key, { context, presence: "optional" });
  if (text === undefined) return undefined;
  const number = parseNumber(text);
  if (number === undefined) throw undecodable(item, key, context);
  return number;
}

/** A whole number of 32 bits without a sign, as a stream of C++ reads it. */
export function parseNumber(text: string): number | undefined {
  const match = /^\+?(?:0[xX]([0-9a-fA-F]{1,8})|0([0-7]{0,11})|([1-9]\d{0,9}))\s*$/.exec(text);
  if (!match) return undefined;
  const [, hexadecimal, octal, decimal] = match;
  const number =
    hexadecimal !== undefined
      ? Number.parseInt(hexadecimal, 16)
      : decimal !== undefined
        ? Number(decimal)
        : Number.parseInt(`0${octal ?? ""}`, 8);
  return number < 2 ** 32 ? number : undefined;
}

/** The texts of a sequence; `undefined` when it may be missing and is. */
export function textSequence(
  item: YamlNode,
  key: string,
  { context, presence }: { readonly context: LoadContext; readonly presence: Presence },
): string[] | undefined {
  const value = child(item, key);
  if (!value) {
    if (presence !== "required") return undefined;
    throw structureError(`Item has no mapping for key '${key}'`, context);
  }
  const here = context.at(value, "value for", key);
  if (value.kind !== "sequence") throw structureError("Value is not a sequence", here);
  return value.items.map((entry) => {
    if (entry.kind !== "scalar") throw structureError("sequence value is not scalar", here.at(entry, "list item"));
    return entry.text;
  });
}

function undecodable(item: YamlNode, key: string, context: LoadContext): LoadError {
  const value = child(item, key);
  return structureError("Can't decode YAML scalar value", value ? context.at(value, "value for", key) : context);
}

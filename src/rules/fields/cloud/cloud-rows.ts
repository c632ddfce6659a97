import type { ByteString } from "../../../model/events/kernel-event.ts";
import { toByteString } from "../../language/byte-string.ts";
import type { FieldRow } from "../json/field-rows.ts";
import { type GeneralFieldOptions, generalFields, row } from "../json/general-fields.ts";
import { jsonRows } from "../json/json-fields.ts";
import type { JsonRuleEvent } from "../json/json-rule-event.ts";
import { jsonText } from "../json/json-text.ts";
import { textOf, valueAt } from "../json/json-value.ts";

/** Reads a text from the JSON of an event. */
export type ReadText = (value: unknown) => ByteString | undefined;

/** A field that is a text, where the event has it: below these keys, or by a function. */
export type TextField = readonly [
  name: string,
  at: readonly string[] | ReadText,
  description: string,
  absent?: "or missing",
];

/** The text below these keys: a string as it is, all else as JSON; undefined for nothing and for null. */
export function textAt(value: unknown, ...keys: readonly string[]): ByteString | undefined {
  const found = valueAt(value, keys);
  return found === null ? undefined : textOf(found);
}

/** The value below these keys as JSON, strings in quotes. */
export function jsonAt(...keys: readonly string[]): ReadText {
  return (value) => {
    const found = valueAt(value, keys);
    const text = found === undefined ? undefined : jsonText(found);
    return text === undefined ? undefined : toByteString(text);
  };
}

/** The array below these keys; empty where there is none. */
export function arrayAt(value: unknown, ...keys: readonly string[]): readonly unknown[] {
  const found = valueAt(value, keys);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

/**
 * Rows of texts. `absent` is what an event has that lacks the text, instead of no value; not for fields that say
 * otherwise.
 */
export function textRows(fields: readonly TextField[], absent?: ByteString): FieldRow[] {
  return fields.map(([name, at, description, missing]) => {
    const read: ReadText = typeof at === "function" ? at : (value) => textAt(value, ...at);
    const instead = missing === undefined ? absent : undefined;
    return row(name, ({ value }) => read(value) ?? instead, { description });
  });
}

/**
 * What events of every source have, as the plugin of that name has it; `info` is the whole event in a line, its JSON if
 * undefined.
 */
export function commonRows(
  plugin: string,
  { options, info }: { readonly options: GeneralFieldOptions; readonly info?: ReadText },
): FieldRow[] {
  const rows = [...generalFields({ plugin, ...options }), ...jsonRows()];
  if (!info) return rows;
  const line = (event: JsonRuleEvent): ByteString => info(event.value) ?? event.text;
  return [...rows, row("evt.plugininfo", line, { description: "Complete event, as a line of text" })];
}

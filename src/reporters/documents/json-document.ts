import { harmlessJson } from "../json.ts";

/** A member of a document: its name, and a value or, for a long list, a generator of its items. */
export type DocumentMember = readonly [name: string, value: unknown];

/**
 * A JSON document in pieces, its members in the order given: two spaces of indentation, a line break at the end.
 * Generators are written item by item. Members that are undefined are left out. Characters that a terminal may obey or
 * hide are escaped, and halves of surrogate pairs, which many JSON parsers reject, become U+FFFD.
 */
export function* jsonDocument(members: Iterable<DocumentMember>): Generator<string> {
  let opening = "{\n";
  for (const [name, value] of members) {
    if (value === undefined) continue;
    yield `${opening}  ${JSON.stringify(name)}: `;
    opening = ",\n";
    if (isGenerator(value)) yield* list(value);
    else yield indented(value, "  ");
  }
  yield opening === "{\n" ? "{}\n" : "\n}\n";
}

function isGenerator(value: unknown): value is Generator<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value && !Array.isArray(value);
}

function* list(items: Iterable<unknown>): Generator<string> {
  let opening = "[\n";
  for (const item of items) {
    yield `${opening}    ${indented(item, "    ")}`;
    opening = ",\n";
  }
  yield opening === "[\n" ? "[]" : "\n  ]";
}

/** A string in JSON has no line break, so each line break belongs to the layout. */
function indented(value: unknown, indent: string): string {
  return harmlessJson(wellFormed(JSON.stringify(value, null, 2))).replaceAll("\n", `\n${indent}`);
}

/** `JSON.stringify` escapes a surrogate only if it has no pair; two backslashes are an escaped backslash. */
function wellFormed(text: string): string {
  return text.replace(/\\(?:\\|ud[89a-f][0-9a-f]{2})/g, (found) => (found === "\\\\" ? found : "\ufffd"));
}

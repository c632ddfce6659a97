import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { readYaml } from "./read-yaml.ts";
import type { YamlPlace } from "./yaml-place.ts";

/** A part of a text: from an index, inclusive, to another, exclusive. */
interface Part {
  readonly from: number;
  readonly to: number;
}

interface ListParts {
  /** What stands before and behind the items. */
  readonly around: readonly Part[];
  readonly items: readonly Part[];
}

const itemsLine = /^items:[ \t]*(?:#[^\n]*)?$/m;

/**
 * Reads a long `List` as `kubectl get -o yaml` prints it, item by item, so that no tree of the whole text is ever in
 * memory: `items:` stands at the left edge, and each item begins with a dash of one indentation. A block that is not
 * indented ends there in YAML, so the lines of one item cannot belong to another; a quote, a bracket or an alias that
 * reaches over the edge is an error in its own item. Undefined for whatever is not of this form or has such an error:
 * only the whole text can tell then what it is.
 */
export function readYamlList(text: string, root: YamlPlace): { readonly value: unknown } | undefined {
  const parts = splitList(text);
  if (!parts) return undefined;
  let value: JsonObject = {};
  for (const { from, to } of parts.around) {
    const read = readYaml(text.slice(from, to));
    if (!("value" in read) || (read.value !== null && !isJsonObject(read.value))) return undefined;
    value = { ...value, ...read.value };
  }
  const { kind } = value;
  if (typeof kind !== "string" || !kind.endsWith("List") || Object.hasOwn(value, "items")) return undefined;
  const items: unknown[] = [];
  const places = new Map<string | number, YamlPlace>();
  for (const { from, to } of parts.items) {
    const itemRoot: YamlPlace = { offset: 0 };
    const read = readYaml(text.slice(from, to), { root: itemRoot });
    if (!("value" in read) || !Array.isArray(read.value) || read.value.length !== 1) return undefined;
    const place = itemRoot.children?.get(0);
    if (place) places.set(items.length, movedBy(place, from));
    items.push(read.value[0]);
  }
  root.children = new Map([["items", { offset: parts.items[0]?.from ?? 0, children: places }]]);
  return { value: { ...value, items } };
}

function splitList(text: string): ListParts | undefined {
  const match = itemsLine.exec(text);
  if (!match) return undefined;
  const begin = match.index + match[0].length + 1;
  const items: Part[] = [];
  let indentation: number | undefined;
  let from: number | undefined;
  let at = begin;
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline + 1;
    const start = behindSpaces(text, at);
    const first = text[start] ?? "\n";
    // Empty lines and comments say nothing about where a block ends.
    if (first !== "\n" && first !== "#") {
      const isDash = first === "-" && /[ \n]/.test(text[start + 1] ?? "\n");
      const indent = start - at;
      indentation ??= isDash ? indent : undefined;
      if (indentation === undefined || (indent === 0 && first === "\t")) return undefined;
      if (indent === indentation && isDash) {
        if (from !== undefined) items.push({ from, to: at });
        from = at;
      } else if (indent <= indentation) {
        if (indent > 0) return undefined;
        break;
      }
    }
    at = end;
  }
  if (from === undefined) return undefined;
  items.push({ from, to: at });
  return {
    around: [
      { from: 0, to: match.index },
      { from: at, to: text.length },
    ],
    items,
  };
}

function behindSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === " ") at++;
  return at;
}

function movedBy({ offset, children }: YamlPlace, distance: number): YamlPlace {
  if (!children) return { offset: offset + distance };
  const moved = new Map([...children].map(([key, place]) => [key, movedBy(place, distance)] as const));
  return { offset: offset + distance, children: moved };
}

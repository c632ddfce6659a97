import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isSeq, parse, parseDocument, stringify } from "yaml";

/**
 * A YAML text with items at the end of the list under a key of its top level, which is created when missing. What else
 * the text has stays as it is, comments and layout included, unless the list cannot be extended in place: then the
 * document is written again, with its comments. The text must be a mapping or empty, and the key's value a list.
 */
export function appendToYamlList(text: string, key: string, items: readonly object[]): string {
  const expected: unknown = extended(parse(text), key, items);
  const inPlace = appendInPlace(text, key, items);
  if (inPlace !== undefined && isDeepStrictEqual(safeParse(inPlace), expected)) return inPlace;
  const document = parseDocument(text);
  const list = document.get(key);
  if (isSeq(list)) for (const item of items) list.add(document.createNode(item));
  else document.set(key, items);
  return document.toString({ lineWidth: 0 });
}

function extended(value: unknown, key: string, items: readonly object[]): unknown {
  const whole = typeof value === "object" && value !== null ? value : {};
  const list: unknown = Reflect.get(whole, key);
  return { ...whole, [key]: [...(Array.isArray(list) ? list : []), ...items] };
}

function safeParse(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined where lines cannot simply be added. */
function appendInPlace(text: string, key: string, items: readonly object[]): string | undefined {
  const document = parseDocument(text);
  const { contents } = document;
  if (contents === null || (isMap(contents) && !contents.flow && !contents.has(key))) {
    const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
    return `${start}${key}:\n${itemLines(items, 2)}`;
  }
  const place = endOfList(document, key, text);
  return (
    place && `${text.slice(0, place.at)}${place.separator}${itemLines(items, place.indentation)}${text.slice(place.at)}`
  );
}

interface ListEnd {
  readonly at: number;
  /** A line break where the last line lacks it. */
  readonly separator: string;
  readonly indentation: number;
}

function endOfList(document: Document, key: string, text: string): ListEnd | undefined {
  const list = document.get(key);
  if (!isSeq(list) || list.flow || list.items.length === 0 || !list.range) return undefined;
  const [start, valueEnd] = list.range;
  const indentation = start - (text.lastIndexOf("\n", start - 1) + 1);
  if (text[valueEnd - 1] === "\n") return { at: valueEnd, separator: "", indentation };
  const lineEnd = text.indexOf("\n", valueEnd);
  if (lineEnd === -1) return { at: text.length, separator: "\n", indentation };
  return { at: lineEnd + 1, separator: "", indentation };
}

function itemLines(items: readonly object[], indentation: number): string {
  const lines = stringify(items, { lineWidth: 0 }).trimEnd().split("\n");
  return lines.map((line) => `${" ".repeat(indentation)}${line}\n`).join("");
}

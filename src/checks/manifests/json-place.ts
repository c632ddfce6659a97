import type { YamlPlace } from "./yaml-place.ts";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Where a value of a JSON text is written. The values in it are found when they are asked for, by one pass over its own text, so that the place
 * of one line costs neither a tree of the whole file nor a second parser. The text must be one that `JSON.parse` takes; of a key that is there
 * twice the last one counts, as there. What is nested is skipped without recursion, however deep it is.
 */
export class JsonPlace implements YamlPlace {
  readonly offset: number;
  readonly #text: string;
  readonly #value: number;
  #children: Map<string | number, JsonPlace> | undefined;

  /** `offset` is what the place is shown as, `value` where the value begins. */
  constructor(text: string, { offset, value }: { readonly offset: number; readonly value: number }) {
    this.offset = offset;
    this.#text = text;
    this.#value = value;
  }

  get children(): Map<string | number, JsonPlace> {
    this.#children ??= new Map(childrenOf(this.#text, this.#value));
    return this.#children;
  }
}

/** The place of the whole value of a JSON text. */
export function jsonRoot(text: string): JsonPlace {
  const value = skipBlanks(text, 0);
  return new JsonPlace(text, { offset: value, value });
}

/** Where a JSON text goes deeper than so many levels; undefined when it nowhere does. */
export function findTooDeep(text: string, levels: number): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = skipString(text, at);
      continue;
    }
    if (code === openBrace || code === openBracket) {
      depth++;
      if (depth > levels) return at;
    } else if (code === closeBrace || code === closeBracket) depth--;
    at++;
  }
  return undefined;
}

function* childrenOf(text: string, start: number): Iterable<[string | number, JsonPlace]> {
  const first = text.charCodeAt(start);
  if (first !== openBrace && first !== openBracket) return;
  const isObject = first === openBrace;
  let at = skipBlanks(text, start + 1);
  for (let index = 0; at < text.length; index++) {
    const code = text.charCodeAt(at);
    if (code === closeBrace || code === closeBracket) return;
    const offset = at;
    let key: string | number = index;
    if (isObject) {
      const end = skipString(text, at);
      key = keyOf(text.slice(at, end));
      at = skipBlanks(text, skipBlanks(text, end) + 1);
    }
    yield [key, new JsonPlace(text, { offset, value: at })];
    at = skipBlanks(text, skipValue(text, at));
    if (text.charCodeAt(at) === comma) at = skipBlanks(text, at + 1);
  }
}

function keyOf(quoted: string): string {
  return quoted.includes("\\") ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 0x20 || (code >= 0x09 && code <= 0x0d); code = text.charCodeAt(at))
    at++;
  return at;
}

/** Behind the string whose opening quote is there. */
function skipString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** Behind the value that begins there. Always goes on, also over a text that is no JSON. */
function skipValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = skipString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (code === closeBrace || code === closeBracket) {
      if (depth === 0) return at === from ? at + 1 : at;
      depth--;
      at++;
      if (depth === 0) return at;
      continue;
    }
    if (code === comma && depth === 0) return at;
    if (code === openBrace || code === openBracket) depth++;
    at++;
  }
  return text.length;
}

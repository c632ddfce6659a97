/*
 * Where things are written in a JSON text (RFC 8259), one that JSON.parse takes. Nested values are skipped without
 * recursion, at any depth. Over a text that is not JSON all of this goes on too, to its end.
 */

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** A member of an object or an item of an array in a text; all numbers are offsets. */
export interface WrittenMember {
  /** Its name; the index of an item. */
  readonly key: string | number;
  /** Where the name begins, at its quote; of an item, where the value does. */
  readonly start: number;
  readonly valueStart: number;
  /** Behind the value. */
  readonly end: number;
}

/** What the object or array that begins at `start` holds, in order, with every member of a name that is there twice. */
export function* writtenMembers(text: string, start: number): Generator<WrittenMember> {
  const first = text.charCodeAt(start);
  if (first !== openBrace && first !== openBracket) return;
  const isObject = first === openBrace;
  let at = skipJsonSpace(text, start + 1);
  for (let index = 0; at < text.length && !isClosing(text.charCodeAt(at)); index++) {
    const member = at;
    let key: string | number = index;
    if (isObject) {
      const end = skipJsonString(text, at);
      key = nameOf(text.slice(at, end));
      at = skipJsonSpace(text, skipJsonSpace(text, end) + 1);
    }
    const end = skipJsonValue(text, at);
    yield { key, start: member, valueStart: at, end };
    at = skipJsonSpace(text, end);
    if (text.charCodeAt(at) === comma) at = skipJsonSpace(text, at + 1);
  }
}

/** The place where a text goes deeper than so many levels; undefined for a text that does not. */
export function findTooDeep(text: string, levels: number): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = skipJsonString(text, at);
      continue;
    }
    if (isOpening(code)) {
      depth++;
      if (depth > levels) return at;
    } else if (isClosing(code)) depth--;
    at++;
  }
  return undefined;
}

/** The offset behind white space. */
export function skipJsonSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The offset behind the value that begins there. */
export function skipJsonValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = skipJsonString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (isClosing(code)) {
      if (depth === 0) return at === from ? at + 1 : withoutSpace(text, { from, to: at });
      depth--;
      at++;
      if (depth === 0) return at;
      continue;
    }
    if (code === comma && depth === 0) return withoutSpace(text, { from, to: at });
    if (isOpening(code)) depth++;
    at++;
  }
  return withoutSpace(text, { from, to: text.length });
}

function skipJsonString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** As it stands in the text where it is not a string of JSON. */
function nameOf(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

function withoutSpace(text: string, { from, to }: { readonly from: number; readonly to: number }): number {
  let end = to;
  while (end > from && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function isOpening(code: number): boolean {
  return code === openBrace || code === openBracket;
}

function isClosing(code: number): boolean {
  return code === closeBrace || code === closeBracket;
}

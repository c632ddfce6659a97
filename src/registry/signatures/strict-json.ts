import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";

/*
 * JSON that all programs read alike. Signed content must not mean one thing here and another elsewhere, so a document
 * is refused when it is not UTF-8, when an object has a name twice (RFC 8259, section 4: readers differ in which one
 * counts), or when it is nested deeper or has more members than any honest document. The last two are seen in its text,
 * before anything is made of it: of `[[[[` a reader makes an object for every character.
 */

const deepest = 64;
const usualMembers = 1_000_000;
const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * Reads a JSON object; the text says why it is refused, as a clause about "it". `mostMembers` bounds the members of all
 * its objects and the elements of all its lists together; a million unless given.
 */
export function parseStrictJson(
  bytes: Uint8Array,
  { mostMembers = usualMembers }: { readonly mostMembers?: number } = {},
): JsonObject | string {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const excess = tooMuch(text, mostMembers);
    if (excess !== undefined) return excess;
    value = JSON.parse(text);
  } catch {
    return "it is not valid JSON";
  }
  if (!isJsonObject(value)) return "it is not a JSON object";
  return hasNameTwice(text) ? "it has an object with a duplicate name" : value;
}

/** What makes a text excessive that may be JSON. */
function tooMuch(text: string, mostMembers: number): string | undefined {
  let depth = 0;
  let members = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        break;
      case openBrace:
      case openBracket:
        depth += 1;
        if (depth > deepest) return `it is nested deeper than ${deepest} levels`;
        // The first member of what opens here; a comma stands before each of the others.
        members += 1;
        break;
      case closeBrace:
      case closeBracket:
        depth -= 1;
        break;
      case comma:
        members += 1;
        break;
    }
    if (members > mostMembers) return `it has more than ${mostMembers} members`;
  }
  return undefined;
}

/** True when an object of valid JSON has two members of one name. */
function hasNameTwice(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  let nameNext = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    switch (code) {
      case openBrace:
      case openBracket:
        open.push(code === openBrace ? new Set() : undefined);
        nameNext = code === openBrace;
        break;
      case closeBrace:
      case closeBracket:
        open.pop();
        nameNext = false;
        break;
      case comma:
        nameNext = open.at(-1) !== undefined;
        break;
      case quote: {
        const end = endOfString(text, at);
        const names = open.at(-1);
        if (nameNext && names !== undefined) {
          const name = nameOf(text.slice(at, end + 1));
          if (names.has(name)) return true;
          names.add(name);
          nameNext = false;
        }
        at = end;
        break;
      }
    }
  }
  return false;
}

/** The place of the quotation mark that closes a string of valid JSON. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, place: number): boolean {
  let first = place;
  while (text.charCodeAt(first - 1) === backslash) first -= 1;
  return (place - first) % 2 === 1;
}

function nameOf(literal: string): string {
  return literal.includes("\\") ? String(JSON.parse(literal)) : literal.slice(1, -1);
}

import { isJsonObject, type JsonObject } from "../../model/json-object.ts";

/*
 * JSON that all programs read alike. What is signed must not mean one thing here and another elsewhere, so a document
 * is refused when it is not UTF-8, when an object has a name twice (RFC 8259, section 4: readers differ in which one
 * counts), or when it is nested deeper or has more members than anything honest.
 */

const deepest = 64;
const mostMembers = 1_000_000;

/** Reads a JSON object; the text says why it is refused, as a clause about "it". */
export function parseStrictJson(bytes: Uint8Array): JsonObject | string {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    return "it is no valid JSON";
  }
  if (!isJsonObject(value)) return "it is no JSON object";
  return ambiguity(text) ?? value;
}

/** What makes valid JSON ambiguous or excessive. */
function ambiguity(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let members = 0;
  let nameNext = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
      case 0x5b: {
        // [
        const isObject = text.charCodeAt(at) === 0x7b;
        if (open.length >= deepest) return `it is nested deeper than ${deepest} levels`;
        open.push(isObject ? new Set() : undefined);
        nameNext = isObject;
        break;
      }
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        nameNext = false;
        break;
      case 0x2c: // ,
        nameNext = open.at(-1) !== undefined;
        break;
      case 0x22: {
        // "
        const end = endOfString(text, at);
        const names = open.at(-1);
        if (nameNext && names !== undefined) {
          const name = nameOf(text.slice(at, end + 1));
          if (names.has(name)) return "it has an object with the same name twice";
          if (++members > mostMembers) return `it has more than ${mostMembers} members`;
          names.add(name);
          nameNext = false;
        }
        at = end;
        break;
      }
    }
  }
  return undefined;
}

/** The place of the quotation mark that closes a string of valid JSON. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
}

function nameOf(literal: string): string {
  return literal.includes("\\") ? String(JSON.parse(literal)) : literal.slice(1, -1);
}

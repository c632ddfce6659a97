import type { RandomAccess } from "../../../io/random-access.ts";
import { feedMalformed } from "../../read-feed-file.ts";

// A JSON text (RFC 8259) is read once from front to back. Only its outline is followed: strings, with what a backslash escapes, and the
// depth of brackets. What lies between the two ends of a member is left to whoever parses it, so a fault in there is found there.

/** Where a member of a member of the outermost object lies. */
export interface JsonMember {
  /** The names of the outer and of the inner member. */
  readonly outer: string;
  readonly inner: string;
  /** Bytes of the inner member's value, with white space around it. */
  readonly offset: number;
  readonly length: number;
}

const windowSize: number = 1024 * 1024;
const longestKey = 1000;
const deepest = 100;

/**
 * The members of the members of the outermost object of a JSON file, in its order, in memory that does not grow with the file. Members
 * whose value is no object have no members.
 *
 * Error: `feed-malformed` when the file is not one JSON object, breaks off, or has a name beyond 1,000 bytes.
 */
export function* jsonMembers(file: RandomAccess, label: string): Generator<JsonMember> {
  const outline = new Outline(label);
  for (let offset = 0; offset < file.size; offset += windowSize) {
    yield* outline.read(file.read(offset, windowSize), offset);
  }
  outline.end();
}

const quote = 0x22;
const backslash = 0x5c;

/** Follows the outline over pieces that follow each other. */
class Outline {
  readonly #label: string;
  /** Open brackets; true for an object. */
  readonly #open: boolean[] = [];
  #begun = false;
  #inString = false;
  #escaped = false;
  /** True where the next string of the object is a member's name. */
  #expectsKey = false;
  #keyBytes: number[] | undefined;
  #key: string | undefined;
  #outer: string | undefined;
  #inner: { readonly key: string; readonly offset: number } | undefined;

  constructor(label: string) {
    this.#label = label;
  }

  *read(bytes: Buffer, start: number): Generator<JsonMember> {
    for (let at = 0; at < bytes.length; at++) {
      if (this.#inString && this.#keyBytes === undefined && !this.#escaped) {
        at = endOfPlainText(bytes, at);
        if (at === bytes.length) return;
      }
      const byte = bytes[at] ?? 0;
      if (this.#inString) this.#readString(byte);
      else {
        const member = this.#readOutline(byte, start + at);
        if (member) yield member;
      }
    }
  }

  end(): void {
    if (!this.#begun || this.#open.length > 0 || this.#inString) this.#fail("it breaks off");
  }

  #readString(byte: number): void {
    if (!this.#escaped && byte === quote) {
      this.#inString = false;
      if (this.#keyBytes) this.#key = this.#decodeKey(this.#keyBytes);
      this.#keyBytes = undefined;
      return;
    }
    this.#escaped = !this.#escaped && byte === backslash;
    if (!this.#keyBytes) return;
    if (this.#keyBytes.length === longestKey) this.#fail(`it has a name of more than ${longestKey} bytes`);
    this.#keyBytes.push(byte);
  }

  #readOutline(byte: number, position: number): JsonMember | undefined {
    switch (byte) {
      case quote:
        this.#inString = true;
        if (this.#expectsKey && this.#open.length <= 2 && this.#open.at(-1)) this.#keyBytes = [];
        this.#expectsKey = false;
        return undefined;
      case 0x3a: // :
        if (this.#open.length === 1) this.#outer = this.#key;
        else if (this.#open.length === 2 && this.#open[1] && this.#key !== undefined) {
          this.#inner = { key: this.#key, offset: position + 1 };
        }
        this.#key = undefined;
        return undefined;
      case 0x7b: // {
      case 0x5b: // [
        this.#enter(byte === 0x7b);
        return undefined;
      case 0x2c: // ,
        this.#expectsKey = this.#open.at(-1) === true;
        return this.#open.length === 2 ? this.#finish(position) : undefined;
      case 0x7d: // }
      case 0x5d: // ]
        return this.#leave(byte === 0x7d, position);
      default:
        if (!this.#begun && byte > 0x20) this.#fail("it is no JSON object");
        return undefined;
    }
  }

  #enter(isObject: boolean): void {
    if (this.#open.length === 0 && (this.#begun || !isObject)) this.#fail("it is no single JSON object");
    if (this.#open.length === deepest) this.#fail(`it is nested more than ${deepest} deep`);
    this.#begun = true;
    this.#open.push(isObject);
    this.#expectsKey = isObject;
  }

  #leave(isObject: boolean, position: number): JsonMember | undefined {
    const member = this.#open.length === 2 ? this.#finish(position) : undefined;
    if (this.#open.pop() !== isObject) this.#fail("it has brackets that do not match");
    this.#expectsKey = false;
    return member;
  }

  #finish(end: number): JsonMember | undefined {
    const inner = this.#inner;
    const outer = this.#outer;
    this.#inner = undefined;
    if (!inner || outer === undefined) return undefined;
    return { outer, inner: inner.key, offset: inner.offset, length: end - inner.offset };
  }

  #decodeKey(bytes: readonly number[]): string {
    try {
      return JSON.parse(`"${Buffer.from(bytes).toString("utf8")}"`) as string;
    } catch {
      return this.#fail("it has a damaged name");
    }
  }

  #fail(what: string): never {
    throw feedMalformed(this.#label, what);
  }
}

/** The place of the next quotation mark or backslash, or the end. */
function endOfPlainText(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== quote && bytes[at] !== backslash) at++;
  return at;
}

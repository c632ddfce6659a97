import { feedMalformed } from "../../read-feed-file.ts";

// A JSON text (RFC 8259) whose outermost value is an object with one long array. It is followed from front to back by its
// brackets and strings only, so that no more than one item of the array is in memory; what is wrong inside an item is found
// when the item is parsed.

/** The array to read. */
export interface JsonArray {
  /** The name of the member of the outermost object. */
  readonly key: string;
  /** What is read, for messages. */
  readonly title: string;
  /** Bytes of one item. */
  readonly maxItem: number;
}

const quote = 0x22;
const backslash = 0x5c;
const brace = 0x7b;
const bracket = 0x5b;
const closingBrace = 0x7d;
const closingBracket = 0x5d;
const none = Buffer.alloc(0);
const longestKey = 200;

/**
 * The text of each object in the array, in its order. Error: `feed-malformed` when the array is not there, the text breaks off
 * or an item is too long; the items before stay valid.
 */
export async function* jsonArrayItems(input: AsyncIterable<Buffer>, array: JsonArray): AsyncGenerator<string> {
  const scanner = new Scanner(array);
  for await (const bytes of input) yield* scanner.read(bytes);
  scanner.end();
}

class Scanner {
  readonly #array: JsonArray;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The bytes of the last string of the outermost object, as written. */
  #key: Buffer = none;
  #inArray = false;
  #found = false;
  /** The pieces of the item so far; undefined between two. */
  #item: Buffer[] | undefined;
  #itemBytes = 0;

  constructor(array: JsonArray) {
    this.#array = array;
  }

  *read(bytes: Buffer): Generator<string> {
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      if (this.#inString) {
        at = this.#readString(bytes, at);
        continue;
      }
      const byte = bytes[at] ?? 0;
      if (byte === quote) this.#openString();
      else if (byte === brace || byte === bracket) {
        if (this.#open(byte)) start = at;
      } else if ((byte === closingBrace || byte === closingBracket) && this.#close()) {
        yield this.#take(bytes.subarray(start, at + 1));
        start = 0;
      }
    }
    if (this.#item) this.#keep(bytes.subarray(start));
  }

  end(): void {
    if (!this.#found) throw feedMalformed(this.#array.title, `it has no list ${this.#array.key}`);
    if (this.#depth !== 0 || this.#inString) throw feedMalformed(this.#array.title, "it is cut off");
  }

  #openString(): void {
    this.#inString = true;
    if (this.#depth === 1) this.#key = none;
  }

  /** Reads on in a string; returns where it ends, or the last byte. */
  #readString(bytes: Buffer, from: number): number {
    let escaped = this.#escaped;
    let at = from;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (!escaped && byte === quote) {
        this.#inString = false;
        break;
      }
      escaped = !escaped && byte === backslash;
    }
    this.#escaped = escaped;
    if (this.#depth === 1) this.#key = Buffer.concat([this.#key, bytes.subarray(from, at)]).subarray(0, longestKey);
    return at;
  }

  /** True when an item begins. */
  #open(byte: number): boolean {
    this.#depth++;
    if (this.#depth === 2 && byte === bracket && this.#key.toString("utf8") === this.#array.key) {
      this.#inArray = true;
      this.#found = true;
    }
    if (this.#depth !== 3 || !this.#inArray) return false;
    this.#item = [];
    this.#itemBytes = 0;
    return true;
  }

  /** True when an item ends. */
  #close(): boolean {
    this.#depth--;
    if (this.#depth < 0) throw feedMalformed(this.#array.title, "its brackets do not match");
    if (this.#depth === 1) this.#inArray = false;
    return this.#depth === 2 && this.#inArray;
  }

  #keep(piece: Buffer): void {
    this.#itemBytes += piece.length;
    if (this.#itemBytes > this.#array.maxItem) {
      throw feedMalformed(this.#array.title, `an item is longer than ${this.#array.maxItem} bytes`);
    }
    this.#item?.push(Buffer.from(piece));
  }

  #take(last: Buffer): string {
    this.#keep(last);
    const text = Buffer.concat(this.#item ?? []).toString("utf8");
    this.#item = undefined;
    return text;
  }
}

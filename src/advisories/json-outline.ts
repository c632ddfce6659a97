import { feedMalformed } from "./read-feed-file.ts";

// A JSON text (RFC 8259) is read once from front to back. Only its outline is followed: strings, with what a backslash
// escapes, and the depth of brackets. What lies between the two ends of a value is left to whoever parses it, so a
// fault in there is found there.

/** Where something stands in the outline. */
export interface OutlinePlace {
  /**
   * How many objects and lists are open around it, for one that begins or ends itself included: the outermost object is
   * 1.
   */
  readonly depth: number;
  /** Bytes from the start of the text. */
  readonly position: number;
}

/** Receives the outline down to some depth. */
export interface OutlineVisitor {
  /** A member's name, at the colon behind it. */
  name?(name: string, place: OutlinePlace): void;
  /** An object or a list begins. */
  open?(isObject: boolean, place: OutlinePlace): void;
  /** A member or an item ends: at a comma or at the bracket that closes what it is in. */
  separate?(place: OutlinePlace): void;
  /** An object or a list ends. */
  close?(place: OutlinePlace): void;
}

/** What to follow. */
export interface OutlineOptions {
  /** Name of the input, for messages. */
  readonly title: string;
  /** The visitor receives values at this depth at most. */
  readonly depth: number;
  readonly visitor: OutlineVisitor;
}

const longestName = 1000;
const deepest = 100;
/** Byte order mark of UTF-8. */
const byteOrderMark: readonly number[] = [0xef, 0xbb, 0xbf];
const quote = 0x22;
const backslash = 0x5c;

/**
 * Follows the outline of a JSON object over pieces that follow each other, in memory that does not grow with the text.
 * A byte order mark is passed over.
 *
 * Error: `feed-malformed` when the text is not one JSON object, breaks off, or has a name beyond 1,000 bytes.
 */
export class JsonOutline {
  readonly #options: OutlineOptions;
  /** Open brackets; true for an object. */
  readonly #open: boolean[] = [];
  #begun = false;
  #inString = false;
  #escaped = false;
  /** True where the next string is a member's name. */
  #expectsName = false;
  #nameBytes: number[] | undefined;
  #name: string | undefined;

  constructor(options: OutlineOptions) {
    this.#options = options;
  }

  /** Takes the bytes from `start` on. */
  read(bytes: Buffer, start: number): void {
    for (let at = 0; at < bytes.length; at++) {
      if (this.#inString && this.#nameBytes === undefined && !this.#escaped) {
        at = endOfPlainText(bytes, at);
        if (at === bytes.length) return;
      }
      const byte = bytes[at] ?? 0;
      if (this.#inString) this.#readString(byte);
      else this.#readOutline(byte, start + at);
    }
  }

  /** Says that the text is over. */
  end(): void {
    if (!this.#begun || this.#open.length > 0 || this.#inString) this.#fail("it breaks off");
  }

  #readString(byte: number): void {
    if (!this.#escaped && byte === quote) {
      this.#inString = false;
      if (this.#nameBytes) this.#name = this.#decodeName(this.#nameBytes);
      this.#nameBytes = undefined;
      return;
    }
    this.#escaped = !this.#escaped && byte === backslash;
    if (!this.#nameBytes) return;
    if (this.#nameBytes.length === longestName) this.#fail(`it has a name longer than ${longestName} bytes`);
    this.#nameBytes.push(byte);
  }

  #readOutline(byte: number, position: number): void {
    const { depth, visitor } = this.#options;
    const shouldReport = this.#open.length <= depth;
    switch (byte) {
      case quote:
        this.#inString = true;
        if (this.#expectsName && shouldReport) this.#nameBytes = [];
        this.#expectsName = false;
        return;
      case 0x3a: // :
        if (shouldReport && this.#name !== undefined)
          visitor.name?.(this.#name, { depth: this.#open.length, position });
        this.#name = undefined;
        return;
      case 0x7b: // {
      case 0x5b: // [
        this.#enter(byte === 0x7b);
        if (this.#open.length <= depth) visitor.open?.(byte === 0x7b, { depth: this.#open.length, position });
        return;
      case 0x2c: // ,
        this.#expectsName = this.#open.at(-1) === true;
        if (shouldReport) visitor.separate?.({ depth: this.#open.length, position });
        return;
      case 0x7d: // }
      case 0x5d: // ]
        if (shouldReport) visitor.separate?.({ depth: this.#open.length, position });
        if (shouldReport) visitor.close?.({ depth: this.#open.length, position });
        this.#leave(byte === 0x7d);
        return;
      default:
        if (!this.#begun && byte > 0x20 && byte !== byteOrderMark[position]) this.#fail("it is not a JSON object");
    }
  }

  #enter(isObject: boolean): void {
    if (this.#open.length === 0 && (this.#begun || !isObject)) this.#fail("it is not a single JSON object");
    if (this.#open.length === deepest) this.#fail(`it is nested more than ${deepest} levels deep`);
    this.#begun = true;
    this.#open.push(isObject);
    this.#expectsName = isObject;
  }

  #leave(isObject: boolean): void {
    if (this.#open.pop() !== isObject) this.#fail("its brackets do not match");
    this.#expectsName = false;
  }

  #decodeName(bytes: readonly number[]): string {
    try {
      return JSON.parse(`"${Buffer.from(bytes).toString("utf8")}"`) as string;
    } catch {
      return this.#fail("it has an invalid name");
    }
  }

  #fail(what: string): never {
    throw feedMalformed(this.#options.title, what);
  }
}

/** The place of the next quotation mark or backslash, or the end. */
function endOfPlainText(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== quote && bytes[at] !== backslash) at++;
  return at;
}

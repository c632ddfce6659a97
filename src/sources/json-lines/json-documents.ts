import { ByteCollector } from "./byte-collector.ts";
import { JsonLinesOutline } from "./json-lines-outline.ts";
import { parseExactJson } from "./parse-exact-json.ts";
import type { ProblemCounter } from "./problem-counter.ts";

/** A JSON text of an input, parsed. */
export interface JsonDocument {
  readonly value: unknown;
  /** The line on which it begins, from 1. */
  readonly line: number;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

/** What became of a line: it did not fit, it ended a document, and what follows that on it. */
interface Taken {
  readonly isBroken?: boolean;
  readonly isClosed?: boolean;
  readonly rest?: Line;
}

/**
 * Cuts bytes into JSON documents: one a line, one over several lines, or several behind each other. A document that is
 * not JSON, or larger than the limit, is a problem, and reading goes on at the next line. No more than the limit is
 * kept in memory.
 */
export class JsonDocuments {
  readonly #limit: number;
  readonly #problems: ProblemCounter;
  /** A line whose end has not come yet. */
  readonly #partial: ByteCollector = new ByteCollector();
  #isTooLong = false;
  #lineNumber = 1;
  #outline: JsonLinesOutline | undefined;
  #lines: Line[] = [];
  #lineCharacters = 0;

  constructor(problems: ProblemCounter, { maxDocumentBytes }: { readonly maxDocumentBytes: number }) {
    this.#limit = maxDocumentBytes;
    this.#problems = problems;
  }

  /** The documents that end in this piece, to be asked for to the end before the next piece. The bytes are not kept. */
  *push(bytes: Buffer): Generator<JsonDocument> {
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      yield* this.#endLine(bytes.subarray(start, end));
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
  }

  /** The documents that the end of the input ends. */
  *end(): Generator<JsonDocument> {
    if (this.#partial.length > 0 || this.#isTooLong) yield* this.#endLine(Buffer.alloc(0));
    if (this.#outline) yield* this.#giveUp();
  }

  #keep(piece: Buffer): void {
    if (!this.#isTooLong && this.#partial.length + piece.length <= this.#limit) {
      this.#partial.add(piece);
      return;
    }
    this.#isTooLong = true;
    this.#partial.clear();
  }

  *#endLine(rest: Buffer): Generator<JsonDocument> {
    const number = this.#lineNumber++;
    const isWhole = this.#partial.length === 0 && !this.#isTooLong && rest.length <= this.#limit;
    if (!isWhole) this.#keep(rest);
    if (this.#isTooLong) {
      this.#isTooLong = false;
      if (this.#outline) yield* this.#giveUp();
      this.#problems.add("limit-exceeded", `line ${number} is longer than the limit of ${this.#limit} bytes`);
      return;
    }
    const text = isWhole ? rest.toString("utf8") : this.#partial.take();
    yield* this.#take({ text: number === 1 && text.startsWith("\ufeff") ? text.slice(1) : text, number });
  }

  *#take(line: Line): Generator<JsonDocument> {
    let rest: Line | undefined = line;
    if (this.#outline) {
      const taken = this.#continue(line);
      if (taken.isBroken) yield* this.#giveUp();
      else rest = taken.rest;
      if (taken.isClosed) yield* this.#close();
    }
    if (rest === line && line.text.trim() !== "") {
      const value = parseExactJson(line.text);
      if (value !== undefined) {
        yield { value, line: line.number };
        return;
      }
    }
    while (rest !== undefined && rest.text.trim() !== "") {
      const { number }: Line = rest;
      this.#outline = new JsonLinesOutline();
      const taken = this.#continue(rest);
      rest = taken.rest;
      if (taken.isClosed) yield* this.#close();
      if (!taken.isBroken) continue;
      this.#forget();
      this.#problems.add("unreadable", `line ${number} is not valid JSON`);
    }
  }

  /** Takes a line into the document that is open, unless it does not belong there. */
  #continue(line: Line): Taken {
    const { text, number } = line;
    this.#lineCharacters += text.length + Math.min(1, this.#lines.length);
    if (this.#lineCharacters > this.#limit) return { isBroken: true };
    if (text.trim() === "") return {};
    const outline = this.#outline;
    const state = outline?.feed(text);
    if (outline === undefined || state === "broken") return { isBroken: true };
    if (state !== "followed") {
      this.#lines.push(line);
      return { isClosed: state === "closed" };
    }
    this.#lines.push({ text: text.slice(0, outline.next), number });
    return { isClosed: true, rest: { text: text.slice(outline.next), number } };
  }

  *#close(): Generator<JsonDocument> {
    const [first] = this.#lines;
    const value = parseExactJson(this.#lines.map(({ text }) => text).join("\n"));
    if (value === undefined || first === undefined) {
      yield* this.#giveUp();
      return;
    }
    this.#forget();
    yield { value, line: first.number };
  }

  /** The document is none: its lines may still hold documents, each by itself. */
  *#giveUp(): Generator<JsonDocument> {
    const lines = this.#lines;
    const isTooLarge = this.#lineCharacters > this.#limit;
    this.#forget();
    let broken = 0;
    for (const line of lines) {
      const value = /^\s*[[{]/.test(line.text) ? parseExactJson(line.text) : undefined;
      if (value === undefined) broken++;
      else yield { value, line: line.number };
    }
    const [first] = lines;
    if (broken === 0 || first === undefined) return;
    if (isTooLarge) {
      this.#problems.add(
        "limit-exceeded",
        `the document of line ${first.number} exceeds the limit of ${this.#limit} bytes`,
      );
    } else {
      const where =
        lines.length === 1 ? `line ${first.number} is` : `the lines from ${first.number} on, ${broken} of them, are`;
      this.#problems.add("unreadable", `${where} no JSON`);
    }
  }

  #forget(): void {
    this.#outline = undefined;
    this.#lines = [];
    this.#lineCharacters = 0;
  }
}

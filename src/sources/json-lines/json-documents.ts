import { ByteCollector } from "./byte-collector.ts";
import { JsonOutline } from "./json-outline.ts";
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

/**
 * Cuts bytes into JSON documents: one a line, or one over several lines. What is no JSON, or larger than the limit, is a problem,
 * and reading goes on at the next line. No more than the limit is kept in memory.
 */
export class JsonDocuments {
  readonly #limit: number;
  readonly #problems: ProblemCounter;
  /** A line whose end has not come yet. */
  readonly #partial: ByteCollector = new ByteCollector();
  #isTooLong = false;
  #lineNumber = 1;
  #outline: JsonOutline | undefined;
  #lines: Line[] = [];
  #lineCharacters = 0;

  constructor(problems: ProblemCounter, { maxDocumentBytes }: { readonly maxDocumentBytes: number }) {
    this.#limit = maxDocumentBytes;
    this.#problems = problems;
  }

  /** The documents that end in this piece. The bytes are not kept. */
  push(bytes: Buffer): JsonDocument[] {
    const found: JsonDocument[] = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      this.#endLine(bytes.subarray(start, end), found);
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
    return found;
  }

  /** The documents that the end of the input ends. */
  end(): JsonDocument[] {
    const found: JsonDocument[] = [];
    if (this.#partial.length > 0 || this.#isTooLong) this.#endLine(Buffer.alloc(0), found);
    if (this.#outline) this.#giveUp(found);
    return found;
  }

  #keep(piece: Buffer): void {
    if (!this.#isTooLong && this.#partial.length + piece.length <= this.#limit) {
      this.#partial.add(piece);
      return;
    }
    this.#isTooLong = true;
    this.#partial.clear();
  }

  #endLine(rest: Buffer, found: JsonDocument[]): void {
    const number = this.#lineNumber++;
    const isWhole = this.#partial.length === 0 && !this.#isTooLong && rest.length <= this.#limit;
    if (!isWhole) this.#keep(rest);
    if (this.#isTooLong) {
      this.#isTooLong = false;
      if (this.#outline) this.#giveUp(found);
      this.#problems.add("limit-exceeded", `line ${number} is longer than the limit of ${this.#limit} bytes`);
      return;
    }
    const text = isWhole ? rest.toString("utf8") : this.#partial.take();
    this.#take({ text: number === 1 && text.startsWith("\ufeff") ? text.slice(1) : text, number }, found);
  }

  #take(line: Line, found: JsonDocument[]): void {
    if (this.#outline) {
      if (this.#continues(line, found)) return;
      this.#giveUp(found);
    }
    if (line.text.trim() === "") return;
    const value = parseExactJson(line.text);
    if (value !== undefined) found.push({ value, line: line.number });
    else this.#begin(line);
  }

  #begin(line: Line): void {
    const outline = new JsonOutline();
    if (outline.feed(line.text) !== "open") {
      this.#problems.add("unreadable", `line ${line.number} is no JSON`);
      return;
    }
    this.#outline = outline;
    this.#lines = [line];
    this.#lineCharacters = line.text.length;
  }

  /** Whether the line belongs to the document that is open. */
  #continues(line: Line, found: JsonDocument[]): boolean {
    this.#lineCharacters += line.text.length + 1;
    if (this.#lineCharacters > this.#limit) return false;
    if (line.text.trim() === "") return true;
    const state = this.#outline?.feed(line.text);
    if (state === "broken") return false;
    this.#lines.push(line);
    if (state === "closed") this.#close(found);
    return true;
  }

  #close(found: JsonDocument[]): void {
    const [first] = this.#lines;
    const value = parseExactJson(this.#lines.map(({ text }) => text).join("\n"));
    if (value === undefined || first === undefined) {
      this.#giveUp(found);
      return;
    }
    found.push({ value, line: first.number });
    this.#forget();
  }

  /** The document is none: its lines may still hold documents, each by itself. */
  #giveUp(found: JsonDocument[]): void {
    const lines = this.#lines;
    const isTooLarge = this.#lineCharacters > this.#limit;
    this.#forget();
    let broken = 0;
    for (const line of lines) {
      const value = /^\s*[[{]/.test(line.text) ? parseExactJson(line.text) : undefined;
      if (value === undefined) broken++;
      else found.push({ value, line: line.number });
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

import { cleanText } from "./byte-string.ts";
import { ConditionError, type Place } from "./condition.ts";
import { unescapeText } from "./escape.ts";
import type { Generation } from "./generation.ts";

/** The kinds of token that a regular expression tells. */
export type Token = "notBlank" | "identifier" | "fieldName" | "bareArgument" | "hexNumber" | "number" | "bareText";

// The tokens of Falco's language. All are sticky, and none can match in more than one way: they read in linear time.
const patterns: Readonly<Record<Token, RegExp>> = {
  notBlank: /not[ \t\n\v\f\r]+/y,
  identifier: /[a-zA-Z][a-zA-Z0-9_]*/y,
  fieldName: /[a-zA-Z][a-zA-Z0-9_]*(?:\.[a-zA-Z][a-zA-Z0-9_]*)+/y,
  bareArgument: /[^\]["' \t\n\v\f\r]+/y,
  hexNumber: /0[xX][0-9a-fA-F]+/y,
  number: /[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?/y,
  bareText: /[^()"' \t\n\v\f\r=,]+/y,
};

/** Reads tokens from a condition, given as a byte string. What it read last is in {@link last}, for messages. */
export class ConditionCursor {
  last = "";
  readonly #text: string;
  readonly #generation: Generation;
  #index = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string, generation: Generation) {
    this.#text = text;
    this.#generation = generation;
  }

  get place(): Place {
    return { index: this.#index, line: this.#line, column: this.#index - this.#lineStart + 1 };
  }

  get isAtEnd(): boolean {
    return this.#index >= this.#text.length;
  }

  /** Goes back to a place where it was, with what it had read there. */
  returnTo(place: Place, last: string): void {
    this.#index = place.index;
    this.#line = place.line;
    this.#lineStart = place.index - place.column + 1;
    this.last = last;
  }

  fail(message: string): ConditionError {
    return new ConditionError(cleanText(message), this.place);
  }

  /** Skips blanks; true when there were some. */
  blank(): boolean {
    const start = this.#index;
    for (;;) {
      const character = this.#text[this.#index];
      if (character === "\n" || character === "\r") this.#newLine(this.#index);
      else if (character !== " " && character !== "\t" && character !== "\b") return this.#index > start;
      this.#index++;
    }
  }

  token(token: Token): boolean {
    const pattern = patterns[token];
    pattern.lastIndex = this.#index;
    const match = pattern.exec(this.#text);
    if (match === null) return false;
    this.#take(match[0]);
    return true;
  }

  literal(text: string): boolean {
    if (!this.#text.startsWith(text, this.#index)) return false;
    this.#take(text);
    return true;
  }

  /** Parses one of several operators; those of letters need a blank behind them when `needsBlank`. */
  operator(names: readonly string[], needsBlank: boolean): boolean {
    for (const name of names) {
      const { place, last } = this;
      if (!this.literal(name)) continue;
      if (!needsBlank || !/^[a-z]/.test(name) || this.blank()) return true;
      // The library of 0.40 stays behind the operator, which shows in place of its error.
      if (this.#generation === "0.40") return false;
      this.returnTo(place, last);
    }
    return false;
  }

  /** The name of a transformer with its parenthesis; {@link last} is the name alone. */
  transformer(names: readonly string[]): boolean {
    const name = names.find((candidate) => this.literal(`${candidate}(`));
    if (name === undefined) return false;
    this.last = name;
    return true;
  }

  /**
   * A quoted string; {@link last} is what it stands for. Without its end it is none, and {@link last} what was read of
   * it.
   */
  quoted(): boolean {
    const quote = this.#text[this.#index];
    if (quote !== "'" && quote !== '"') return false;
    const start = this.#index;
    for (let index = start + 1; index < this.#text.length; index++) {
      const character = this.#text[index];
      if (character === "\0") break;
      if (character !== quote || this.#text[index - 1] === "\\") continue;
      const whole = this.#text.slice(start, index + 1);
      this.#take(whole);
      this.last = this.#unescaped(whole);
      return true;
    }
    const end = this.#text.indexOf("\0", start);
    this.last = this.#text.slice(start, end === -1 ? undefined : end);
    return false;
  }

  /** A parenthesis or the name of a list comes next, and not a word that joins conditions. Nothing is read. */
  isBeforeList(): boolean {
    if (this.#text[this.#index] === "(") return true;
    patterns.identifier.lastIndex = this.#index;
    const word = patterns.identifier.exec(this.#text)?.[0];
    return word !== undefined && !/^(?:and|or|not)(?![a-zA-Z0-9])/.test(word);
  }

  #unescaped(quoted: string): string {
    try {
      return unescapeText(quoted, this.#generation);
    } catch (error) {
      throw error instanceof ConditionError ? this.fail(error.message) : error;
    }
  }

  #take(text: string): void {
    for (let index = text.search(/[\r\n]/); index !== -1 && index < text.length; index++) {
      if (text[index] === "\n" || text[index] === "\r") this.#newLine(this.#index + index);
    }
    this.#index += text.length;
    this.last = text;
  }

  #newLine(index: number): void {
    this.#line++;
    this.#lineStart = index + 1;
  }
}

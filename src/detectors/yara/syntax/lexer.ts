import { RuleError } from "./rule-error.ts";

/** A word of a rule file with its line, from 1. */
export type Token =
  | { readonly kind: "name"; readonly text: string; readonly line: number }
  /** `$a`, `#a`, `@a` or `!a`; the name may be empty, and end with `*` after `$`. */
  | { readonly kind: "string"; readonly sigil: string; readonly name: string; readonly line: number }
  | { readonly kind: "integer" | "float"; readonly value: number; readonly line: number }
  | { readonly kind: "text"; readonly value: string; readonly line: number }
  | { readonly kind: "regexp"; readonly source: string; readonly flags: string; readonly line: number }
  | { readonly kind: "symbol"; readonly text: string; readonly line: number }
  | { readonly kind: "end"; readonly line: number };

const symbols = ["<<", ">>", "==", "!=", "<=", ">=", ".."] as const;
const nameAt = /[A-Za-z_][A-Za-z0-9_]*/y;
const stringAt = /[$#@!](?:[A-Za-z0-9_]*)/y;
const numberAt = /0x[0-9A-Fa-f]+|0o[0-7]+|[0-9]+(?:\.[0-9]+)?/y;
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" };

/** The words of a rule file, one after the other. The text has one character for each byte. */
export class Lexer {
  readonly #text: string;
  #position = 0;
  #line = 1;
  #ahead: Token | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get line(): number {
    return this.#ahead?.line ?? this.#line;
  }

  peek(): Token {
    this.#ahead ??= this.#read();
    return this.#ahead;
  }

  next(): Token {
    const token = this.peek();
    this.#ahead = undefined;
    return token;
  }

  /** The next token if it is this symbol or word; undefined, and nothing read, if it is not. */
  accept(text: string): Token | undefined {
    return this.isAt(text) ? this.next() : undefined;
  }

  isAt(text: string): boolean {
    const token = this.peek();
    return (token.kind === "symbol" || token.kind === "name") && token.text === text;
  }

  /** Errors: {@link RuleError} when another token follows. */
  expect(text: string): Token {
    return this.accept(text) ?? this.fail(`expected ${text}, found ${describe(this.peek())}`);
  }

  expectName(what: string): string {
    const token = this.next();
    if (token.kind === "name") return token.text;
    throw new RuleError(token.line, `expected ${what}, found ${describe(token)}`);
  }

  fail(message: string): never {
    throw new RuleError(this.line, message);
  }

  /** The text of a hex string whose `{` was read last, without comments, up to its `}`, which is read too. */
  hexText(): string {
    const parts: string[] = [];
    for (;;) {
      const character = this.#text[this.#position];
      if (character === undefined) throw new RuleError(this.#line, "hex string without its closing brace");
      if (this.#skipComment()) continue;
      this.#position++;
      if (character === "}") return parts.join("");
      if (character === "\n") this.#line++;
      parts.push(character);
    }
  }

  /** Leaves out everything before the next line that begins as a rule does; false at the end of the text. */
  skipToNextRule(): boolean {
    this.#ahead = undefined;
    const head = /^[ \t]*(?:(?:private|global)[ \t]+)*(?:rule[ \t]+[A-Za-z_]|import[ \t]*"|include[ \t]*")/gm;
    head.lastIndex = this.#text.indexOf("\n", this.#position);
    const found = head.lastIndex < 0 || !this.#text.includes("\n", this.#position) ? null : head.exec(this.#text);
    const to = found?.index ?? this.#text.length;
    this.#countLines(this.#position, to);
    this.#position = to;
    return found !== null;
  }

  #read(): Token {
    this.#skipSpace();
    const line = this.#line;
    const text = this.#text;
    const character = text[this.#position];
    if (character === undefined) return { kind: "end", line };
    const name = this.#match(nameAt);
    if (name !== undefined) return { kind: "name", text: name, line };
    const number = this.#match(numberAt);
    if (number !== undefined) return this.#number(number);
    const pair = text.slice(this.#position, this.#position + 2);
    if (symbols.some((symbol) => symbol === pair)) {
      this.#position += 2;
      return { kind: "symbol", text: pair, line };
    }
    if (character === '"') return { kind: "text", value: this.#quoted(), line };
    if (character === "/") return this.#regexp();
    const string = this.#match(stringAt);
    if (string !== undefined) {
      const sigil = string.charAt(0);
      const isWild = sigil === "$" && text[this.#position] === "*";
      if (isWild) this.#position++;
      return { kind: "string", sigil, name: string.slice(1) + (isWild ? "*" : ""), line };
    }
    this.#position++;
    return { kind: "symbol", text: character, line };
  }

  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#position;
    const found = expression.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }

  #number(digits: string): Token {
    const line = this.#line;
    if (digits.includes(".")) return { kind: "float", value: Number(digits), line };
    const unit = this.#match(/KB|MB/y);
    const value = Number(digits) * (unit === "KB" ? 1024 : unit === "MB" ? 1024 * 1024 : 1);
    return { kind: "integer", value, line };
  }

  #quoted(): string {
    const parts: string[] = [];
    let position = this.#position + 1;
    for (;;) {
      const character = this.#text[position++];
      if (character === '"') break;
      if (character === undefined || character === "\n")
        throw new RuleError(this.#line, "text without a closing quote");
      if (character !== "\\") {
        parts.push(character);
        continue;
      }
      const letter = this.#text[position++] ?? "";
      const hex = letter === "x" ? /^[0-9A-Fa-f]{2}/.exec(this.#text.slice(position, position + 2))?.[0] : undefined;
      if (hex !== undefined) position += 2;
      const value = hex === undefined ? escapes[letter] : String.fromCharCode(Number.parseInt(hex, 16));
      if (value === undefined) throw new RuleError(this.#line, `unknown escape \\${letter} in a text`);
      parts.push(value);
    }
    this.#position = position;
    return parts.join("");
  }

  #regexp(): Token {
    const line = this.#line;
    const begin = ++this.#position;
    for (; this.#text[this.#position] !== "/"; this.#position++) {
      if (this.#text[this.#position] === "\\") this.#position++;
      const character = this.#text[this.#position];
      if (character === undefined || character === "\n") {
        throw new RuleError(line, "regular expression without a closing slash");
      }
    }
    const source = this.#text.slice(begin, this.#position++);
    return { kind: "regexp", source, flags: this.#match(/[is]*/y) ?? "", line };
  }

  #skipSpace(): void {
    for (;;) {
      const character = this.#text[this.#position];
      if (character === "\n") this.#line++;
      if (character !== undefined && /\s/.test(character)) this.#position++;
      else if (!this.#skipComment()) return;
    }
  }

  #skipComment(): boolean {
    const begin = this.#position;
    const kind = this.#text.slice(begin, begin + 2);
    if (kind !== "//" && kind !== "/*") return false;
    const end = kind === "//" ? this.#text.indexOf("\n", begin) : this.#text.indexOf("*/", begin + 2);
    if (end < 0 && kind === "/*") throw new RuleError(this.#line, "comment without an end");
    this.#position = end < 0 ? this.#text.length : kind === "//" ? end : end + 2;
    this.#countLines(begin, this.#position);
    return true;
  }

  #countLines(from: number, to: number): void {
    const part = this.#text.slice(from, to);
    for (let at = part.indexOf("\n"); at >= 0; at = part.indexOf("\n", at + 1)) this.#line++;
  }
}

/** A token as a message names it. */
export function describe(token: Token): string {
  switch (token.kind) {
    case "name":
    case "symbol":
      return token.text;
    case "string":
      return token.sigil + token.name;
    case "integer":
    case "float":
      return String(token.value);
    case "text":
      return "a text";
    case "regexp":
      return "a regular expression";
    case "end":
      return "the end of the file";
  }
}

import { PolicyError } from "./policy-error.ts";
import type { Comment } from "./syntax.ts";

const space = " \t\r\n";
const endsWord = `${space}"!,`;
const escapable = ' \t"!,#';

/** The permissions of a file rule, as one word. */
const modes = /(?:[RrWwaLlMmkXx]|[PpCc][Xx]|[PpCc]?[IiUu][Xx])+(?=[\s,])/y;
const name = /[A-Za-z][A-Za-z0-9_]*/y;
const variable = /@(?:\{[A-Za-z][A-Za-z0-9_]*\}|[A-Za-z][A-Za-z0-9_]*)/y;
const booleanVariable = /\$(?:\{[A-Za-z][A-Za-z0-9_]*\}|[A-Za-z][A-Za-z0-9_]*)/y;

/** Reads the words of a policy. Each kind of rule has its own words, so the parser asks for a kind of word. */
export class Scanner {
  readonly text: string;
  at = 0;
  line = 1;
  private comments: Comment[] = [];

  constructor(text: string) {
    this.text = text;
  }

  /** Skips white space and, outside of rules that have no comments, comments. */
  skip(withComments = true): void {
    for (;;) {
      const character = this.text.charAt(this.at);
      if (character === "\n") this.line += 1;
      if (character !== "" && space.includes(character)) {
        this.at += 1;
      } else if (withComments && character === "#" && !this.text.startsWith("#include", this.at)) {
        const end = this.text.indexOf("\n", this.at);
        const text = this.text.slice(this.at + 1, end < 0 ? this.text.length : end);
        this.comments.push({ kind: "comment", line: this.line, text: text.trimEnd() });
        this.at += text.length + 1;
      } else {
        return;
      }
    }
  }

  /** Skips white space in a line; a variable's values end with their line. */
  skipInLine(): void {
    for (;;) {
      const character = this.text.charAt(this.at);
      if (character === "\\" && this.text.charAt(this.at + 1) === "\n") {
        this.at += 2;
        this.line += 1;
      } else if (character === " " || character === "\t" || character === "\r") {
        this.at += 1;
      } else {
        return;
      }
    }
  }

  /** The comments since the last call. */
  takeComments(): readonly Comment[] {
    const taken = this.comments;
    this.comments = [];
    return taken;
  }

  get ended(): boolean {
    return this.at >= this.text.length;
  }

  character(offset = 0): string {
    return this.text.charAt(this.at + offset);
  }

  /** Takes a fixed text. */
  take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** The name at the position, without taking it. A word of permissions is not a name. */
  peekName(): string | undefined {
    const found = this.match(name);
    // `all` has the letters of permissions, but is a rule.
    return found !== "all" && found === this.match(modes) ? undefined : found;
  }

  takeName(...names: readonly string[]): string | undefined {
    const found = this.peekName();
    if (found === undefined || !names.includes(found)) return undefined;
    this.at += found.length;
    return found;
  }

  takeMatch(pattern: RegExp): string | undefined {
    const found = this.match(pattern);
    if (found !== undefined) this.advance(found);
    return found;
  }

  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0];
  }

  takeModes(): string | undefined {
    const found = this.match(modes);
    // A longer name or path is not a word of permissions.
    if (found === undefined || (this.match(name)?.length ?? 0) > found.length) return undefined;
    return this.takeMatch(modes);
  }

  takeBooleanVariable(): string | undefined {
    return this.takeMatch(booleanVariable);
  }

  takeVariable(): string | undefined {
    return this.takeMatch(variable);
  }

  peekVariable(): string | undefined {
    return this.match(variable);
  }

  /** A path, a variable with text, a namespace or a stack; or such a word in quotes. */
  takeLabel(): string | undefined {
    const character = this.character();
    if (character === '"') return /[/@:&]/.test(this.character(1)) ? this.takeQuoted() : undefined;
    if (character === "/" || character === "&" || (character === ":" && !"=".includes(this.character(1)))) {
      return this.takeId("");
    }
    const found = this.peekVariable();
    if (found === undefined) return undefined;
    const start = this.at;
    this.at += found.length;
    const next = this.character();
    const comma = next === "," && !endsWord.includes(this.character(1) || " ");
    const operator = next === "=" || next === "+" || (next === "?" && this.character(1) === "=");
    if (next === "" || (endsWord.includes(next) && !comma) || operator) {
      return this.text.slice(start, this.at);
    }
    this.at = start;
    return this.takeId("");
  }

  /** Any word, in quotes or not. `excluded` are characters that end it too. */
  takeWord(excluded = ""): string | undefined {
    return this.character() === '"' ? this.takeQuoted() : this.takeId(excluded);
  }

  /** A word of a list in parentheses. */
  takeListWord(): string | undefined {
    if (this.character() === '"') return this.takeQuoted();
    const start = this.at;
    for (;;) {
      const character = this.character();
      if (character === "\\" && `${escapable}()`.includes(this.character(1) || "x")) this.at += 2;
      else if (character === "" || endsWord.includes(character) || "()".includes(character)) break;
      else this.at += 1;
    }
    return this.at === start ? undefined : this.text.slice(start, this.at);
  }

  error(message: string): PolicyError {
    return new PolicyError(message, this.line);
  }

  /** An error that names what is there. */
  unexpected(expected: string): PolicyError {
    if (this.ended) return this.error(`the file ends where ${expected} is expected`);
    const found = this.match(/[^\s,]{1,40}/y) ?? this.character();
    return this.error(`found ${JSON.stringify(found)} where ${expected} is expected`);
  }

  private takeId(excluded: string): string | undefined {
    const start = this.at;
    for (;;) {
      const character = this.character();
      const next = this.character(1);
      if (character === "\\" && next !== "" && escapable.includes(next)) this.at += 2;
      else if (character === "," && next !== "" && !endsWord.includes(next) && !excluded.includes(next)) this.at += 2;
      else if (character === "" || endsWord.includes(character) || excluded.includes(character)) break;
      else this.at += 1;
    }
    return this.at === start ? undefined : this.text.slice(start, this.at);
  }

  private takeQuoted(): string {
    const start = this.at;
    for (let at = start + 1; at < this.text.length; at += 1) {
      const character = this.text.charAt(at);
      if (character === "\\" && this.text.charAt(at + 1) === '"') at += 1;
      else if (character === '"') {
        const quoted = this.text.slice(start, at + 1);
        this.advance(quoted);
        return quoted;
      }
    }
    throw this.error("the quoted text has no closing quote");
  }

  private advance(text: string): void {
    this.at += text.length;
    for (const character of text) if (character === "\n") this.line += 1;
  }
}

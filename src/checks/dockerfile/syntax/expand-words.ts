// Replaces variables and takes away quotes as BuildKit does for most instructions (Dockerfile reference, "Environment
// replacement"):
//   'text'          as it stands
//   "text"          variables are replaced; the escape character works before ", $ and itself
//   $name ${name}   the value, nothing when unset
//   ${name-w} ${name+w} ${name?w}, with ":" an empty value counts as unset
//   ${name#p} ${name##p} ${name%p} ${name%%p} ${name/p/w} ${name//p/w}
// A blank outside of quotes ends a word, also one that comes from a variable.

import { withoutPrefix, withoutSuffix, withReplacement } from "./variable-pattern.ts";

/** How to expand. */
export interface ExpandOptions {
  /** The escape character of the file; a backslash without it. */
  readonly escape?: string;
  /** The value of a variable; `undefined` when it is not set. */
  readonly lookup?: (name: string) => string | undefined;
  /** Leave quotes where they are. */
  readonly keepQuotes?: boolean;
  /** Leave escape characters where they are. */
  readonly keepEscapes?: boolean;
  /** Leave variables that are not set as they are written. */
  readonly keepUnset?: boolean;
}

/** What comes out. */
export interface Expansion {
  readonly text: string;
  readonly words: readonly string[];
  /** Names of variables that had a value, and of those that had none, each in order of use. */
  readonly used: readonly string[];
  readonly unset: readonly string[];
}

class ExpansionFailure extends Error {}

/** Expands a text; `error` says, in one clause, why that is not possible. */
export function expandWords(text: string, options: ExpandOptions = {}): Expansion | { readonly error: string } {
  const reader = new WordReader(text, options);
  try {
    const { text: result, words } = reader.readUntil(undefined, options.keepEscapes === true);
    return {
      text: result,
      words,
      used: [...reader.used],
      unset: [...reader.unset],
    };
  } catch (error) {
    if (error instanceof ExpansionFailure) return { error: error.message };
    throw error;
  }
}

const deepest = 64;
const mostReplaced = 100_000;
const letterOrDigit = /^[\p{L}\p{Nd}_]$/u;
const digit = /^\p{Nd}$/u;

class WordReader {
  readonly used: Set<string> = new Set();
  readonly unset: Set<string> = new Set();
  readonly #text: string;
  readonly #options: ExpandOptions;
  readonly #escape: string;
  #position = 0;
  #depth = 0;
  /** Characters that came from variables. */
  #replaced = 0;
  #keepEscapes: boolean;

  constructor(text: string, options: ExpandOptions) {
    this.#text = text;
    this.#options = options;
    this.#escape = options.escape ?? "\\";
    this.#keepEscapes = options.keepEscapes === true;
  }

  /** Reads up to a character, which is taken too, or to the end when there is none to look for. */
  readUntil(stop: string | undefined, keepEscapes: boolean): { text: string; words: string[] } {
    this.#depth += 1;
    if (this.#depth > deepest) throw new ExpansionFailure("variables are nested too deeply");
    const outer = this.#keepEscapes;
    this.#keepEscapes = keepEscapes;
    const words = new WordList();
    let text = "";
    for (;;) {
      const next = this.#peek();
      if (next === undefined) {
        if (stop !== undefined) throw new ExpansionFailure(`no ${stop} ends a substitution`);
        break;
      }
      if (next === stop) {
        this.#position += 1;
        break;
      }
      const special = this.#special(next);
      if (special !== undefined) {
        text += special;
        if (next === "$") words.addSplit(special);
        else words.addWhole(special);
        continue;
      }
      this.#position += 1;
      if (next !== this.#escape) {
        text += next;
        words.addSplit(next);
        continue;
      }
      const escaped = this.#take() ?? "";
      const kept = (this.#keepEscapes ? next : "") + escaped;
      text += kept;
      if (kept !== "") words.addWhole(kept);
    }
    this.#keepEscapes = outer;
    this.#depth -= 1;
    return { text, words: words.finish() };
  }

  #peek(): string | undefined {
    return this.#text[this.#position];
  }

  #take(): string | undefined {
    const character = this.#text[this.#position];
    if (character !== undefined) this.#position += 1;
    return character;
  }

  #special(next: string): string | undefined {
    if (next === "$") return this.#variable();
    if (next === "<") return this.#redirection();
    if (next === "'") return this.#singleQuoted();
    if (next === '"') return this.#doubleQuoted();
    return undefined;
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#position + 1);
    if (end === -1) throw new ExpansionFailure("a single quote is not closed");
    const inner = this.#text.slice(this.#position + 1, end);
    this.#position = end + 1;
    return this.#options.keepQuotes === true ? `'${inner}'` : inner;
  }

  #doubleQuoted(): string {
    const quote = this.#options.keepQuotes === true ? '"' : "";
    this.#position += 1;
    let inner = "";
    for (;;) {
      const next = this.#peek();
      if (next === undefined) throw new ExpansionFailure("a double quote is not closed");
      if (next === "$") {
        inner += this.#variable();
        continue;
      }
      this.#position += 1;
      if (next === '"') return quote + inner + quote;
      if (next !== this.#escape) {
        inner += next;
        continue;
      }
      if (this.#keepEscapes) inner += next;
      const escaped = this.#peek();
      if (escaped === undefined) continue;
      if (escaped === '"' || escaped === "$" || escaped === this.#escape) {
        this.#position += 1;
        inner += escaped;
      } else inner += next;
    }
  }

  /** `<<` and the blanks after it stay together, so that a heredoc's name is in the same word. */
  #redirection(): string {
    this.#position += 1;
    if (this.#peek() !== "<") return "<";
    this.#position += 1;
    let result = "<<";
    while (this.#peek() === " " || this.#peek() === "\t" || this.#peek() === "\r") result += this.#take() ?? "";
    return result;
  }

  #variable(): string {
    this.#position += 1;
    if (this.#peek() !== "{") {
      const name = this.#name();
      if (name === "") return "$";
      return this.#value(name) ?? (this.#options.keepUnset === true ? `$${name}` : "");
    }
    this.#position += 1;
    const first = this.#peek();
    if (first === undefined || first === "{" || first === "}" || first === ":")
      throw new ExpansionFailure("a substitution has no variable name");
    const name = this.#name();
    const operator = this.#take();
    if (operator === "}") return this.#value(name) ?? (this.#options.keepUnset === true ? `\${${name}}` : "");
    if (operator === "/") return this.#substituted(name);
    if (operator === ":") return this.#conditional(name, this.#take(), true);
    return this.#conditional(name, operator, false);
  }

  #conditional(name: string, operator: string | undefined, emptyIsUnset: boolean): string {
    const trims = operator === "#" || operator === "%";
    if (operator === undefined || !"-+?#%".includes(operator) || (trims && emptyIsUnset))
      throw new ExpansionFailure(`a substitution of ${name} has an unknown operator`);
    const { text: word } = this.readUntil("}", trims);
    const value = this.#value(name);
    if (value === undefined && this.#options.keepUnset === true)
      return `\${${name}${emptyIsUnset ? ":" : ""}${operator}${word}}`;
    const present = value !== undefined && !(emptyIsUnset && value === "");
    if (operator === "-") return present ? value : word;
    if (operator === "+") return present ? word : "";
    if (operator === "?") {
      if (!present) throw new ExpansionFailure(`${name} must be set`);
      return value;
    }
    const longest = word.startsWith(operator);
    const pattern = longest ? word.slice(1) : word;
    const result = (operator === "#" ? withoutPrefix : withoutSuffix)(value ?? "", pattern, longest);
    if (result === undefined) throw new ExpansionFailure(`the pattern in a substitution of ${name} is not valid`);
    return result;
  }

  #substituted(name: string): string {
    const all = this.#peek() === "/";
    if (all) this.#position += 1;
    const { text: pattern } = this.readUntil("/", true);
    const { text: replacement } = this.readUntil("}", true);
    const value = this.#value(name);
    if (value === undefined && this.#options.keepUnset === true) return `\${${name}/${pattern}/${replacement}}`;
    const result = withReplacement(value ?? "", pattern, { replacement, all });
    if (result === undefined) throw new ExpansionFailure(`the pattern in a substitution of ${name} is not valid`);
    return result;
  }

  /** Letters, digits and `_`; or digits alone; or one of the shell's special parameters. */
  #name(): string {
    const start = this.#position;
    const first = this.#peek();
    if (first === undefined) return "";
    if ("@*#?-$!".includes(first)) {
      this.#position += 1;
      return first;
    }
    const allowed = digit.test(first) ? digit : letterOrDigit;
    for (let next = this.#peek(); next !== undefined && allowed.test(next); next = this.#peek()) this.#position += 1;
    return this.#text.slice(start, this.#position);
  }

  #value(name: string): string | undefined {
    const value = this.#options.lookup?.(name);
    (value === undefined ? this.unset : this.used).add(name);
    this.#replaced += value?.length ?? 0;
    if (this.#replaced > mostReplaced) throw new ExpansionFailure("the values of variables are too long");
    return value;
  }
}

class WordList {
  readonly #words: string[] = [];
  #word = "";

  /** Text in which blanks part words. */
  addSplit(text: string): void {
    for (const character of text) {
      if (character.trim() !== "") this.#word += character;
      else this.#end();
    }
  }

  addWhole(text: string): void {
    this.#word += text;
  }

  finish(): string[] {
    this.#end();
    return this.#words;
  }

  #end(): void {
    if (this.#word !== "") this.#words.push(this.#word);
    this.#word = "";
  }
}

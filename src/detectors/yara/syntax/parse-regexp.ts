import { limits } from "../limits.ts";
import {
  addByte,
  anyByte,
  anyByteButNewline,
  type ByteSet,
  bytesOf,
  complementOf,
  emptySet,
  isWordByte,
  type Pattern,
  setOf,
  withBothCases,
} from "./pattern.ts";
import { NeedsEngine, RuleError } from "./rule-error.ts";

const mostRepeats = 32_767;
const digits = setOf(range(0x30, 0x39));
const space = setOf([0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d]);
const word = setOf(range(0, 255).filter(isWordByte));
const classes: Readonly<Record<string, ByteSet>> = {
  d: digits,
  D: complementOf(digits),
  s: space,
  S: complementOf(space),
  w: word,
  W: complementOf(word),
};
const controls: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, f: 12, a: 7, v: 11 };

/** The pattern of a regular expression in YARA's syntax. Errors: {@link RuleError}, {@link NeedsEngine}. */
export function parseRegexp(
  source: string,
  { flags, line, nocase }: { readonly flags: string; readonly line: number; readonly nocase?: boolean },
): Pattern {
  const parser = new RegexpParser(source, { line, dotAll: flags.includes("s"), nocase: nocase ?? flags.includes("i") });
  return parser.parse();
}

class RegexpParser {
  readonly #source: string;
  readonly #line: number;
  readonly #dot: ByteSet;
  readonly #nocase: boolean;
  #position = 0;
  #depth = 0;

  constructor(
    source: string,
    { line, dotAll, nocase }: { readonly line: number; readonly dotAll: boolean; readonly nocase: boolean },
  ) {
    this.#source = source;
    this.#line = line;
    this.#dot = dotAll ? anyByte : anyByteButNewline;
    this.#nocase = nocase;
  }

  parse(): Pattern {
    const pattern = this.#choice();
    if (this.#position < this.#source.length) this.#fail("closing bracket without an opening one");
    return pattern;
  }

  #choice(): Pattern {
    if (++this.#depth > limits.depth) this.#fail("too many nested brackets");
    const parts = [this.#sequence()];
    while (this.#accept("|")) parts.push(this.#sequence());
    this.#depth--;
    const [only] = parts;
    return parts.length === 1 && only ? only : { kind: "choice", parts };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    for (;;) {
      const next = this.#source[this.#position];
      if (next === undefined || next === "|" || next === ")") break;
      parts.push(this.#repeated());
    }
    const [only] = parts;
    return parts.length === 1 && only ? only : { kind: "sequence", parts };
  }

  #repeated(): Pattern {
    let part = this.#single();
    for (let count = 0; ; count++) {
      const bounds = this.#bounds();
      if (!bounds) return part;
      if (count > 0) this.#fail("repeat of a repeat");
      if (part.kind === "assertion") this.#fail("repeat of an assertion");
      part = { kind: "repeat", part, ...bounds, isLazy: this.#accept("?") };
    }
  }

  #bounds(): { readonly least: number; readonly most: number } | undefined {
    if (this.#accept("*")) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#accept("+")) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#accept("?")) return { least: 0, most: 1 };
    const found = this.#match(/\{([0-9]*)(,?)([0-9]*)\}/y);
    if (!found || (found[1] === "" && found[2] === "")) {
      if (found) this.#position -= found[0].length;
      return undefined;
    }
    const [, from = "", comma, to = ""] = found;
    const least = from === "" ? 0 : Number(from);
    const most = comma === "" ? least : to === "" ? Number.POSITIVE_INFINITY : Number(to);
    if (most < least) this.#fail("repeat ends before it begins");
    if (least > mostRepeats || (most !== Number.POSITIVE_INFINITY && most > mostRepeats)) {
      this.#fail(`more than ${mostRepeats} repeats`);
    }
    return { least, most };
  }

  #single(): Pattern {
    const character = this.#source[this.#position++] ?? "";
    switch (character) {
      case "(": {
        if (this.#source[this.#position] === "?") {
          if (!this.#match(/\?:/y)) throw new NeedsEngine("groups that begin with (? in regular expressions");
        }
        const inner = this.#choice();
        if (!this.#accept(")")) this.#fail("bracket without a closing one");
        return inner;
      }
      case "[":
        return this.#bytes(this.#class());
      case ".":
        return { kind: "bytes", set: this.#dot };
      case "^":
        return { kind: "assertion", what: "start" };
      case "$":
        return { kind: "assertion", what: "end" };
      case "\\":
        return this.#escaped();
      case "*":
      case "+":
      case "?":
        return this.#fail(`nothing to repeat before ${character}`);
      default:
        return this.#bytes(setOf([character.charCodeAt(0)]));
    }
  }

  #escaped(): Pattern {
    const letter = this.#source[this.#position] ?? this.#fail("backslash at the end");
    if (letter === "b" || letter === "B") {
      this.#position++;
      return { kind: "assertion", what: letter === "b" ? "word-boundary" : "no-word-boundary" };
    }
    const set = classes[letter];
    if (set === undefined) return this.#bytes(setOf([this.#escapedByte()]));
    this.#position++;
    return { kind: "bytes", set };
  }

  #bytes(set: ByteSet): Pattern {
    return { kind: "bytes", set: this.#nocase ? withBothCases(set) : set };
  }

  #escapedByte(): number {
    const letter = this.#source[this.#position++] ?? this.#fail("backslash at the end");
    if (letter === "x") {
      const hex = this.#match(/[0-9A-Fa-f]{2}/y)?.[0] ?? this.#fail("\\x without two hexadecimal digits");
      return Number.parseInt(hex, 16);
    }
    return controls[letter] ?? letter.charCodeAt(0);
  }

  #class(): ByteSet {
    const set = emptySet();
    const isNegated = this.#accept("^");
    for (let isFirst = true; ; isFirst = false) {
      const character = this.#source[this.#position] ?? this.#fail("class without its closing bracket");
      if (character === "]" && !isFirst) break;
      const next = this.#source[this.#position + 1] ?? "";
      const named = character === "\\" ? classes[next] : undefined;
      if (named) {
        this.#position += 2;
        for (const value of bytesOf(named)) addByte(set, value);
        continue;
      }
      const low = this.#classByte();
      const isRange = this.#source[this.#position] === "-" && this.#source[this.#position + 1] !== "]";
      if (!isRange) {
        addByte(set, low);
        continue;
      }
      this.#position++;
      const end = this.#source[this.#position] === "\\" ? (this.#source[this.#position + 1] ?? "") : "";
      if (classes[end]) this.#fail("range to a class of bytes");
      const high = this.#classByte();
      if (high < low) this.#fail("range in a class ends before it begins");
      for (const value of range(low, high)) addByte(set, value);
    }
    this.#position++;
    // As in YARA, letters of both cases are excluded together.
    const folded = this.#nocase ? withBothCases(set) : set;
    return isNegated ? complementOf(folded) : folded;
  }

  #classByte(): number {
    const character = this.#source[this.#position++] ?? this.#fail("class without its closing bracket");
    return character === "\\" ? this.#escapedByte() : character.charCodeAt(0);
  }

  #accept(character: string): boolean {
    if (this.#source[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#position;
    const found = expression.exec(this.#source);
    if (!found) return undefined;
    this.#position += found[0].length;
    return found;
  }

  #fail(message: string): never {
    throw new RuleError(this.#line, `regular expression /${this.#source.slice(0, 60)}/: ${message}`);
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

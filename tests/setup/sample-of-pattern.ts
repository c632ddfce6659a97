// Makes texts that a regular expression matches, for patterns of literals, classes, groups, alternatives and bounded
// repeats. Assertions and anchors are passed over.

/** A text that the pattern matches; `random` gives numbers from 0 up to 1. */
export function sampleOfPattern(source: string, random: () => number): string {
  const reader = new Reader(source, random);
  const text = reader.alternatives();
  if (!reader.isAtEnd) throw new Error(`cannot read ${source} from ${reader.rest}`);
  return text;
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const escapes: Readonly<Record<string, string>> = {
  ...{ d: digits, w: letters + letters.toUpperCase() + digits, s: " ", n: "\n", S: `${letters}${digits}` },
};

class Reader {
  readonly #source: string;
  readonly #random: () => number;
  #at = 0;

  constructor(source: string, random: () => number) {
    this.#source = source;
    this.#random = random;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  get rest(): string {
    return this.#source.slice(this.#at);
  }

  alternatives(): string {
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    return this.#pick(options);
  }

  #sequence(): string {
    let text = "";
    while (!this.isAtEnd && this.rest[0] !== "|" && this.rest[0] !== ")") text += this.#repeated();
    return text;
  }

  #repeated(): string {
    const start = this.#at;
    this.#atom();
    const end = this.#at;
    const count = this.#count();
    const after = this.#at;
    let text = "";
    for (let index = 0; index < count; index++) {
      this.#at = start;
      text += this.#atom();
    }
    this.#at = Math.max(after, end);
    return text;
  }

  #count(): number {
    const [whole = "", low, high] = /^(?:\{(\d+)(?:,(\d+))?\}|[?*+])\??/.exec(this.rest) ?? [];
    this.#at += whole.length;
    if (whole.startsWith("?") || whole.startsWith("*")) return Math.floor(this.#random() * 2);
    if (low === undefined) return 1;
    const [least, most] = [Number(low), Number(high ?? low)];
    return least + Math.floor(this.#random() * (Math.min(most, least + 20) - least + 1));
  }

  #atom(): string {
    if (this.#take("(")) {
      const isAssertion = /^\?<?[=!]/.test(this.rest);
      this.#at += /^\?(?:<?[=!]|:|<\w+>)/.exec(this.rest)?.[0].length ?? 0;
      const text = this.alternatives();
      this.#take(")");
      return isAssertion ? "" : text;
    }
    if (this.#take("[")) return this.#class();
    if (this.#take("^") || this.#take("$")) return "";
    if (this.#take("\\")) return this.#escape();
    return this.#next();
  }

  #class(): string {
    const isNegated = this.#take("^");
    let members = "";
    while (!this.#take("]")) {
      const first = this.#take("\\") ? this.#escapeSet() : this.#next();
      if (first.length === 1 && /^-[^\]]/.test(this.rest)) {
        this.#at++;
        const last = this.#take("\\") ? this.#escapeSet() : this.#next();
        for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++) members += String.fromCharCode(code);
      } else members += first;
    }
    const allowed = letters + digits;
    return this.#pick([
      ...(isNegated ? [...allowed].filter((one) => !members.includes(one)) : members.replace(/\s/g, "")),
    ]);
  }

  #escapeSet(): string {
    const hex = /^x([\da-f]{2})/i.exec(this.rest)?.[1];
    this.#at += hex === undefined ? 0 : 3;
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    const letter = this.#next();
    return escapes[letter] ?? letter;
  }

  #escape(): string {
    return this.rest.startsWith("b") ? this.#next().replace("b", "") : this.#pick([...this.#escapeSet()]);
  }

  #next(): string {
    return this.#source[this.#at++] ?? "";
  }

  #take(letter: string): boolean {
    const has = this.rest.startsWith(letter);
    if (has) this.#at++;
    return has;
  }

  #pick<T>(options: readonly T[]): T {
    const picked = options[Math.floor(this.#random() * options.length)];
    if (picked === undefined) throw new Error("there is nothing to pick from");
    return picked;
  }
}

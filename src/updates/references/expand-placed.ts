import { PlacedText } from "./placed-text.ts";

/** How a format writes variables. */
export interface VariableSyntax {
  /** Undefined for a variable without a value. */
  readonly lookup: (name: string) => PlacedText | undefined;
  /** Takes the next character literally: `\` in Dockerfiles. */
  readonly escape?: string;
  /** `$$` is a literal dollar sign, as in Compose files. */
  readonly hasDoubledDollar?: boolean;
  /** Quotes are removed, and single quotes keep variables from being replaced. */
  readonly hasQuotes?: boolean;
}

/** A value with its variables replaced. */
export interface Expansion {
  readonly value: PlacedText;
  /** Variables that were replaced, each once, in order. */
  readonly used: readonly string[];
  /** Variables that have no value and no default. */
  readonly unset: readonly string[];
}

const deepest = 20;
const longest = 4096;
const variableName = /[A-Za-z_][A-Za-z0-9_]*|[0-9]/y;

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and its relatives, and keeps the bytes that each character of the
 * result comes from. Substitutions that change a value by a pattern count as unset. Values beyond 4096 characters are
 * unset too.
 */
export function expandPlaced(value: PlacedText, syntax: VariableSyntax): Expansion {
  return new Expander(value, syntax).expand();
}

class Expander {
  readonly #value: PlacedText;
  readonly #syntax: VariableSyntax;
  readonly #used = new Set<string>();
  readonly #unset = new Set<string>();
  #at = 0;
  #size = 0;

  constructor(value: PlacedText, syntax: VariableSyntax) {
    this.#value = value;
    this.#syntax = syntax;
  }

  expand(): Expansion {
    const value = this.#until(undefined, 0);
    return { value, used: [...this.#used], unset: [...this.#unset] };
  }

  #until(stop: string | undefined, depth: number): PlacedText {
    const { text } = this.#value;
    const parts: PlacedText[] = [];
    let quote = "";
    while (this.#at < text.length) {
      const character = text[this.#at] ?? "";
      if (character === stop && quote === "") break;
      if (this.#syntax.hasQuotes === true && (character === quote || (quote === "" && /["']/.test(character)))) {
        quote = quote === "" ? character : "";
        this.#at += 1;
      } else if (character === this.#syntax.escape && quote !== "'") {
        parts.push(this.#take(1, 1));
      } else if (character === "$" && quote !== "'") parts.push(this.#variable(depth));
      else parts.push(this.#take(0, 1));
    }
    return PlacedText.join(parts);
  }

  #take(skipped: number, length: number): PlacedText {
    const start = this.#at + skipped;
    this.#at = start + length;
    return this.#value.slice(start, this.#at);
  }

  #variable(depth: number): PlacedText {
    const { text } = this.#value;
    if (this.#syntax.hasDoubledDollar === true && text[this.#at + 1] === "$") return this.#take(1, 1);
    const isBraced = text[this.#at + 1] === "{";
    const start = this.#at + (isBraced ? 2 : 1);
    variableName.lastIndex = start;
    const name = variableName.exec(text)?.[0];
    if (name === undefined) return isBraced ? this.#give("", text.length) : this.#take(0, 1);
    this.#at = start + name.length;
    return isBraced ? this.#braced(name, depth) : this.#valueOf(name);
  }

  #braced(name: string, depth: number): PlacedText {
    const { text } = this.#value;
    if (depth > deepest) return this.#give(name, text.length);
    const isColon = text[this.#at] === ":";
    const operator = text[this.#at + (isColon ? 1 : 0)] ?? "";
    if (!isColon && operator === "}") {
      this.#at += 1;
      return this.#valueOf(name);
    }
    if (!"-+?".includes(operator)) return this.#give(name, this.#endOfBraces());
    this.#at += isColon ? 2 : 1;
    const known = this.#syntax.lookup(name);
    const isSet = known !== undefined && !(isColon && known.text === "");
    const word = this.#word(depth, (operator === "-" && !isSet) || (operator === "+" && isSet));
    if (operator === "+") return word;
    if (isSet) return this.#valueOf(name);
    if (operator === "?") return this.#give(name, this.#at);
    this.#used.add(name);
    return word;
  }

  /** The text up to the closing brace; variables in a word that is not used are not looked up. */
  #word(depth: number, isUsed: boolean): PlacedText {
    if (!isUsed) {
      this.#at = this.#endOfBraces();
      return PlacedText.unplaced("");
    }
    const word = this.#until("}", depth + 1);
    this.#at += 1;
    return word;
  }

  #endOfBraces(): number {
    const { text } = this.#value;
    let open = 1;
    for (let at = this.#at; at < text.length; at++) {
      if (text[at] === "{") open += 1;
      else if (text[at] === "}" && --open === 0) return at + 1;
    }
    return text.length;
  }

  #valueOf(name: string): PlacedText {
    const value = this.#syntax.lookup(name);
    this.#size += value?.text.length ?? 0;
    if (value === undefined || this.#size > longest) return this.#give(name, this.#at);
    this.#used.add(name);
    return value;
  }

  #give(name: string, end: number): PlacedText {
    this.#at = end;
    this.#unset.add(name);
    return PlacedText.unplaced("");
  }
}

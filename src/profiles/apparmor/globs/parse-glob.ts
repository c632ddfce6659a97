/** A part of a glob. A class has the characters, or with `negated` the characters that it excludes. */
export type GlobPart =
  | { readonly kind: "character"; readonly character: string }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly CharacterRange[] }
  | { readonly kind: "any"; readonly slash: boolean; readonly least: 0 | 1; readonly repeated: boolean }
  | { readonly kind: "alternatives"; readonly alternatives: readonly (readonly GlobPart[])[] };

/** The first and the last character of a range; the same one for a single character. */
export type CharacterRange = readonly [first: string, last: string];

const deepestAlternatives = 50;

/**
 * The parts of a glob: `?` and `*` match within a path segment, `**` across segments, `[…]`, `{a,b}`, and `\` before a
 * literal character. A `*` that is a whole segment matches at least one character. Throws an `Error` that says what is
 * wrong.
 */
export function parseGlob(pattern: string): readonly GlobPart[] {
  return new GlobParser(pattern).parse();
}

class GlobParser {
  private readonly pattern: string;
  private at = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  parse(): readonly GlobPart[] {
    const parts = this.readParts(0);
    if (this.at < this.pattern.length) throw new Error("} without {");
    return parts;
  }

  private readParts(depth: number): GlobPart[] {
    const parts: GlobPart[] = [];
    while (this.at < this.pattern.length) {
      const character = this.pattern.charAt(this.at);
      if (character === "}" || (character === "," && depth > 0)) break;
      parts.push(this.readPart(character, depth));
    }
    return parts;
  }

  private readPart(character: string, depth: number): GlobPart {
    switch (character) {
      case "*":
        return this.readStar();
      case "?":
        this.at += 1;
        return { kind: "any", slash: false, least: 1, repeated: false };
      case "[":
        return this.readClass();
      case "]":
        throw new Error("] without [");
      case "{":
        return this.readAlternatives(depth + 1);
      case "\\":
        if (this.at + 1 === this.pattern.length) throw new Error("\\ at the end");
        this.at += 2;
        return { kind: "character", character: this.pattern.charAt(this.at - 1) };
      default:
        this.at += 1;
        return { kind: "character", character };
    }
  }

  private readStar(): GlobPart {
    const start = this.at;
    while (this.pattern.charAt(this.at) === "*") this.at += 1;
    const next = this.pattern.charAt(this.at);
    const wholeSegment = this.pattern.charAt(start - 1) === "/" && (next === "" || next === "/");
    return { kind: "any", slash: this.at - start > 1, least: wholeSegment ? 1 : 0, repeated: true };
  }

  private readClass(): GlobPart {
    this.at += 1;
    const negated = this.pattern.charAt(this.at) === "^";
    if (negated) this.at += 1;
    const ranges: CharacterRange[] = [];
    while (this.pattern.charAt(this.at) !== "]") {
      const first = this.readClassCharacter();
      const range = this.pattern.charAt(this.at) === "-" && this.pattern.charAt(this.at + 1) !== "]";
      if (range) this.at += 1;
      const last = range ? this.readClassCharacter() : first;
      if (last < first) throw new Error(`the range ${first}-${last} is in the wrong order`);
      ranges.push([first, last]);
    }
    this.at += 1;
    if (ranges.length === 0) throw new Error("[] is empty");
    return { kind: "class", negated, ranges };
  }

  private readClassCharacter(): string {
    if (this.pattern.charAt(this.at) === "\\") this.at += 1;
    const character = this.pattern.charAt(this.at);
    if (character === "") throw new Error("[ without ]");
    this.at += 1;
    return character;
  }

  private readAlternatives(depth: number): GlobPart {
    if (depth > deepestAlternatives) throw new Error(`{} is nested more than ${deepestAlternatives} levels`);
    this.at += 1;
    const alternatives: (readonly GlobPart[])[] = [];
    for (;;) {
      alternatives.push(this.readParts(depth));
      const end = this.pattern.charAt(this.at);
      this.at += 1;
      if (end === "") throw new Error("{ without }");
      if (end === "}") break;
    }
    if (alternatives.length < 2) throw new Error("{} needs at least two alternatives");
    return { kind: "alternatives", alternatives };
  }
}

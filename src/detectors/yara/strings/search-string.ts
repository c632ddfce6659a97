import { limits } from "../limits.ts";
import { byte, type Pattern } from "../syntax/pattern.ts";
import { NeedsEngine } from "../syntax/rule-error.ts";
import type { PatternBody, StringSyntax } from "../syntax/rule-syntax.ts";
import { type Atom, atomLength, atomsOf, foldByte, longestOf, scoreOf } from "./atoms.ts";
import { Automaton, type AutomatonMemory } from "./automaton.ts";
import { type Literal, literalOf, literalsOf, widened } from "./literals.ts";
import { compileProgram, refuseLarge } from "./program.ts";

/** A string of a rule, ready to be looked for. */
export interface SearchString {
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isFullword: boolean;
  readonly literals: readonly Literal[];
  readonly chains: readonly Chain[];
  /** Whether a condition asks for the number, the offsets or the lengths of its matches. */
  needsAll: boolean;
}

/** A pattern in pieces with jumps between them: one piece, unless a hex string has long jumps. */
export interface Chain {
  readonly isWide: boolean;
  /** Absent when the pattern must be looked for everywhere. */
  readonly atoms?: readonly Atom[];
  readonly pieces: readonly Piece[];
}

/** A part of a pattern without long jumps. */
export interface Piece {
  /** Bytes between the piece before and this one. */
  readonly gap: { readonly least: number; readonly most: number };
  /** Bytes of a match at most, also as YARA limits them. */
  readonly longest: number;
  /** The automata are made when a file may have the string. */
  readonly backward: () => Automaton;
  readonly forward: () => Automaton;
}

/** A jump in a hex string of more bytes than these parts it into pieces, as in YARA. */
const longestJump = 200;

/** Error: `NeedsEngine` for a pattern that is too large. */
export function compileString(syntax: StringSyntax, memory: AutomatonMemory): SearchString {
  const { body, modifiers } = syntax;
  const common = {
    name: syntax.name,
    isPrivate: modifiers.private === true,
    isFullword: modifiers.fullword === true,
    needsAll: false,
  };
  if (body === undefined) return { ...common, literals: [], chains: [] };
  if (body.kind === "text") return { ...common, literals: literalsOf(body.text, modifiers), chains: [] };
  const isAscii = modifiers.ascii === true || modifiers.wide !== true;
  const forms = [...(isAscii ? [false] : []), ...(modifiers.wide === true ? [true] : [])];
  const nocase = modifiers.nocase === true;
  const literal = literalOf(body.pattern, { nocase });
  if (literal) {
    const literals = forms.map((isWide) => ({
      ...literal,
      isWide,
      bytes: isWide ? widened(literal.bytes) : literal.bytes,
    }));
    return { ...common, literals, chains: [] };
  }
  return { ...common, literals: [], chains: forms.map((isWide) => chainOf(body, { isWide, memory })) };
}

function chainOf(
  { kind, pattern }: PatternBody,
  { isWide, memory }: { readonly isWide: boolean; readonly memory: AutomatonMemory },
): Chain {
  const pieces: { readonly gap: Piece["gap"]; readonly parts: Pattern[] }[] = [
    { gap: { least: 0, most: 0 }, parts: [] },
  ];
  for (const part of pattern.kind === "sequence" ? pattern.parts : [pattern]) {
    // Every repeat in a hex string is a jump.
    const isGap = kind === "hex" && part.kind === "repeat";
    if (isGap && (part.least > longestJump || part.most > longestJump)) {
      pieces.push({ gap: { least: part.least, most: part.most }, parts: [] });
    } else pieces.at(-1)?.parts.push(part);
  }
  const patterns = pieces.map(({ parts }): Pattern => {
    const whole: Pattern = { kind: "sequence", parts };
    return isWide ? wide(whole) : whole;
  });
  for (const piece of patterns) refuseLarge(piece);
  const choices = patterns.flatMap((piece) => atomsOf(piece) ?? []).length > 0 ? patterns.map(atomsOf) : [];
  const atoms = choices
    .filter((choice) => choice !== undefined)
    .toSorted((one, other) => worst(other) - worst(one))
    .at(0);
  return {
    isWide,
    ...(atoms && { atoms }),
    pieces: patterns.map((piece, index) => ({
      gap: pieces[index]?.gap ?? { least: 0, most: 0 },
      longest: Math.min(longestOf(piece), limits.expressionBytes),
      backward: later(() => new Automaton(compileProgram(piece, { isReversed: true }), { restarts: true, memory })),
      forward: later(() => new Automaton(compileProgram(piece, { isReversed: false }), { restarts: false, memory })),
    })),
  };
}

function later(make: () => Automaton): () => Automaton {
  let made: Automaton | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function worst(atoms: readonly Atom[]): number {
  return atoms.reduce((least, { bytes }) => Math.min(least, scoreOf(bytes)), Number.POSITIVE_INFINITY);
}

/** A pattern whose bytes are each followed by a zero. */
function wide(pattern: Pattern): Pattern {
  switch (pattern.kind) {
    case "bytes":
      return { kind: "sequence", parts: [pattern, byte(0)] };
    case "sequence":
    case "choice":
      return { kind: pattern.kind, parts: pattern.parts.map(wide) };
    case "repeat":
      return { ...pattern, part: wide(pattern.part) };
    case "assertion":
      if (pattern.what !== "start" && pattern.what !== "end")
        throw new NeedsEngine("word boundaries in wide expressions");
      return pattern;
  }
}

/** The bytes of a literal to look for first, and where they end in it. */
export function literalAtom({ bytes }: Literal): { readonly atom: readonly number[]; readonly end: number } {
  let best = { atom: [...bytes.subarray(0, atomLength)], end: Math.min(atomLength, bytes.length) };
  for (let end = best.end + 1; end <= bytes.length; end++) {
    const atom = [...bytes.subarray(end - atomLength, end)];
    if (scoreOf(atom.map(foldByte)) > scoreOf(best.atom.map(foldByte))) best = { atom, end };
  }
  return best;
}

import { limits } from "../limits.ts";
import { bytesOf, type Pattern } from "../syntax/pattern.ts";

/** A few bytes, letters in lower case, that each match has, and how far from its ends. */
export interface Atom {
  readonly bytes: readonly number[];
  /** Most bytes of a match before the atom and behind it. */
  readonly before: number;
  readonly after: number;
}

/** Longest atom. */
export const atomLength = 4;
const mostOptions = 64;
const mostBytes = 16;
const leastScore = 6;
const commonBytes = new Set([0x00, 0x0a, 0x20, 0x90, 0xcc, 0xff]);

/** A letter in lower case, other bytes as they are. */
export function foldByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** How well a few bytes tell matches from other places: higher for fewer hits to be expected. */
export function scoreOf(bytes: readonly number[]): number {
  const seen = new Set<number>();
  let score = 0;
  for (const byte of bytes) {
    const weight = commonBytes.has(byte) ? 1 : byte >= 0x61 && byte <= 0x7a ? 4 : 5;
    score += seen.has(byte) ? weight / 2 : weight;
    seen.add(byte);
  }
  return score;
}

interface Choice {
  readonly atoms: readonly Atom[];
  readonly score: number;
}

/** Atoms of which each match of the pattern has at least one; undefined when there are no good ones. */
export function atomsOf(pattern: Pattern): readonly Atom[] | undefined {
  const choice = bestOf(pattern);
  return choice && choice.score >= leastScore ? choice.atoms : undefined;
}

/** Most bytes that a pattern matches. */
export function longestOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case "bytes":
      return 1;
    case "assertion":
      return 0;
    case "sequence":
      return pattern.parts.reduce((sum, part) => sum + longestOf(part), 0);
    case "choice":
      return pattern.parts.reduce((most, part) => Math.max(most, longestOf(part)), 0);
    case "repeat": {
      const part = longestOf(pattern.part);
      return part === 0 || pattern.most === 0 ? 0 : part * pattern.most;
    }
  }
}

function bestOf(pattern: Pattern): Choice | undefined {
  switch (pattern.kind) {
    case "assertion":
      return undefined;
    case "bytes":
      return bestOfSequence([pattern]);
    case "sequence":
      return bestOfSequence(flat(pattern.parts));
    case "choice":
      return bestOfChoice(pattern.parts);
    case "repeat": {
      if (pattern.least === 0) return undefined;
      const inner = bestOf(pattern.part);
      const rest = pattern.most === 1 ? 0 : longestOf(pattern.part) * (pattern.most - 1);
      return inner && { ...inner, atoms: inner.atoms.map((atom) => moved(atom, rest, rest)) };
    }
  }
}

function flat(parts: readonly Pattern[]): readonly Pattern[] {
  return parts.flatMap((part) => {
    if (part.kind === "sequence") return flat(part.parts);
    if (part.kind !== "repeat" || part.part.kind !== "bytes" || part.least !== part.most) return [part];
    return part.least <= 2 * atomLength ? Array.from({ length: part.least }, () => part.part) : [part];
  });
}

function bestOfChoice(options: readonly Pattern[]): Choice | undefined {
  const atoms: Atom[] = [];
  let score = Number.POSITIVE_INFINITY;
  for (const option of options) {
    const best = bestOf(option);
    if (!best) return undefined;
    atoms.push(...best.atoms);
    score = Math.min(score, best.score);
    if (atoms.length > limits.atomsOfString) return undefined;
  }
  return { atoms, score: score - Math.log2(options.length) };
}

function bestOfSequence(parts: readonly Pattern[]): Choice | undefined {
  const lengths = parts.map(longestOf);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  // Without an end, sums of what lies before and behind cannot be had by subtraction.
  const behind = (index: number): number => lengths.slice(index).reduce((sum, length) => sum + length, 0);
  const isEndless = total === Number.POSITIVE_INFINITY;
  const options = parts.map((part) => (part.kind === "bytes" ? foldedOptions(part) : undefined));
  let best: { readonly choice: Choice; readonly from: number; readonly to: number } | undefined;
  for (let from = 0; from < parts.length; from++) {
    const part = parts[from];
    if (part && part.kind !== "bytes") {
      const choice = bestOf(part);
      if (choice && choice.score > (best?.choice.score ?? 0)) best = { choice, from, to: from + 1 };
      continue;
    }
    const choice = runOf(options.slice(from, from + atomLength));
    const length = choice?.atoms[0]?.bytes.length ?? 0;
    if (choice && choice.score > (best?.choice.score ?? 0)) best = { choice, from, to: from + length };
  }
  if (!best) return undefined;
  const { choice, from, to } = best;
  const before = lengths.slice(0, from).reduce((sum, length) => sum + length, 0);
  const after = isEndless
    ? behind(to)
    : total - before - lengths.slice(from, to).reduce((sum, length) => sum + length, 0);
  return { score: choice.score, atoms: choice.atoms.map((atom) => moved(atom, before, after)) };
}

function moved({ bytes, before, after }: Atom, moreBefore: number, moreAfter: number): Atom {
  return { bytes, before: before + moreBefore, after: after + moreAfter };
}

/** The bytes that a set allows, in lower case; undefined for too many. */
function foldedOptions({ set }: Extract<Pattern, { kind: "bytes" }>): readonly number[] | undefined {
  const bytes = bytesOf(set);
  // Each letter may be there in both cases.
  if (bytes.length > 2 * mostBytes) return undefined;
  const options = [...new Set(bytes.map(foldByte))];
  return options.length > 0 && options.length <= mostBytes ? options : undefined;
}

/** The atoms of the first bytes of a run. */
function runOf(run: readonly (readonly number[] | undefined)[]): Choice | undefined {
  let atoms: number[][] = [[]];
  let best: Choice | undefined;
  for (const options of run) {
    if (options === undefined || atoms.length * options.length > mostOptions) break;
    atoms = atoms.flatMap((bytes) => options.map((option) => [...bytes, option]));
    const score = Math.min(...atoms.map(scoreOf)) - Math.log2(atoms.length);
    if (score > (best?.score ?? 0)) best = { score, atoms: atoms.map((bytes) => ({ bytes, before: 0, after: 0 })) };
  }
  return best;
}

import { type GlobPart, parseGlob } from "./parse-glob.ts";

type Test = (character: string) => boolean;

/** A state of the automaton: an edge that consumes a character, and edges that consume nothing. */
interface State {
  test: Test | undefined;
  next: number;
  readonly free: number[];
}

const mostStates = 20_000;
/** Pairs of states that `overlaps` looks at. */
const mostPairs = 200_000;

/**
 * A glob as an automaton. Matching takes time in proportion to the text and to the glob, whatever they are. Throws an
 * `Error` for a malformed glob, and for one that is too large.
 */
export class Glob {
  readonly pattern: string;
  /** The text that the glob matches, if it matches one text only. */
  readonly literal: string | undefined;
  /** The glob lists what it matches: it has classes and alternatives only. For execution, it wins over others. */
  readonly exact: boolean;
  private readonly prefix: string;
  private readonly states: State[] = [];
  private readonly start: number;
  private readonly end: number;

  constructor(pattern: string) {
    this.pattern = pattern;
    const parts = parseGlob(pattern);
    const firstOther = parts.findIndex(({ kind }) => kind !== "character");
    const literals = firstOther < 0 ? parts : parts.slice(0, firstOther);
    this.prefix = literals.map((part) => (part.kind === "character" ? part.character : "")).join("");
    this.literal = firstOther < 0 ? this.prefix : undefined;
    this.exact = parts.every(isExact);
    this.start = this.addState();
    this.end = this.addParts(parts, this.start);
  }

  matches(text: string): boolean {
    if (this.literal !== undefined) return this.literal === text;
    if (!text.startsWith(this.prefix)) return false;
    // The step in which a state was last reached: no state is followed twice in one step.
    const reached = new Uint32Array(this.states.length);
    let step = 1;
    let current = this.follow([this.start], reached, step);
    for (const character of text) {
      step += 1;
      const next: number[] = [];
      for (const index of current) {
        const state = this.states[index];
        if (state?.test?.(character) && reached[state.next] !== step) {
          reached[state.next] = step;
          next.push(state.next);
        }
      }
      if (next.length === 0) return false;
      step += 1;
      current = this.follow(next, reached, step);
    }
    return reached[this.end] === step;
  }

  /** Whether some text matches both globs; undefined if this takes too long to tell. */
  overlaps(other: Glob): boolean | undefined {
    if (this.literal !== undefined) return other.matches(this.literal);
    if (other.literal !== undefined) return this.matches(other.literal);
    const size = Math.min(this.prefix.length, other.prefix.length);
    if (this.prefix.slice(0, size) !== other.prefix.slice(0, size)) return false;
    const width = other.states.length;
    const seen = new Set<number>();
    const queue: number[] = [];
    const add = (left: number, right: number): void => {
      const pair = left * width + right;
      if (seen.has(pair)) return;
      seen.add(pair);
      queue.push(pair);
    };
    add(this.start, other.start);
    for (let pair = queue.pop(); pair !== undefined; pair = queue.pop()) {
      if (seen.size > mostPairs) return undefined;
      const left = Math.floor(pair / width);
      const right = pair % width;
      if (left === this.end && right === other.end) return true;
      const from = this.states[left];
      const to = other.states[right];
      for (const free of from?.free ?? []) add(free, right);
      for (const free of to?.free ?? []) add(left, free);
      if (from?.test && to?.test && shareCharacter(from.test, to.test)) add(from.next, to.next);
    }
    return false;
  }

  /** The states that are reached without a character; they are marked with the step. */
  private follow(from: readonly number[], reached: Uint32Array, step: number): readonly number[] {
    const all = [...from];
    for (const index of from) reached[index] = step;
    for (let at = 0; at < all.length; at += 1) {
      for (const free of this.states[all[at] ?? 0]?.free ?? []) {
        if (reached[free] === step) continue;
        reached[free] = step;
        all.push(free);
      }
    }
    return all;
  }

  private addState(): number {
    if (this.states.length >= mostStates) throw new Error("the glob is too large");
    return this.states.push({ test: undefined, next: 0, free: [] }) - 1;
  }

  private addParts(parts: readonly GlobPart[], from: number): number {
    let at = from;
    for (const part of parts) at = this.addPart(part, at);
    return at;
  }

  private addPart(part: GlobPart, from: number): number {
    if (part.kind === "alternatives") {
      const end = this.addState();
      for (const alternative of part.alternatives) {
        const start = this.addState();
        this.states[from]?.free.push(start);
        this.states[this.addParts(alternative, start)]?.free.push(end);
      }
      return end;
    }
    if (part.kind !== "any" || !part.repeated) return this.addEdge(from, testOf(part));
    // A whole segment begins with a character that is not a slash.
    const begin = part.least === 1 ? this.addEdge(from, isNotSlash) : from;
    const loop = this.addState();
    this.states[begin]?.free.push(loop);
    const state = this.states[loop];
    if (state !== undefined) Object.assign(state, { test: part.slash ? isAny : isNotSlash, next: loop });
    const end = this.addState();
    state?.free.push(end);
    return end;
  }

  private addEdge(from: number, test: Test): number {
    const next = this.addState();
    const state = this.states[from];
    if (state?.test === undefined) {
      if (state !== undefined) Object.assign(state, { test, next });
      return next;
    }
    const between = this.addState();
    state.free.push(between);
    return this.addEdge(between, test);
  }
}

function isExact(part: GlobPart): boolean {
  if (part.kind === "alternatives") return part.alternatives.every((parts) => parts.every(isExact));
  return part.kind === "character" || (part.kind === "class" && !part.negated);
}

function isAny(): boolean {
  return true;
}

function isNotSlash(character: string): boolean {
  return character !== "/";
}

function testOf(part: Exclude<GlobPart, { kind: "alternatives" }>): Test {
  if (part.kind === "character") return (character) => character === part.character;
  if (part.kind === "any") return part.slash ? isAny : isNotSlash;
  const { negated, ranges } = part;
  return (character) => ranges.some(([first, last]) => character >= first && character <= last) !== negated;
}

/** Characters that stand for all others when two tests are compared. */
const samples = [...Array.from({ length: 126 }, (_, index) => String.fromCharCode(index + 1)), "é", "\u{1f600}"];

function shareCharacter(left: Test, right: Test): boolean {
  return samples.some((character) => left(character) && right(character));
}

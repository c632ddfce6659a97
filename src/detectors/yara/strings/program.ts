import { limits } from "../limits.ts";
import { type Assertion, type ByteSet, hasByte, isWordByte, type Pattern } from "../syntax/pattern.ts";
import { NeedsEngine } from "../syntax/rule-error.ts";

/** The kinds of steps. */
export const step = { bytes: 0, split: 1, assert: 2, match: 3 } as const;

/**
 * A pattern as steps of a machine without backtracking: take a byte of a set, try two ways of which the first is
 * preferred, check an assertion, or end.
 */
export interface Program {
  readonly kinds: Uint8Array;
  /** The next step; of a split the preferred one. */
  readonly next: Int32Array;
  /** The other way of a split, the index of a set of bytes, or of an assertion. */
  readonly other: Int32Array;
  readonly start: number;
  readonly sets: readonly ByteSet[];
  /** The class of each byte: bytes of one class are in the same sets. */
  readonly classes: Uint8Array;
  /** A byte of each class. */
  readonly examples: readonly number[];
  readonly hasWordAssertions: boolean;
}

const assertions: readonly Assertion[] = ["start", "end", "word-boundary", "no-word-boundary"];

/**
 * The program of a pattern that {@link refuseLarge} accepts, or of its mirror image, which reads bytes from the last to
 * the first.
 */
export function compileProgram(pattern: Pattern, { isReversed }: { readonly isReversed: boolean }): Program {
  return new ProgramCompiler(isReversed).compile(pattern);
}

/** Error: {@link NeedsEngine} for a pattern whose program would have too many steps. */
export function refuseLarge(pattern: Pattern): void {
  if (stepsOf(pattern) > limits.programSteps) {
    throw new NeedsEngine(`a pattern of more than ${limits.programSteps} steps`);
  }
}

function stepsOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case "bytes":
    case "assertion":
      return 1;
    case "sequence":
    case "choice":
      return pattern.parts.reduce((sum, part) => sum + stepsOf(part) + 1, 1);
    case "repeat": {
      const { part, least, most } = pattern;
      return stepsOf(part) * least + (stepsOf(part) + 1) * (most === Number.POSITIVE_INFINITY ? 1 : most - least);
    }
  }
}

class ProgramCompiler {
  readonly #isReversed: boolean;
  readonly #kinds: number[] = [];
  readonly #next: number[] = [];
  readonly #other: number[] = [];
  readonly #sets: ByteSet[] = [];
  readonly #indexOfSet = new Map<string, number>();
  #hasWordAssertions = false;

  constructor(isReversed: boolean) {
    this.#isReversed = isReversed;
  }

  compile(pattern: Pattern): Program {
    const start = this.#add(pattern, this.#step(step.match, -1, -1));
    const { classes, examples } = classesOf(this.#sets, this.#hasWordAssertions);
    return {
      kinds: Uint8Array.from(this.#kinds),
      next: Int32Array.from(this.#next),
      other: Int32Array.from(this.#other),
      start,
      sets: this.#sets,
      classes,
      examples,
      hasWordAssertions: this.#hasWordAssertions,
    };
  }

  /** Adds a pattern before the step `then`, and returns its first step. */
  #add(pattern: Pattern, then: number): number {
    switch (pattern.kind) {
      case "bytes":
        return this.#step(step.bytes, then, this.#set(pattern.set));
      case "assertion":
        return this.#step(step.assert, then, this.#assertion(pattern.what));
      case "sequence": {
        const parts = this.#isReversed ? pattern.parts : pattern.parts.toReversed();
        return parts.reduce((next, part) => this.#add(part, next), then);
      }
      case "choice":
        return pattern.parts
          .map((part) => this.#add(part, then))
          .reduceRight((rest, first) => this.#step(step.split, first, rest));
      case "repeat":
        return this.#repeat(pattern, then);
    }
  }

  #repeat({ part, least, most, isLazy }: Extract<Pattern, { kind: "repeat" }>, then: number): number {
    let next = then;
    if (most === Number.POSITIVE_INFINITY) {
      const loop = this.#step(step.split, -1, -1);
      const body = this.#add(part, loop);
      this.#direct(loop, { body, then, isLazy });
      next = loop;
    } else {
      for (let count = least; count < most; count++) {
        const choice = this.#step(step.split, -1, -1);
        this.#direct(choice, { body: this.#add(part, next), then, isLazy });
        next = choice;
      }
    }
    for (let count = 0; count < least; count++) next = this.#add(part, next);
    return next;
  }

  #direct(split: number, way: { readonly body: number; readonly then: number; readonly isLazy: boolean }): void {
    this.#next[split] = way.isLazy ? way.then : way.body;
    this.#other[split] = way.isLazy ? way.body : way.then;
  }

  #step(kind: number, next: number, other: number): number {
    this.#next.push(next);
    this.#other.push(other);
    return this.#kinds.push(kind) - 1;
  }

  #set(set: ByteSet): number {
    const key = set.join();
    const known = this.#indexOfSet.get(key);
    if (known !== undefined) return known;
    this.#indexOfSet.set(key, this.#sets.length);
    return this.#sets.push(set) - 1;
  }

  #assertion(what: Assertion): number {
    if (what === "word-boundary" || what === "no-word-boundary") this.#hasWordAssertions = true;
    const mirrored = what === "start" ? "end" : what === "end" ? "start" : what;
    return assertions.indexOf(this.#isReversed ? mirrored : what);
  }
}

function classesOf(
  sets: readonly ByteSet[],
  hasWordAssertions: boolean,
): { readonly classes: Uint8Array; readonly examples: readonly number[] } {
  const tests = sets.map((set) => (byte: number) => hasByte(set, byte));
  if (hasWordAssertions) tests.push(isWordByte);
  const classes = new Uint8Array(256);
  let count = 1;
  for (const test of tests) {
    const renamed = new Map<number, number>();
    let next = 0;
    for (let byte = 0; byte < 256; byte++) {
      const key = (classes[byte] ?? 0) * 2 + (test(byte) ? 1 : 0);
      const name = renamed.get(key) ?? next++;
      renamed.set(key, name);
      classes[byte] = name;
    }
    count = next;
  }
  const examples = Array.from({ length: count }, (_, index) => classes.indexOf(index));
  return { classes, examples };
}

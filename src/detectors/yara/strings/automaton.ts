import { limits } from "../limits.ts";
import { hasByte, isWordByte } from "../syntax/pattern.ts";
import { type Program, step } from "./program.ts";
import type { ScanBudget } from "./scan-budget.ts";

/** What lies before a position, as far as assertions ask. */
const edge = 0;
const wordByte = 1;
const otherByte = 2;

interface State {
  /** Steps that are waiting for a byte, the preferred first. */
  readonly steps: Int32Array;
  readonly before: number;
}

/** States of one automaton; beyond, it starts over. */
const mostStates = 4000;

/**
 * A program as a deterministic automaton whose states are made when they are first reached (as in RE2). An assertion is
 * checked when the byte behind it is known, so a match is known one byte late; the end of the bytes has its own class.
 */
export class Automaton {
  readonly #program: Program;
  readonly #restarts: boolean;
  readonly #width: number;
  readonly #memory: AutomatonMemory;
  #states: State[] = [];
  #indices = new Map<string, number>();
  #table = new Int32Array(0);
  /** When each step was seen last, for the two sets of steps of a transition. */
  readonly #seen: Int32Array;
  readonly #kept: Int32Array;
  #stamp = 0;
  #generation = -1;

  /**
   * With `restarts` a match may begin at each position, and all are followed; without, it begins at the first position,
   * and only the preferred one is followed to its end.
   */
  constructor(
    program: Program,
    { restarts, memory }: { readonly restarts: boolean; readonly memory: AutomatonMemory },
  ) {
    this.#program = program;
    this.#restarts = restarts;
    this.#width = program.examples.length + 1;
    this.#memory = memory;
    this.#seen = new Int32Array(program.kinds.length);
    this.#kept = new Int32Array(program.kinds.length);
  }

  /**
   * Reads bytes from the position `from` downwards to `to` and adds the positions at which a match ends that began at
   * `from` or below; in the mirror image of a pattern these are the offsets of matches, the last first.
   */
  searchBackwards(
    bytes: Uint8Array,
    {
      from,
      to,
      found,
      budget,
    }: { readonly from: number; readonly to: number; readonly found: number[]; readonly budget: ScanBudget },
  ): void {
    budget.spend(from - to + 1);
    const { classes } = this.#program;
    const end = this.#width - 1;
    let state = this.#initial(from < bytes.length ? bytes[from] : undefined);
    for (let position = from; position >= to; position--) {
      const byteClass = position === 0 ? end : (classes[bytes[position - 1] ?? 0] ?? 0);
      const known = this.#table[state * this.#width + byteClass] ?? 0;
      const transition = known === 0 ? this.#build(state, byteClass, budget) : known;
      if ((transition & 1) === 1) {
        found.push(position);
        if (found.length > limits.matches) return;
      }
      state = (transition >>> 1) - 1;
    }
  }

  /** The end of the preferred match at `from`, not beyond `to`; undefined without one. */
  matchAt(
    bytes: Uint8Array,
    { from, to, budget }: { readonly from: number; readonly to: number; readonly budget: ScanBudget },
  ): number | undefined {
    const { classes } = this.#program;
    const end = this.#width - 1;
    let state = this.#initial(from > 0 ? bytes[from - 1] : undefined);
    let matched: number | undefined;
    let position = from;
    for (; position <= to; position++) {
      const byteClass = position === bytes.length ? end : (classes[bytes[position] ?? 0] ?? 0);
      const known = this.#table[state * this.#width + byteClass] ?? 0;
      const transition = known === 0 ? this.#build(state, byteClass, budget) : known;
      if ((transition & 1) === 1) matched = position;
      state = (transition >>> 1) - 1;
      if (this.#states[state]?.steps.length === 0) break;
    }
    budget.spend(position - from + 1);
    return matched;
  }

  #initial(before: number | undefined): number {
    if (this.#generation !== this.#memory.generation) this.#clear();
    return this.#stateOf([this.#program.start], this.#kindOf(before));
  }

  #kindOf(byte: number | undefined): number {
    if (byte === undefined) return edge;
    return this.#program.hasWordAssertions && isWordByte(byte) ? wordByte : otherByte;
  }

  #clear(): void {
    this.#generation = this.#memory.generation;
    this.#states = [];
    this.#indices = new Map();
    this.#table = new Int32Array(0);
  }

  #stateOf(steps: readonly number[], before: number): number {
    const key = `${before}:${steps.join()}`;
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    const index = this.#states.push({ steps: Int32Array.from(steps), before }) - 1;
    this.#indices.set(key, index);
    const cells = this.#states.length * this.#width;
    if (cells > this.#table.length) {
      const table = new Int32Array(Math.max(cells, this.#table.length * 2));
      table.set(this.#table);
      this.#memory.take(table.length - this.#table.length);
      this.#table = table;
    }
    // The steps of a state count as well.
    this.#memory.take(steps.length * 4);
    return index;
  }

  /** The state after a byte of this class, from 1, times two, and 1 more if a match ends before the byte. */
  #build(state: number, byteClass: number, budget: ScanBudget): number {
    const { steps, before } = this.#states[state] ?? { steps: new Int32Array(), before: edge };
    const example = this.#program.examples[byteClass];
    const { kept, isMatch, work } = this.#follow(steps, { before, example });
    budget.spend(20 + work);
    if (this.#restarts && example !== undefined && this.#kept[this.#program.start] !== this.#stamp) {
      kept.push(this.#program.start);
    }
    // The order tells which match is preferred; where all are followed, fewer states do.
    if (this.#restarts) kept.sort((one, other) => one - other);
    const isFull = this.#states.length >= mostStates || this.#memory.isFull;
    if (isFull) {
      if (this.#memory.isFull) this.#memory.renew();
      this.#clear();
    }
    const next = this.#stateOf(kept, this.#kindOf(example));
    const transition = ((next + 1) << 1) | (isMatch ? 1 : 0);
    if (!isFull) this.#table[state * this.#width + byteClass] = transition;
    return transition;
  }

  #follow(
    steps: Int32Array,
    { before, example }: { readonly before: number; readonly example: number | undefined },
  ): { readonly kept: number[]; readonly isMatch: boolean; readonly work: number } {
    const { kinds, next, other, sets } = this.#program;
    const stamp = ++this.#stamp;
    const after = this.#kindOf(example);
    const kept: number[] = [];
    let isMatch = false;
    let work = 0;
    const waiting: number[] = [];
    for (const first of steps) {
      waiting.push(first);
      for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
        work++;
        if (this.#seen[at] === stamp) continue;
        this.#seen[at] = stamp;
        const target = next[at] ?? 0;
        const second = other[at] ?? 0;
        const kind = kinds[at];
        if (kind === step.split) waiting.push(second, target);
        else if (kind === step.assert) {
          if (holds(second, before, after)) waiting.push(target);
        } else if (kind === step.match) {
          isMatch = true;
          if (!this.#restarts) return { kept, isMatch, work };
        } else if (example !== undefined && this.#kept[target] !== stamp) {
          const set = sets[second];
          if (set === undefined || !hasByte(set, example)) continue;
          this.#kept[target] = stamp;
          kept.push(target);
        }
      }
    }
    return { kept, isMatch, work };
  }
}

/** Whether an assertion, by its index, holds between these kinds of bytes. */
function holds(assertion: number, before: number, after: number): boolean {
  switch (assertion) {
    case 0:
      return before === edge;
    case 1:
      return after === edge;
    case 2:
      return isBoundary(before, after);
    default:
      return !isBoundary(before, after);
  }
}

/** As in YARA, the begin and the end of a file are boundaries of words whatever is there. */
function isBoundary(before: number, after: number): boolean {
  return before === edge || after === edge || (before === wordByte) !== (after === wordByte);
}

/** The memory that all automata of a rule set share. */
export class AutomatonMemory {
  #cells = 0;
  #generation = 0;

  /** Automata of an earlier generation start over. */
  get generation(): number {
    return this.#generation;
  }

  get isFull(): boolean {
    return this.#cells > limits.automatonCells;
  }

  take(cells: number): void {
    this.#cells += cells;
  }

  renew(): void {
    this.#cells = 0;
    this.#generation++;
  }
}

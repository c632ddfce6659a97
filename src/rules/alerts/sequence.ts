import { ExpiringTable, type TableBudget } from "./expiring-table.ts";
import { matchKey, millisecondsOf, type RuleMatch } from "./match-key.ts";

/** Options of a rule that alerts only after others matched. */
export interface SequenceOptions {
  /** The rules before it, in order. */
  readonly after: readonly string[];
  /** Milliseconds from the first to the last. */
  readonly within: number;
  readonly by: readonly string[];
  readonly budget: TableBudget;
}

/** Follows rules that match one after another with the same values. Other matches may lie between. */
export class Sequence {
  readonly #options: SequenceOptions;
  /** For each combination of values and step: when the latest of those sequences began that have come so far. */
  readonly #starts: ExpiringTable<(number | undefined)[]>;

  constructor(options: SequenceOptions) {
    const { within, budget, after } = options;
    this.#options = options;
    this.#starts = new ExpiringTable({ within, budget, cost: 1 + Math.ceil(after.length / 8) });
  }

  /** A rule matched that is a step, or several, of the sequence. */
  step(rule: string, match: RuleMatch): void {
    const { after, within, by } = this.#options;
    const time = millisecondsOf(match);
    const key = matchKey(match, by);
    const starts = this.#starts.get(key, time) ?? [];
    // From the last step down, so that one match is not two steps.
    let isLonger = false;
    for (let index = after.length - 1; index >= 0; index--) {
      if (after[index] !== rule) continue;
      const start = index === 0 ? time : starts[index - 1];
      if (start === undefined || time - start >= within) continue;
      starts[index] = Math.max(start, starts[index] ?? start);
      isLonger = true;
    }
    if (isLonger) this.#starts.put(key, starts, time);
  }

  /** Whether a match of the last rule completes a sequence. */
  isComplete(match: RuleMatch): boolean {
    const { after, within, by } = this.#options;
    if (after.length === 0) return true;
    const time = millisecondsOf(match);
    const start = this.#starts.get(matchKey(match, by), time)?.[after.length - 1];
    return start !== undefined && time - start < within;
  }

  expire(time: number): void {
    this.#starts.expire(time);
  }
}

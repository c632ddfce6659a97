import type { AlertValue } from "../../model/events/alert.ts";
import { ExpiringTable, type TableBudget } from "./expiring-table.ts";
import { matchKey, millisecondsOf, type RuleMatch } from "./match-key.ts";

/** Alerts that were not said again: how many, with which values, and when the last was. */
export interface Repetition {
  readonly count: number;
  readonly values: readonly (readonly [field: string, value: AlertValue])[];
  readonly time: bigint;
}

interface Window {
  readonly values: Repetition["values"];
  count: number;
  time: bigint;
}

/** Options of a rule that reports the same thing once in a time. */
export interface DeduplicationOptions {
  /** Milliseconds. */
  readonly within: number;
  readonly by: readonly string[];
  readonly budget: TableBudget;
  /** Told when the time of something that was repeated is over. */
  readonly onRepeated: (repetition: Repetition) => void;
}

const longestValue = 200;

/** Remembers what was said a short while ago. The time of each combination of values begins when it is said. */
export class Deduplication {
  readonly #by: readonly string[];
  readonly #windows: ExpiringTable<Window>;

  constructor({ within, by, budget, onRepeated }: DeduplicationOptions) {
    this.#by = by;
    const onGone = (window: Window): void => {
      if (window.count > 0) onRepeated(window);
    };
    this.#windows = new ExpiringTable({ within, budget, cost: 1, onGone });
  }

  /** Whether the same was said a short while ago; then it is counted. */
  isRepeated(match: RuleMatch): boolean {
    const window = this.#windows.get(matchKey(match, this.#by), millisecondsOf(match));
    if (window === undefined) return false;
    window.count++;
    window.time = match.time;
    return true;
  }

  /** Says it. */
  open(match: RuleMatch): void {
    const values = this.#by.map((field): [string, AlertValue] => [field, shortened(match.value(field))]);
    this.#windows.put(matchKey(match, this.#by), { values, count: 0, time: match.time }, millisecondsOf(match));
  }

  expire(time: number): void {
    this.#windows.expire(time);
  }

  finish(): void {
    this.#windows.clear();
  }
}

function shortened(value: AlertValue): AlertValue {
  if (typeof value === "string") return value.slice(0, longestValue);
  return typeof value === "object" && value !== null ? value.slice(0, 10).map(shortened) : value;
}

import { ExpiringTable, type TableBudget } from "./expiring-table.ts";
import { matchKey, millisecondsOf, type RuleMatch } from "./match-key.ts";

/** Options of a rule that alerts only when it matches often. */
export interface ThresholdOptions {
  readonly count: number;
  /** Milliseconds. */
  readonly within: number;
  readonly by: readonly string[];
  readonly budget: TableBudget;
}

/** Up to this count each match is remembered; of higher ones how many there were in each such part of the time. */
const mostParts = 256;

interface Window {
  /** When the remembered matches were, oldest first, and how many there were at each of these times. */
  readonly times: number[];
  readonly counts: number[];
  total: number;
}

/** Counts matches in a window that slides with the events. What reached the threshold counts from nothing again. */
export class Threshold {
  readonly #options: ThresholdOptions;
  /** Milliseconds that count as one time; 0 when each match counts at its own. */
  readonly #grain: number;
  readonly #windows: ExpiringTable<Window>;

  constructor(options: ThresholdOptions) {
    const { within, budget, count } = options;
    this.#options = options;
    this.#grain = count > mostParts ? within / mostParts : 0;
    this.#windows = new ExpiringTable({ within, budget, cost: 1 + Math.ceil(Math.min(count, mostParts) / 4) });
  }

  /** Counts a match; whether it is the one that makes the rule alert. */
  isReached(match: RuleMatch): boolean {
    const { count, by } = this.#options;
    const time = millisecondsOf(match);
    const key = matchKey(match, by);
    const window = this.#windows.get(key, time) ?? { times: [], counts: [], total: 0 };
    this.#slide(window, time);
    this.#add(window, time);
    const isReached = window.total >= count;
    this.#windows.put(key, isReached ? { times: [], counts: [], total: 0 } : window, time);
    return isReached;
  }

  expire(time: number): void {
    this.#windows.expire(time);
  }

  #slide(window: Window, time: number): void {
    const inside = window.times.findIndex((one) => time - one < this.#options.within);
    const gone = inside < 0 ? window.times.length : inside;
    if (gone === 0) return;
    window.times.splice(0, gone);
    for (const count of window.counts.splice(0, gone)) window.total -= count;
  }

  #add(window: Window, time: number): void {
    const at = this.#grain === 0 ? time : Math.floor(time / this.#grain) * this.#grain;
    const last = window.times.length - 1;
    window.total++;
    if (this.#grain > 0 && at <= (window.times[last] ?? Number.NEGATIVE_INFINITY)) {
      window.counts[last] = (window.counts[last] ?? 0) + 1;
    } else {
      window.times.push(at);
      window.counts.push(1);
    }
  }
}

import { compareText } from "../../model/text/compare-text.ts";
/** A value and how often it came: at least `count - excess` times, at most `count` times. */
export interface FrequentValue<V> {
  readonly value: V;
  readonly count: number;
  readonly excess: number;
}

interface Counter<V> {
  readonly key: string;
  readonly value: V;
  count: number;
  excess: number;
}

/**
 * Counts which values of a stream are frequent, in bounded memory: what comes more often than one in `capacity` is
 * among them. Counts are exact as long as there are no more values than that. Source: Metwally and others, "Efficient
 * Computation of Frequent and Top-k Elements in Data Streams" (2005).
 */
export class FrequentValues<V> {
  readonly #capacity: number;
  readonly #counters = new Map<string, Counter<V>>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(key: string, value: V): void {
    const known = this.#counters.get(key);
    if (known) {
      known.count++;
      return;
    }
    let excess = 0;
    if (this.#counters.size >= this.#capacity) {
      const rarest = this.#rarest();
      excess = rarest.count;
      this.#counters.delete(rarest.key);
    }
    this.#counters.set(key, { key, value, count: excess + 1, excess });
  }

  /** How many values are counted; as many as there are, or the capacity. */
  get size(): number {
    return this.#counters.size;
  }

  /** The most frequent first; equally frequent ones by key. */
  top(): FrequentValue<V>[] {
    const order = (a: Counter<V>, b: Counter<V>): number =>
      b.count - b.excess - (a.count - a.excess) || compareText(a.key, b.key);
    return [...this.#counters.values()].sort(order).map(({ value, count, excess }) => ({ value, count, excess }));
  }

  #rarest(): Counter<V> {
    let rarest: Counter<V> | undefined;
    for (const counter of this.#counters.values()) if (!rarest || counter.count < rarest.count) rarest = counter;
    if (!rarest) throw new RangeError("a capacity is at least 1");
    return rarest;
  }
}

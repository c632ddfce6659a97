/** How much all tables of an owner may hold together. */
export interface TableBudget {
  readonly max: number;
  used: number;
  /** Entries that had to go before their time. */
  evicted: number;
}

/** Options of a table. */
export interface ExpiringTableOptions<V> {
  /** How long an entry stays after it was last put, in the unit of the times. */
  readonly within: number;
  readonly budget: TableBudget;
  /** What an entry costs, at all times the same. */
  readonly cost: number;
  /** Told of each entry that goes, but not of those that are replaced. */
  readonly onGone?: (value: V) => void;
}

interface Entry<V> {
  readonly value: V;
  readonly time: number;
}

/**
 * Values by key that go after a time, and the oldest of them when the budget is used up. Times may go back a little.
 */
export class ExpiringTable<V> {
  readonly #options: ExpiringTableOptions<V>;
  /** In the order in which they were put, so that the oldest is the first. */
  readonly #entries = new Map<string, Entry<V>>();

  constructor(options: ExpiringTableOptions<V>) {
    this.#options = options;
  }

  get(key: string, time: number): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (time - entry.time < this.#options.within) return entry.value;
    this.#remove(key, entry);
    return undefined;
  }

  put(key: string, value: V, time: number): void {
    const { budget, cost } = this.#options;
    if (this.#entries.delete(key)) budget.used -= cost;
    this.#entries.set(key, { value, time });
    budget.used += cost;
    if (budget.used <= budget.max) return;
    const [oldest] = this.#entries;
    if (!oldest || this.#entries.size === 1) return;
    budget.evicted++;
    this.#remove(...oldest);
  }

  /** Lets go what is over at this time. */
  expire(time: number): void {
    for (const [key, entry] of this.#entries) {
      if (time - entry.time < this.#options.within) return;
      this.#remove(key, entry);
    }
  }

  clear(): void {
    for (const [key, entry] of this.#entries) this.#remove(key, entry);
  }

  #remove(key: string, { value }: Entry<V>): void {
    this.#entries.delete(key);
    this.#options.budget.used -= this.#options.cost;
    this.#options.onGone?.(value);
  }
}

/** Work that arrives while earlier work is under way, in its order. One reader. */
export class WorkQueue<T> implements AsyncIterable<T> {
  #waiting: T[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  add(item: T): void {
    this.#waiting.push(item);
    this.#wake?.();
  }

  /** Nothing more will come. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** As {@link close}; what waits is forgotten. */
  abandon(): void {
    this.#waiting = [];
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const item of batch) yield item;
      if (this.#waiting.length > 0) continue;
      if (this.#closed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

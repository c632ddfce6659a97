import { type ByteRange, joinRanges } from "./byte-ranges.ts";
import type { ReadRange } from "./table-of-contents.ts";

/** How many requests are under way at once. */
const mostRequests = 4;
/** Bytes that are fetched before they are needed. */
const mostAhead: number = 16 * 1024 * 1024;

/**
 * Fetches parts of a layer in the order in which they will be needed, a few at a time and not far ahead. Near parts
 * come with one request.
 */
export class RangePrefetcher {
  readonly #ranges: readonly ByteRange[];
  readonly #readRange: ReadRange;
  readonly #fetching = new Map<number, Promise<Buffer>>();
  #current = 0;
  #next = 0;
  #ahead = 0;

  constructor(parts: Iterable<ByteRange>, readRange: ReadRange) {
    this.#ranges = joinRanges(parts);
    this.#readRange = readRange;
  }

  /** The bytes of a part, which must not lie before one that was asked for earlier. Errors: those of `readRange`. */
  async bytes({ from, to }: ByteRange): Promise<Buffer> {
    for (;;) {
      const range = this.#ranges[this.#current];
      if (!range) throw new Error("a part was asked for that was not announced");
      if (from >= range.from && to <= range.to) {
        this.#fetch();
        const bytes = await this.#fetching.get(this.#current);
        if (bytes) return bytes.subarray(from - range.from, to - range.from);
      }
      this.#leave(range);
    }
  }

  /** Starts nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#next = this.#ranges.length;
    await Promise.allSettled(this.#fetching.values());
    this.#fetching.clear();
  }

  #fetch(): void {
    for (let range = this.#ranges[this.#next]; range; range = this.#ranges[++this.#next]) {
      const size = range.to - range.from;
      const isBusy = this.#fetching.size >= mostRequests || this.#ahead + size > mostAhead;
      if (isBusy && this.#next > this.#current) return;
      const bytes = this.#readRange(range.from, range.to);
      // A failure shows when the bytes are asked for.
      bytes.catch(() => undefined);
      this.#fetching.set(this.#next, bytes);
      this.#ahead += size;
    }
  }

  #leave({ from, to }: ByteRange): void {
    if (this.#fetching.delete(this.#current)) this.#ahead -= to - from;
    this.#current++;
    this.#next = Math.max(this.#next, this.#current);
  }
}

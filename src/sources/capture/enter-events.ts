/** An event before a system call, kept for the one after it. */
export interface EnterEvent {
  /** -1: there is none. */
  code: number;
  count: number;
  /** The lengths of its parameters (2 bytes each), then the parameters. */
  bytes: Uint8Array;
}

const mostThreads = 131_072;
const mostBytes: number = 64 * 1024 * 1024;
const smallest = 64;
const muchLarger = 4096;

/**
 * The last kept event of each thread. Bounded: when there are too many threads or bytes, those that were first seen
 * longest ago are forgotten, which costs the parameters of one event each.
 */
export class EnterEvents {
  readonly #threads = new Map<number, EnterEvent>();
  #size = 0;

  get(tid: number): EnterEvent | undefined {
    return this.#threads.get(tid);
  }

  /**
   * Keeps the event in place of an earlier one. Its lengths are `from` places into `bytes`, with the parameters up to
   * `to`.
   */
  keep(
    tid: number,
    code: number,
    { count, bytes, from, to }: { readonly count: number; readonly bytes: Uint8Array; from: number; to: number },
  ): void {
    const size = to - from;
    let event = this.#threads.get(tid);
    if (event === undefined) {
      event = { code, count, bytes: new Uint8Array(smallest) };
      this.#size += smallest;
      this.#threads.set(tid, event);
    }
    if (event.bytes.length < size || event.bytes.length > Math.max(muchLarger, size * 4)) {
      this.#size -= event.bytes.length;
      event.bytes = new Uint8Array(Math.max(smallest, 2 ** Math.ceil(Math.log2(size))));
      this.#size += event.bytes.length;
    }
    event.code = code;
    event.count = count;
    const into = event.bytes;
    // A loop is faster than a view for the few bytes that most have.
    if (size <= smallest) for (let index = 0; index < size; index++) into[index] = bytes[from + index] as number;
    else into.set(bytes.subarray(from, to));
    if (this.#size > mostBytes || this.#threads.size > mostThreads) this.#forgetOldest(tid);
  }

  clear(): void {
    this.#threads.clear();
    this.#size = 0;
  }

  #forgetOldest(except: number): void {
    for (const [tid, { bytes }] of this.#threads) {
      if (this.#size <= mostBytes && this.#threads.size <= mostThreads) return;
      if (tid === except) continue;
      this.#threads.delete(tid);
      this.#size -= bytes.length;
    }
  }
}

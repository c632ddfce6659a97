import { type AlertQueue, boundedBatch, hasRoom, longestLine } from "./alert-queue.ts";

/** What a line costs beside its text. */
const overhead = 64;

/** A queue that dies with the process. */
export class MemoryQueue implements AlertQueue {
  readonly isDurable = false;
  readonly #maxBytes: number;
  #lines: string[] = [];
  /** Lines before this one are acknowledged. */
  #start = 0;
  #bytes = 0;

  constructor({ maxBytes = 16 << 20 }: { readonly maxBytes?: number } = {}) {
    this.#maxBytes = maxBytes;
  }

  get depth(): number {
    return this.#lines.length - this.#start;
  }

  get bytes(): number {
    return this.#bytes;
  }

  enqueue(line: string, { isUrgent = false }: { readonly isUrgent?: boolean } = {}): Promise<boolean> {
    const size = costOf(line);
    const room = { used: this.#bytes, maxBytes: this.#maxBytes, isUrgent };
    if (line.length > longestLine || !hasRoom(size, room)) return Promise.resolve(false);
    this.#bytes += size;
    this.#lines.push(line);
    return Promise.resolve(true);
  }

  peek(count: number): readonly string[] {
    return boundedBatch(this.#lines.slice(this.#start, this.#start + count), count);
  }

  acknowledge(count: number): void {
    const end = Math.min(this.#start + count, this.#lines.length);
    for (let index = this.#start; index < end; index++) {
      this.#bytes -= costOf(this.#lines[index] ?? "");
      this.#lines[index] = "";
    }
    this.#start = end;
    if (this.#start < 1024 && this.depth > 0) return;
    this.#lines = this.#lines.slice(this.#start);
    this.#start = 0;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function costOf(line: string): number {
  return line.length + overhead;
}

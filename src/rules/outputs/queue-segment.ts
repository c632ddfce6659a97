import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { longestLine } from "./alert-queue.ts";
import { nextMarker, recordAt, recordOverhead } from "./queue-record.ts";

/** A line of a segment, and where its record ends in the file. */
export interface SegmentLine {
  readonly line: string;
  readonly end: number;
}

const windowSize = 256 << 10;

/** Reads the records of one segment in order. Damaged or torn records are skipped and counted. */
export class SegmentReader {
  readonly #descriptor: number;
  #position: number;
  #window: Buffer = Buffer.alloc(0);
  /** Where in the file the window begins. */
  #windowStart = 0;
  #damaged = 0;
  #isInDamage = false;

  constructor(path: string, position: number) {
    this.#descriptor = openSync(path, "r");
    this.#position = position;
  }

  /** How many stretches of the file were not records. */
  get damaged(): number {
    return this.#damaged;
  }

  /**
   * The next line that ends within the first `limit` bytes of the file, all of them unless given; undefined when there
   * is none. A torn end counts as damaged only when `isWhole` says that nothing more will come.
   */
  next({ limit = fstatSync(this.#descriptor).size, isWhole = true }: SegmentBounds = {}): SegmentLine | undefined {
    let wanted = recordOverhead;
    while (this.#position < limit) {
      const bytes = this.#bytesAt(this.#position, { wanted, limit });
      if (bytes.length < Math.min(wanted, limit - this.#position)) return this.#cutOff(limit);
      const found = recordAt(bytes, 0);
      if (found !== "damaged" && "line" in found) {
        this.#isInDamage = false;
        this.#position += found.end;
        return { line: found.line, end: this.#position };
      }
      if (found !== "damaged" && this.#position + found.needed <= limit) {
        wanted = found.needed;
        continue;
      }
      if (found !== "damaged" && !isWhole) return undefined;
      this.#passOver(bytes);
      wanted = recordOverhead;
    }
    return undefined;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** The file is shorter than it was said to be. */
  #cutOff(limit: number): undefined {
    this.#damaged++;
    this.#position = limit;
  }

  #passOver(bytes: Buffer): void {
    if (!this.#isInDamage) this.#damaged++;
    this.#isInDamage = true;
    this.#position += Math.max(1, nextMarker(bytes, 1));
  }

  /** The bytes of the file from `at`: at least `wanted` of them, unless the limit comes before. */
  #bytesAt(at: number, { wanted, limit }: { readonly wanted: number; readonly limit: number }): Buffer {
    const start = at - this.#windowStart;
    const available = this.#window.length - start;
    if (start >= 0 && available >= Math.min(wanted, limit - at)) return this.#window.subarray(start);
    const size = Math.min(Math.max(wanted, windowSize), limit - at, longestLine + windowSize);
    const window = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      const read = readSync(this.#descriptor, window, filled, size - filled, at + filled);
      if (read === 0) break;
      filled += read;
    }
    this.#window = window.subarray(0, filled);
    this.#windowStart = at;
    return this.#window;
  }
}

interface SegmentBounds {
  readonly limit?: number;
  readonly isWhole?: boolean;
}

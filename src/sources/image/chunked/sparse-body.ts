import type { OpenFile } from "../../../model/images/file.ts";
import type { Chunk, TableEntry } from "./table-of-contents.ts";

/** The body of a file of which only some chunks are there. To read what is not there throws, and is noted. */
export class SparseBody {
  /** The file as whoever examines it sees it. */
  readonly file: OpenFile;
  readonly #chunks: readonly Chunk[];
  /** Where each chunk begins in the file. */
  readonly #starts: readonly number[];
  readonly #held = new Map<number, Buffer>();
  #missing: number | undefined;
  #size = 0;

  constructor({ entry: { path, size, mode }, chunks }: TableEntry) {
    this.#chunks = chunks;
    let start = 0;
    this.#starts = chunks.map((chunk) => {
      start += chunk.size;
      return start - chunk.size;
    });
    this.file = { path, size, mode, read: (offset, length) => this.#read(offset, Math.min(length, size - offset)) };
  }

  /** Bytes of the chunks that are there. */
  get size(): number {
    return this.#size;
  }

  /** True for a chunk that need not be put: it is there, or it is nothing but zeros. */
  has(index: number): boolean {
    return this.#held.has(index) || this.#chunks[index]?.digest === undefined;
  }

  /** Takes the inflated bytes of a chunk. */
  put(index: number, bytes: Buffer): void {
    this.#held.set(index, bytes);
    this.#size += bytes.length;
  }

  /** The first chunk that was read and was not there since this was last asked; undefined when there was none. */
  takeMissing(): number | undefined {
    const missing = this.#missing;
    this.#missing = undefined;
    return missing;
  }

  #read(offset: number, length: number): Buffer {
    if (offset < 0 || length <= 0) return none;
    const first = this.#indexOf(offset);
    const pieces: Buffer[] = [];
    for (let index = first, at = offset; at < offset + length; index++) {
      const { size = 0 } = this.#chunks[index] ?? {};
      const start = this.#starts[index] ?? 0;
      const count = Math.min(start + size, offset + length) - at;
      pieces.push(this.#piece(index, { from: at - start, count }));
      at += count;
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  }

  #piece(index: number, { from, count }: { readonly from: number; readonly count: number }): Buffer {
    const bytes = this.#held.get(index);
    if (bytes) return bytes.subarray(from, from + count);
    if (this.has(index)) return Buffer.alloc(count);
    this.#missing ??= index;
    throw new Error("this part of the file is not there yet");
  }

  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low;
  }
}

const none = Buffer.alloc(0);

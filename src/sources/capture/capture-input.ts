import { CaptureDamage } from "./capture-damage.ts";

/** How much is looked at together, unless one event needs more. */
const windowSize: number = 256 * 1024;

/**
 * A window that moves over the bytes of a capture. Unread bytes lie in `bytes` from `start` to `end`; the bytes from
 * {@link spareStart} on are room for the reader. Filling may move everything, so places in `bytes` hold until then.
 */
export class CaptureInput {
  bytes: Buffer;
  view: DataView;
  start = 0;
  end = 0;
  /** Where in `bytes` the spare room begins. */
  spareStart: number;
  readonly #spareSize: number;
  readonly #iterator: AsyncIterator<Buffer>;
  /** The place in the capture of the first byte of `bytes`. */
  #offset = 0;
  #piece: Buffer = Buffer.alloc(0);
  #isOver = false;
  #failure: unknown;

  /** The input's errors come up once all that was read before them is used. `spareSize`: bytes of spare room. */
  constructor(input: AsyncIterable<Buffer>, spareSize: number) {
    this.#iterator = input[Symbol.asyncIterator]();
    this.#spareSize = spareSize;
    this.spareStart = windowSize;
    this.bytes = Buffer.alloc(windowSize + spareSize);
    this.view = viewOf(this.bytes);
  }

  /** The place in the capture (unpacked) that `start` is at. */
  get offset(): number {
    return this.#offset + this.start;
  }

  /** Adds what comes next to the window, which grows when it is full; false at the end. Error: the input's. */
  async fill(): Promise<boolean> {
    if (this.#piece.length === 0) await this.#nextPiece();
    if (this.#piece.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      return false;
    }
    this.#makeRoom();
    if (this.end === this.spareStart) this.#grow();
    const count = Math.min(this.#piece.length, this.spareStart - this.end);
    this.#piece.copy(this.bytes, this.end, 0, count);
    this.#piece = this.#piece.subarray(count);
    this.end += count;
    return true;
  }

  /** Holds at least `count` bytes; false when fewer follow. `count` must have met a limit. Error: the input's. */
  async ensure(count: number): Promise<boolean> {
    while (this.end - this.start < count) {
      if (!(await this.fill())) return false;
    }
    return true;
  }

  /** Passes over `count` bytes, of any number. Error: {@link CaptureDamage} when fewer follow, the input's. */
  async skip(count: number): Promise<void> {
    let left = count;
    for (;;) {
      const step = Math.min(left, this.end - this.start);
      this.start += step;
      left -= step;
      if (left === 0) return;
      if (!(await this.fill())) throw new CaptureDamage("it is cut off inside a block");
    }
  }

  async close(): Promise<void> {
    this.#piece = Buffer.alloc(0);
    this.#isOver = true;
    await this.#iterator.return?.();
  }

  async #nextPiece(): Promise<void> {
    try {
      while (!this.#isOver && this.#piece.length === 0) {
        const next = await this.#iterator.next();
        if (next.done) this.#isOver = true;
        else this.#piece = next.value;
      }
    } catch (cause) {
      this.#isOver = true;
      this.#failure = cause;
    }
  }

  #makeRoom(): void {
    if (this.start === 0) return;
    if (this.start < this.end) this.bytes.copyWithin(0, this.start, this.end);
    this.#offset += this.start;
    this.end -= this.start;
    this.start = 0;
  }

  #grow(): void {
    const size = this.spareStart * 2;
    const bytes = Buffer.alloc(size + this.#spareSize);
    this.bytes.copy(bytes, 0, 0, this.end);
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.spareStart = size;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

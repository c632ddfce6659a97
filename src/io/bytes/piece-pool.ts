import { freeBuffer } from "./free-buffer.ts";

/** The memory of so many pieces is kept for later; a body that is collected takes more of them for a moment. */
const mostKept = 4;

/**
 * Memory for the pieces of streams, used again as soon as a piece is given back: memory that is fresh costs a quarter
 * of the time of inflating into it.
 */
export class PiecePool {
  /** Bytes of a piece. */
  readonly pieceSize: number;
  readonly #free: ArrayBufferLike[] = [];
  readonly #own = new WeakSet<ArrayBufferLike>();

  constructor(pieceSize: number) {
    this.pieceSize = pieceSize;
  }

  /** A piece that holds anything. */
  take(): Buffer {
    const memory = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.pieceSize).buffer;
    this.#own.add(memory);
    return Buffer.from(memory);
  }

  /**
   * Gives back a piece of this pool, or a view from its start, that is no longer read: its bytes are overwritten. A
   * buffer from elsewhere is freed, see {@link freeBuffer}.
   */
  give(piece: Buffer): void {
    const memory = piece.buffer;
    if (!this.#own.has(memory)) freeBuffer(piece);
    else if (this.#free.length >= mostKept) freeBuffer(Buffer.from(memory));
    else if (!this.#free.includes(memory)) this.#free.push(memory);
  }
}

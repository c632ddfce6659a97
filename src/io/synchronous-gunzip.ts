import { constants, createGunzip, type Gunzip } from "node:zlib";
import type { PiecePool } from "./piece-pool.ts";

/** What Node's stream works with inside. It is not documented, so it is looked at before it is used. */
interface Inflater {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputSize: number,
    output: Uint8Array,
    outputAt: number,
    outputSize: number,
  ): void;
}

/**
 * Inflates gzip (all members) in the calling thread, into memory of a pool. Node's own functions that do not return before they are
 * done want all input at once, and its streams take fresh memory and a change of threads for every piece.
 */
export class SynchronousGunzip implements Disposable {
  readonly #stream: Gunzip;
  readonly #inflater: Inflater;
  /** Bytes of room and of input that are left after a write. */
  readonly #left: Uint32Array;
  readonly #pool: PiecePool;
  #piece: Buffer | undefined;
  #filled = 0;
  #ended = false;

  /** Undefined where this Node lacks what it needs. */
  static over(pool: PiecePool): SynchronousGunzip | undefined {
    const stream = createGunzip();
    const { _handle: inflater, _writeState: left } = stream as unknown as Record<string, unknown>;
    if (isInflater(inflater) && left instanceof Uint32Array && left.length >= 2) {
      return new SynchronousGunzip(stream, { inflater, left, pool });
    }
    stream.destroy();
    return undefined;
  }

  private constructor(
    stream: Gunzip,
    { inflater, left, pool }: { readonly inflater: Inflater; readonly left: Uint32Array; readonly pool: PiecePool },
  ) {
    this.#stream = stream;
    this.#inflater = inflater;
    this.#left = left;
    this.#pool = pool;
    // What fails is thrown by the call that it fails in.
    stream.on("error", () => undefined);
  }

  /**
   * What comes out of the next bytes, in pieces of the pool's size; whoever gets one gives it back. The rest waits for more input.
   * Bytes behind the last member are passed over. Error: that of zlib when the bytes are damaged.
   */
  *inflate(input: Uint8Array): Generator<Buffer> {
    yield* this.#write(constants.Z_NO_FLUSH, input);
  }

  /** What comes out at the end of the input, but for the {@link rest}. Error: that of zlib when the data is cut off. */
  *end(): Generator<Buffer> {
    yield* this.#write(constants.Z_FINISH, none);
  }

  /** What came out and fills no piece; undefined when there is nothing. */
  rest(): Buffer | undefined {
    const [piece, size] = [this.#piece, this.#filled];
    if (size === 0) return undefined;
    this.#piece = undefined;
    this.#filled = 0;
    return piece?.subarray(0, size);
  }

  [Symbol.dispose](): void {
    if (this.#piece) this.#pool.give(this.#piece);
    this.#piece = undefined;
    this.#stream.destroy();
  }

  *#write(flush: number, input: Uint8Array): Generator<Buffer> {
    for (let at = 0; !this.#ended; ) {
      this.#piece ??= this.#pool.take();
      const room = this.#piece.length - this.#filled;
      this.#inflater.writeSync(flush, input, at, input.length - at, this.#piece, this.#filled, room);
      if (this.#stream.errored) throw this.#stream.errored;
      const [roomLeft = 0, inputLeft = 0] = this.#left;
      this.#filled += room - roomLeft;
      at = input.length - inputLeft;
      if (roomLeft > 0) {
        this.#ended = inputLeft > 0;
        return;
      }
      const full = this.#piece;
      this.#piece = undefined;
      this.#filled = 0;
      yield full;
    }
  }
}

const none = new Uint8Array(0);

function isInflater(value: unknown): value is Inflater {
  return typeof value === "object" && value !== null && "writeSync" in value && typeof value.writeSync === "function";
}

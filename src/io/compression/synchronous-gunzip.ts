import { constants, createGunzip, createInflateRaw, type Gunzip, type InflateRaw } from "node:zlib";
import type { PiecePool } from "../bytes/piece-pool.ts";
import { GzipFrame } from "./gzip-frame.ts";

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
  /** Makes it ready for other data. */
  reset(): void;
}

/** Options of {@link SynchronousGunzip}. */
export interface GunzipOptions {
  /**
   * True when the input is verified against a digest: the checksums in it are skipped, because they prove less and take
   * a tenth of the time.
   */
  readonly isProved?: boolean | undefined;
}

/**
 * Inflates gzip (all members) in the calling thread, into memory of a pool. Node's own functions that do not return
 * before they are done want all input at once, and its streams take fresh memory and a change of threads for every
 * piece.
 */
export class SynchronousGunzip implements Disposable {
  readonly #stream: Gunzip | InflateRaw;
  readonly #inflater: Inflater;
  /** Bytes of room and of input that are left after a write. */
  readonly #left: Uint32Array;
  readonly #pool: PiecePool;
  /** Where the checksums are passed over, the frame and what is expected next. */
  readonly #frame: GzipFrame | undefined;
  #next: "header" | "data" | "trailer" | "member" = "header";
  /** Bytes of the member that came out. */
  #out = 0;
  #piece: Buffer | undefined;
  #filled = 0;
  #ended = false;

  /** Undefined where this Node lacks what it needs. */
  static over(pool: PiecePool, { isProved = false }: GunzipOptions = {}): SynchronousGunzip | undefined {
    const stream = isProved ? createInflateRaw() : createGunzip();
    const { _handle: inflater, _writeState: left } = stream as unknown as Record<string, unknown>;
    if (isInflater(inflater) && left instanceof Uint32Array && left.length >= 2) {
      return new SynchronousGunzip(stream, { inflater, left, pool, frame: isProved ? new GzipFrame() : undefined });
    }
    stream.destroy();
    return undefined;
  }

  private constructor(stream: Gunzip | InflateRaw, { inflater, left, pool, frame }: Parts) {
    this.#stream = stream;
    this.#frame = frame;
    this.#inflater = inflater;
    this.#left = left;
    this.#pool = pool;
    // What fails is thrown by the call that it fails in.
    stream.on("error", () => undefined);
  }

  /**
   * What comes out of the next bytes, in pieces of the pool's size; whoever gets one gives it back. The rest waits for
   * more input. Bytes behind the last member are passed over. Error: that of zlib when the bytes are damaged.
   */
  *inflate(input: Uint8Array): Generator<Buffer> {
    if (this.#frame) yield* this.#throughFrame(input, this.#frame);
    else yield* this.#write(constants.Z_NO_FLUSH, input);
  }

  /** Output at the end of the input, except the {@link rest}. Error: that of zlib when the data is cut off. */
  *end(): Generator<Buffer> {
    if (!this.#frame) yield* this.#write(constants.Z_FINISH, none);
    else if (!this.#ended && this.#next !== "member") throw new Error("unexpected end of file");
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

  *#throughFrame(input: Uint8Array, frame: GzipFrame): Generator<Buffer> {
    let rest = input;
    while (rest.length > 0 && !this.#ended) {
      if (this.#next === "data") {
        const left = yield* this.#write(constants.Z_NO_FLUSH, rest);
        if (left === 0) return;
        this.#next = "trailer";
        rest = rest.subarray(rest.length - left);
      }
      // As zlib's own reader has it: zeros behind a member are filling, anything else is the next one.
      if (this.#next === "member" && rest[0] === 0) this.#ended = true;
      else if (this.#next === "trailer") rest = this.#take(frame.trailer(rest, this.#out), rest, "member");
      else {
        if (this.#next === "member") this.#inflater.reset();
        this.#next = "header";
        this.#out = 0;
        rest = this.#take(frame.header(rest), rest, "data");
      }
    }
  }

  /**
   * The input that is left after a part of the frame took `taken` bytes; the part continues in the next input when that
   * is undefined.
   */
  #take(taken: number | undefined, bytes: Uint8Array, next: "data" | "member"): Uint8Array {
    if (taken === undefined) return none;
    this.#next = next;
    return bytes.subarray(taken);
  }

  /** Gives how much of the input is behind the end of the data. */
  *#write(flush: number, input: Uint8Array): Generator<Buffer, number> {
    for (let at = 0; !this.#ended; ) {
      this.#piece ??= this.#pool.take();
      const room = this.#piece.length - this.#filled;
      this.#inflater.writeSync(flush, input, at, input.length - at, this.#piece, this.#filled, room);
      if (this.#stream.errored) throw this.#stream.errored;
      const [roomLeft = 0, inputLeft = 0] = this.#left;
      this.#filled += room - roomLeft;
      this.#out += room - roomLeft;
      at = input.length - inputLeft;
      if (roomLeft > 0) {
        if (!this.#frame) this.#ended = inputLeft > 0;
        return inputLeft;
      }
      const full = this.#piece;
      this.#piece = undefined;
      this.#filled = 0;
      yield full;
    }
    return 0;
  }
}

interface Parts {
  readonly inflater: Inflater;
  readonly left: Uint32Array;
  readonly pool: PiecePool;
  readonly frame: GzipFrame | undefined;
}

const none = new Uint8Array(0);

function isInflater(value: unknown): value is Inflater {
  return (
    typeof value === "object" &&
    value !== null &&
    "writeSync" in value &&
    typeof value.writeSync === "function" &&
    "reset" in value &&
    typeof value.reset === "function"
  );
}

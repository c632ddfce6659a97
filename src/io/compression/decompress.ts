import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress, zstdDecompressSync } from "node:zlib";
import { PlimsollError } from "../../model/error.ts";
import type { ImageBudget } from "../../model/images/image-budget.ts";
import { freeBuffer } from "../bytes/free-buffer.ts";
import type { PiecePool } from "../bytes/piece-pool.ts";
import { refuseCancelled } from "../refuse-cancelled.ts";
import { SynchronousGunzip } from "./synchronous-gunzip.ts";
import { largestBlock, zstdFrameExtent } from "./zstd-frame.ts";

/** How bytes are compressed, told by their first bytes and by nothing else. */
export type Compression = "gzip" | "zstd" | "none";

/** How many first bytes {@link compressionOf} needs. */
export const magicSize = 4;

/** The bytes that zlib hands over at once: the speed of inflating depends on it. */
const pieceSize: number = 1024 * 1024;

/** Limits on what may come out. */
export interface DecompressOptions {
  readonly signal: AbortSignal;
  /** The most bytes that may come out. */
  readonly limit: number;
  /** True to accept any ratio between what goes in and what comes out. */
  readonly anyRatio?: boolean;
  /** Counts what goes in and comes out together with other data. */
  readonly budget?: ImageBudget | undefined;
  /** True when no other code holds the input pieces: pieces of gzip are given back as soon as they are inflated. */
  readonly ownsInput?: boolean;
  /**
   * Set to inflate gzip in the calling thread, into memory of this pool. Whoever gets a piece gives it to the pool,
   * whatever it is of.
   */
  readonly pool?: PiecePool | undefined;
  /** True when the caller verifies the input against a digest: the checksums in the input are then not verified. */
  readonly isProved?: boolean | undefined;
}

/** A stream that swells more than this, once {@link ratioFrom} bytes came out, is taken for an attack. */
const largestRatio = 300;
const ratioFrom: number = 1024 * 1024 * 1024;

/**
 * Frames of at most so many blocks that are in memory as a whole are decoded in one call; a stream for each costs far
 * more.
 */
const blocksAtOnce = 8;
/** So many bytes come out before a budget is asked again. */
const countedAtOnce: number = 1024 * 1024;
/** The most frames that Zstandard data may have: `zstd:chunked` layers have one for each file. */
const mostFrames = 1_000_000;

/** What the first bytes say. Zstandard may begin with a skippable frame. */
export function compressionOf(head: Uint8Array): Compression {
  const [a, b, c, d] = head;
  if (a === 0x1f && b === 0x8b) return "gzip";
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return "zstd";
  if (a !== undefined && (a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18) return "zstd";
  return "none";
}

/**
 * Inflates gzip (all members) and Zstandard (all frames) and hands on anything else as it is. A consumer that stops
 * early ends the input too.
 *
 * Errors: `archive-malformed` when the bytes are damaged or cut off, `limit-exceeded`, `cancelled`.
 */
export async function* decompress(input: AsyncIterable<Buffer>, options: DecompressOptions): AsyncGenerator<Buffer> {
  const counted = new CountedInput(input);
  await counted.fill(magicSize);
  const compression = compressionOf(counted.peek());
  let out = 0;
  let reported = { in: 0, out: 0 };
  const count = (): void => {
    options.budget?.addBytes(counted.passed - reported.in, out - reported.out, options);
    reported = { in: counted.passed, out };
  };
  const pieces =
    compression === "gzip" ? gunzip(counted, options) : compression === "zstd" ? unzstd(counted) : counted.rest();
  for await (const piece of pieces) {
    out += piece.length;
    if (out > options.limit) {
      throw new PlimsollError("limit-exceeded", `the decompressed data is larger than ${options.limit} bytes`, {
        hint: "Raise --max-layer-size if the image is trusted.",
      });
    }
    if (!options.anyRatio && out > ratioFrom && out > counted.passed * largestRatio) {
      throw new PlimsollError(
        "limit-exceeded",
        `the decompressed data is more than ${largestRatio} times larger than the compressed data: possible decompression bomb`,
        { hint: "Set --max-layer-size if the image is trusted." },
      );
    }
    if (out - reported.out >= countedAtOnce) count();
    yield piece;
    refuseCancelled(options.signal);
  }
  count();
}

const none = Buffer.alloc(0);

/** Input with a count of what was taken from it, and with bytes given back. */
class CountedInput {
  passed = 0;
  readonly #iterator: AsyncIterator<Buffer>;
  #held: Buffer = none;

  constructor(input: AsyncIterable<Buffer>) {
    this.#iterator = input[Symbol.asyncIterator]();
  }

  /** Holds at least `size` bytes if there are so many. */
  async fill(size: number): Promise<void> {
    while (this.#held.length < size) {
      const next = await this.#iterator.next();
      if (next.done) return;
      this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
    }
  }

  /** The held bytes, which stay held. */
  peek(): Buffer {
    return this.#held;
  }

  /** The next bytes, undefined at the end. */
  async take(): Promise<Buffer | undefined> {
    await this.fill(1);
    const piece = this.#held;
    this.#held = none;
    this.passed += piece.length;
    return piece.length === 0 ? undefined : piece;
  }

  /** Takes the first `count` of the held bytes. */
  pass(count: number): void {
    this.passed += count;
    this.#held = this.#held.subarray(count);
  }

  /** Puts the last bytes of what was taken back. */
  giveBack(bytes: Buffer): void {
    this.passed -= bytes.length;
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([bytes, this.#held]);
  }

  async *rest(): AsyncGenerator<Buffer> {
    try {
      for (let piece = await this.take(); piece; piece = await this.take()) yield piece;
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}

async function* gunzip(
  input: CountedInput,
  { ownsInput = false, pool, isProved }: Pick<DecompressOptions, "ownsInput" | "pool" | "isProved">,
): AsyncGenerator<Buffer> {
  using inflater = pool && SynchronousGunzip.over(pool, { isProved });
  if (inflater) {
    yield* gunzipHere(input, inflater, ownsInput);
    return;
  }
  const stream = createGunzip({ chunkSize: pieceSize });
  const feeding = handled(feed(input, stream, ownsInput));
  try {
    for await (const piece of stream) yield piece as Buffer;
    await feeding;
  } catch (cause) {
    throw damaged("gzip", cause);
  } finally {
    stream.destroy();
    await feeding.catch(() => undefined);
    await input.close();
  }
}

async function* gunzipHere(
  input: CountedInput,
  inflater: SynchronousGunzip,
  ownsInput: boolean,
): AsyncGenerator<Buffer> {
  let failure: { readonly cause: unknown } | undefined;
  try {
    for (let piece = await input.take(); piece; piece = await input.take()) {
      yield* inflater.inflate(piece);
      if (ownsInput) freeBuffer(piece);
    }
    yield* inflater.end();
  } catch (cause) {
    failure = { cause };
  } finally {
    await input.close();
  }
  const rest = inflater.rest();
  if (rest) yield rest;
  if (failure) throw damaged("gzip", failure.cause);
}

/** Writes the input piece by piece; the next piece is fetched while the stream works on one. */
async function feed(input: CountedInput, stream: Gunzip, ownsInput: boolean): Promise<void> {
  const over = endOf(stream);
  try {
    let next = input.take();
    for (;;) {
      const piece = await next;
      if (!piece || stream.destroyed) break;
      const written = new Promise<boolean>((resolve) => stream.write(piece, (error) => resolve(!error)));
      next = handled(input.take());
      const taken = await Promise.race([written, over.then(() => false)]);
      if (taken && ownsInput) freeBuffer(piece);
    }
    if (!stream.destroyed) stream.end();
  } catch (cause) {
    stream.destroy(cause instanceof Error ? cause : new Error(String(cause)));
    throw cause;
  }
}

/** Resolves when the stream has ended, failed or been destroyed: from then on it may never answer a write. */
function endOf(stream: Gunzip | ZstdDecompress): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["end", "close", "error"]) stream.once(event, () => resolve());
  });
}

/** The same promise, whose failure may be looked at later. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/**
 * Zstandard frame by frame (RFC 8878 section 3.1): Node's decoder stops silently at the end of the first frame and
 * yields nothing for a skippable one, so frames are found here and each gets its own decoder.
 */
async function* unzstd(input: CountedInput): AsyncGenerator<Buffer> {
  try {
    for (let frames = 0; frames < mostFrames; frames++) {
      await input.fill(8);
      const head = input.peek();
      if (head.length === 0) return;
      if (compressionOf(head) !== "zstd" || head.length < 8) throw new Error("the trailing data is not a zstd frame");
      const extent = head[0] === 0x28 ? zstdFrameExtent(head, blocksAtOnce) : undefined;
      if (extent) {
        const piece = zstdDecompressSync(head.subarray(0, extent.size), {
          maxOutputLength: blocksAtOnce * largestBlock,
        });
        input.pass(extent.size);
        if (piece.length > 0) yield piece;
      } else if (head[0] === 0x28) yield* unzstdFrame(input);
      else await skipBytes(input, 8 + head.readUInt32LE(4));
    }
    throw new PlimsollError("limit-exceeded", `the zstd data has more than ${mostFrames} frames`);
  } catch (cause) {
    throw damaged("zstd", cause);
  } finally {
    await input.close();
  }
}

async function skipBytes(input: CountedInput, count: number): Promise<void> {
  let left = count;
  while (left > 0) {
    const piece = await input.take();
    if (!piece) throw new Error("a skippable frame is truncated");
    if (piece.length > left) input.giveBack(piece.subarray(left));
    left -= Math.min(left, piece.length);
  }
}

async function* unzstdFrame(input: CountedInput): AsyncGenerator<Buffer> {
  const stream = createZstdDecompress({ chunkSize: pieceSize });
  const feeding = handled(feedFrame(input, stream));
  try {
    for await (const piece of stream) yield piece as Buffer;
    await feeding;
  } finally {
    stream.destroy();
    await feeding.catch(() => undefined);
  }
}

/** Feeds one piece at a time, so that what lies behind the end of the frame can be given back. */
async function feedFrame(input: CountedInput, stream: ZstdDecompress): Promise<void> {
  let given = 0;
  let ended = false;
  stream.once("end", () => {
    ended = true;
  });
  const over = endOf(stream);
  for (;;) {
    const piece = await input.take().catch((cause: unknown) => {
      stream.destroy(cause instanceof Error ? cause : new Error(String(cause)));
      throw cause;
    });
    if (!piece) {
      if (!ended && !stream.destroyed) stream.end();
      return;
    }
    given += piece.length;
    const written = new Promise<void>((resolve) => stream.write(piece, () => resolve()));
    await Promise.race([written, over]);
    const unused = given - stream.bytesWritten;
    if (ended || unused > 0) {
      if (unused > 0) input.giveBack(piece.subarray(piece.length - unused));
      if (!ended && !stream.destroyed) stream.end();
      return;
    }
    if (stream.destroyed) return;
  }
}

function damaged(name: string, cause: unknown): unknown {
  if (cause instanceof PlimsollError) return cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const words = cause instanceof Error ? cause.message : String(cause);
  if (code === "ZSTD_error_frameParameter_windowTooLarge") {
    return new PlimsollError("limit-exceeded", "the zstd data requires a window larger than the limit of 128 MiB", {
      cause,
    });
  }
  const reason = code === "Z_BUF_ERROR" ? "it is cut off" : words;
  return new PlimsollError("archive-malformed", `the ${name} data is damaged: ${reason}`, {
    cause,
    hint: "Copy or save the image again.",
  });
}

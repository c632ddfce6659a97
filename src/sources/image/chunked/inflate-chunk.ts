import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  constants,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  type ZlibOptions,
  type ZstdOptions,
  zstdDecompressSync,
} from "node:zlib";
import { PlimsollError } from "../../../model/error.ts";
import type { Chunk, TableOfContents } from "./table-of-contents.ts";

/** Chunks of at most so many bytes are inflated in one call; a stream for each costs more. */
const atOnce: number = 256 * 1024;
/** What may follow a chunk, most often a header or a few, before a stream is needed to stop in time. */
const room: number = 64 * 1024;
const pieceSize: number = 1024 * 1024;
const zeros: Buffer = Buffer.alloc(64 * 1024);

type Compression = TableOfContents["compression"];

/** What a member of gzip takes before its first bytes come out: its header and a code, most often 300 bytes. */
const gzipStart: number = 4 * 1024;
/** A block of Zstandard, which comes out as a whole, and the headers before it. */
const zstdStart: number = 129 * 1024;

/** How many of the stored bytes of a chunk are enough to {@link peekChunk} as a rule. */
export function peekSize({ skip }: Chunk, compression: Compression): number {
  // What does not compress is stored with a few bytes for each block.
  return (compression === "gzip" ? gzipStart : zstdStart) + Math.ceil(skip * 1.001);
}

/**
 * The first bytes of a chunk out of the beginning of what is stored, at most `length`: fewer when they do not come out
 * of that. They are not proved. Error: `digest-mismatch` for what cannot be inflated.
 */
export async function* peekChunk(
  beginning: Buffer,
  chunk: Chunk & { readonly length: number },
  compression: Compression,
): AsyncGenerator<Buffer> {
  const wanted = { skip: chunk.skip, size: chunk.length };
  try {
    yield* cut(inflate(beginning, { ...wanted, isCut: true }, compression), wanted);
  } catch (cause) {
    throw mismatch(chunk, { reason: "it cannot be inflated", cause });
  }
}

/**
 * The bytes of a chunk, in pieces. `stored` is what the layer holds from `from` to `to`. The digest is proved after the
 * last piece. Nothing beyond the chunk is inflated but what comes with its last piece. Error: `digest-mismatch`, also
 * for what cannot be inflated.
 */
export async function* inflateChunk(stored: Buffer, chunk: Chunk, compression: Compression): AsyncGenerator<Buffer> {
  if (chunk.digest === undefined) {
    yield* zeroPieces(chunk.size);
    return;
  }
  const hash = createHash("sha256");
  let size = 0;
  try {
    for await (const piece of cut(inflate(stored, chunk, compression), chunk)) {
      hash.update(piece);
      size += piece.length;
      yield piece;
    }
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw mismatch(chunk, { reason: "it cannot be inflated", cause });
  }
  if (size < chunk.size) throw mismatch(chunk, { reason: `it unpacks to ${size} bytes instead of ${chunk.size}` });
  const actual = `sha256:${hash.digest("hex")}`;
  if (actual !== chunk.digest) throw mismatch(chunk, { reason: `it has the digest ${actual}` });
}

/** Bytes among those that are inflated. */
interface Part extends Pick<Chunk, "skip" | "size"> {
  /** True where only the beginning of the stored bytes is available, so that their end is not an error. */
  readonly isCut?: true;
}

/** At least the part and what comes before it, if it is there. */
async function* inflate(stored: Buffer, { skip, size, isCut }: Part, compression: Compression): AsyncGenerator<Buffer> {
  const flush = compression === "gzip" ? constants.Z_SYNC_FLUSH : constants.ZSTD_e_flush;
  const ending = isCut ? { finishFlush: flush } : {};
  const limit = skip + size + room;
  if (skip + size <= atOnce) {
    try {
      const options = { maxOutputLength: limit, ...ending };
      yield compression === "gzip" ? gunzipSync(stored, options) : zstdDecompressSync(stored, options);
      return;
    } catch (cause) {
      if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE")) throw cause;
    }
  }
  const chunkSize = Math.min(pieceSize, Math.max(room, skip + size));
  const options: ZlibOptions & ZstdOptions = { chunkSize, ...ending };
  const stream = compression === "gzip" ? createGunzip(options) : createZstdDecompress(options);
  const source = Readable.from([stored], { objectMode: false });
  source.pipe(stream);
  try {
    for await (const piece of stream) yield piece as Buffer;
  } finally {
    source.destroy();
    stream.destroy();
  }
}

/** The bytes from `skip` on, `size` of them; ends as soon as they are there. */
async function* cut(pieces: AsyncIterable<Buffer>, { skip, size }: Part): AsyncGenerator<Buffer> {
  let before = skip;
  let left = size;
  for await (const piece of pieces) {
    const wanted = piece.subarray(Math.min(before, piece.length)).subarray(0, left);
    before -= Math.min(before, piece.length);
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
    if (left === 0) return;
  }
}

function* zeroPieces(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
}

function mismatch(
  { digest, from }: Chunk,
  { reason, cause }: { readonly reason: string; readonly cause?: unknown },
): PlimsollError {
  return new PlimsollError("digest-mismatch", `the chunk at byte ${from} should have the digest ${digest}: ${reason}`, {
    hint: "The image was damaged or changed: fetch or build it again.",
    cause,
  });
}

import { createGunzip, type Gunzip } from "node:zlib";
import { CaptureDamage } from "./capture-damage.ts";

/** What goes into the decoder at once: damage costs at most what one such piece holds. */
const pieceSize: number = 16 * 1024;
const chunkSize: number = 256 * 1024;

/**
 * The bytes of a capture, inflated when they are gzip (all members), else as they are. Other than `io/decompress` it
 * hands out all that lies before the damage. Inflating runs beside the consumer, one piece ahead.
 *
 * Error: {@link CaptureDamage} when the gzip data is damaged or cut off.
 */
export async function* inflateCapture(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = input[Symbol.asyncIterator]();
  try {
    const first = await head(iterator);
    if (first[0] === 0x1f && first[1] === 0x8b) yield* inflate(first, iterator);
    else {
      yield first;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** At least the two bytes that tell gzip, if there are so many. */
async function head(iterator: AsyncIterator<Buffer>): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  while (bytes.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    bytes = bytes.length === 0 ? next.value : Buffer.concat([bytes, next.value]);
  }
  return bytes;
}

async function* inflate(first: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize });
  const ready: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => ready.push(chunk));
  const ended = new Promise<Error | undefined>((resolve) => {
    stream.once("end", () => resolve(undefined));
    stream.once("error", resolve);
  });
  try {
    let failure: Error | undefined;
    for (let piece: Buffer | undefined = first; piece && !failure; piece = await nextOf(iterator)) {
      for (let at = 0; at < piece.length && !failure; at += pieceSize) {
        const written = write(stream, piece.subarray(at, at + pieceSize), ended);
        yield* ready.splice(0);
        failure = await written;
      }
    }
    if (!failure) {
      stream.end();
      failure = await ended;
    }
    yield* ready.splice(0);
    if (failure) throw damage(failure);
  } finally {
    stream.destroy();
  }
}

async function nextOf(iterator: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  const next = await iterator.next();
  return next.done ? undefined : next.value;
}

/** Resolves when the piece is inflated, or with what went wrong. */
function write(stream: Gunzip, piece: Buffer, ended: Promise<Error | undefined>): Promise<Error | undefined> {
  const written = new Promise<Error | undefined>((resolve) => {
    stream.write(piece, (error) => resolve(error ?? undefined));
  });
  // After the end of the last member the stream takes no more, and may not answer either.
  return Promise.race([written, ended]);
}

function damage(failure: Error): CaptureDamage {
  const isCutOff = "code" in failure && failure.code === "Z_BUF_ERROR";
  return new CaptureDamage(isCutOff ? "the gzip data is cut off" : `the gzip data is damaged (${failure.message})`);
}

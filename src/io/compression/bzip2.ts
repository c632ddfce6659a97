import { PlimsollError } from "../../model/error.ts";
import { Bzip2Bits, Bzip2Damaged } from "./bzip2-bits.ts";
import { Bzip2Block } from "./bzip2-block.ts";

// The format, bits from the highest to the lowest:
//
//   stream   "BZh", a digit 1 to 9 (block size in units of 100,000 bytes), blocks, end; streams may follow each other
//   block    magic 0x314159265359 (48 bits), CRC (32), then see bzip2-block.ts
//   end      magic 0x177245385090 (48 bits), CRC over the CRCs of the blocks (32), zero bits up to a whole byte
//
// No official specification exists; the facts are those of bzip2 1.0.8 and of the description by Joe Tsai, "bzip2:
// Format Specification" (2016).

/** The most that one block takes when compressed: 900,001 symbols of 20 bits, and its tables. */
const largestBlock: number = 2_600_000;
/** Number of bytes collected at a time, so that leftover bytes are seldom copied. */
const collected: number = 2 * largestBlock;

/** Limits on what may come out. */
export interface Bzip2Options {
  readonly signal: AbortSignal;
  /** The most bytes that may come out. */
  readonly limit: number;
}

/** True when bytes begin as bzip2 data does. */
export function isBzip2(head: Uint8Array): boolean {
  const [a, b, c, level = 0] = head;
  return a === 0x42 && b === 0x5a && c === 0x68 && level >= 0x31 && level <= 0x39;
}

/**
 * Decompresses bzip2 data (all streams) block by block, at most 10 MB of it in memory. The checksums are verified. A
 * consumer that stops early ends the input too.
 *
 * Errors: `archive-malformed` when the bytes are damaged or cut off, `limit-exceeded`, `cancelled`.
 */
export async function* decompressBzip2(
  input: AsyncIterable<Uint8Array>,
  { signal, limit }: Bzip2Options,
): AsyncGenerator<Buffer> {
  const iterator = input[Symbol.asyncIterator]();
  const bits = new Bzip2Bits();
  const block = new Bzip2Block();
  let ended = false;
  let out = 0;
  async function fill(): Promise<void> {
    if (ended || bits.left >= largestBlock) return;
    const pieces: Uint8Array[] = [];
    for (let size = bits.left; size < collected; ) {
      const next = await iterator.next();
      if (next.done) {
        ended = true;
        break;
      }
      pieces.push(next.value);
      size += next.value.length;
    }
    bits.append(pieces);
  }
  try {
    await fill();
    do {
      const size = readHeader(bits);
      let check = 0;
      for (;;) {
        await fill();
        if (signal.aborted) throw new PlimsollError("cancelled", "reading bzip2 data was cancelled");
        const magic = bits.read(24) * 0x1000000 + bits.read(24);
        const expected = bits.word();
        if (magic === 0x177245385090) {
          if (expected !== check) throw new Bzip2Damaged("checksum mismatch");
          break;
        }
        if (magic !== 0x314159265359) throw new Bzip2Damaged("a block header is missing");
        for (const piece of block.decode(bits, size)) {
          out += piece.length;
          if (out > limit) {
            throw new PlimsollError("limit-exceeded", `the decompressed data is larger than ${limit} bytes`);
          }
          yield piece;
        }
        if (block.checksum !== expected) throw new Bzip2Damaged("checksum mismatch in a block");
        check = ((check << 1) | (check >>> 31)) ^ expected;
        check >>>= 0;
      }
      bits.alignToByte();
      await fill();
    } while (bits.left > 0);
  } catch (cause) {
    if (!(cause instanceof Bzip2Damaged)) throw cause;
    throw new PlimsollError("archive-malformed", `the bzip2 data is damaged: ${cause.message}`, { cause });
  } finally {
    await iterator.return?.();
  }
}

function readHeader(bits: Bzip2Bits): number {
  if (bits.read(24) !== 0x425a68) throw new Bzip2Damaged("the trailing data is not a bzip2 stream");
  const level = bits.read(8) - 0x30;
  if (level < 1 || level > 9) throw new Bzip2Damaged("its block size is invalid");
  return level * 100_000;
}

import { ReadableStream } from "node:stream/web";
import xz from "xz-decompress";
import { PlimsollError } from "../../model/error.ts";

/** How to inflate xz. */
export interface XzOptions {
  readonly signal: AbortSignal;
  /** The most bytes that may come out. */
  readonly limit: number;
}

const magic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

/** True when bytes, six of them at least, begin as xz data does. */
export function isXz(head: Uint8Array): boolean {
  return head.length >= magic.length && magic.equals(head.subarray(0, magic.length));
}

/**
 * Inflates xz (all streams), checking CRCs, in pieces of memory of their own. Only one input is inflated at a time: a
 * second one waits for the end of the first, so never read two in turns. A consumer that stops early ends the input
 * too.
 *
 * Errors: `archive-malformed` when the bytes are damaged or cut off, `limit-exceeded`, `cancelled`.
 *
 * Source: "The .xz File Format" 1.2.1.
 */
export async function* inflateXz(input: AsyncIterable<Buffer>, { signal, limit }: XzOptions): AsyncGenerator<Buffer> {
  let out = 0;
  try {
    for await (const piece of new xz.XzReadableStream(ReadableStream.from(input))) {
      if (signal.aborted) throw new PlimsollError("cancelled", "inflating xz was cancelled");
      out += piece.length;
      if (out > limit) {
        throw new PlimsollError("limit-exceeded", `the decompressed xz data is larger than ${limit} bytes`);
      }
      if (piece.length > 0) yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    }
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw new PlimsollError("archive-malformed", "the xz data is damaged or truncated", {
      hint: "Fetch it again.",
      cause,
    });
  }
}

import { gunzipSync, constants as zlib } from "node:zlib";
import type { FileRange } from "../../io/bytes/read-range.ts";
import { compressionOf } from "../../io/compression/decompress.ts";
import { blockSize, hasRightChecksum } from "../../io/tar/header.ts";

/** Number of compressed bytes that are examined; a thousand times as many may come out. */
const mostStored = 1024;
const mostInflated: number = 4 * 1024 * 1024;

/**
 * True for what is text as far as its first block shows, inflated too: no tar is, and nothing that is unpacked to one.
 */
export function beginsAsText({ file, offset, size }: FileRange): boolean {
  const head = file.read(offset, Math.min(mostStored, size));
  if (compressionOf(head) !== "gzip") return isText(head.subarray(0, blockSize));
  const inflated = inflate(head, head.length === size);
  return inflated !== undefined && isText(inflated.subarray(0, blockSize));
}

/** Undefined for what is damaged, and for a beginning that does not fill a block. */
function inflate(bytes: Buffer, isWhole: boolean): Buffer | undefined {
  const options = { maxOutputLength: mostInflated, ...(!isWhole && { finishFlush: zlib.Z_SYNC_FLUSH }) };
  try {
    const inflated = gunzipSync(bytes, options);
    return isWhole || inflated.length >= blockSize ? inflated : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the content is text; empty content counts as text. */
function isText(head: Buffer): boolean {
  if (head.length === blockSize && hasRightChecksum(head, 0)) return false;
  return head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

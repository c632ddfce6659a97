/**
 * The extent of a Zstandard frame, without decoding it.
 *
 * ``` frame: magic (4) | descriptor (1) | window (0..1) | dictionary id (0,1,2,4) | content size (0,1,2,4,8) | blocks |
 * checksum (0,4) block: 3 bytes little-endian: last (1 bit), type (2 bits: raw, run, compressed, reserved), size (21
 * bits) | content
 * ```
 *
 * A run block stores one byte whatever its size says. Source: RFC 8878, sections 3.1.1 and 3.1.1.2.
 */
export interface ZstdFrameExtent {
  /** Bytes of the whole frame. */
  readonly size: number;
  /** How many blocks it has; each holds at most {@link largestBlock} bytes of content. */
  readonly blocks: number;
}

/** The most content that one block holds: 128 KiB. */
export const largestBlock: number = 128 * 1024;

/**
 * The extent of the frame at the start of `bytes`; undefined when its end is not in `bytes`, when it has more than
 * `mostBlocks` blocks, or when a block has the reserved type.
 */
export function zstdFrameExtent(bytes: Buffer, mostBlocks: number): ZstdFrameExtent | undefined {
  const descriptor = bytes[4] ?? 0;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let at = 5 + (isSingleSegment ? 0 : 1) + dictionary + contentSize;
  for (let blocks = 1; blocks <= mostBlocks; blocks++) {
    if (at + 3 > bytes.length) return undefined;
    const header = bytes.readUIntLE(at, 3);
    const type = (header >> 1) & 3;
    if (type === 3) return undefined;
    at += 3 + (type === 1 ? 1 : header >> 3);
    if ((header & 1) === 0) continue;
    const size = at + ((descriptor & 4) !== 0 ? 4 : 0);
    return size <= bytes.length ? { size, blocks } : undefined;
  }
  return undefined;
}

import { decodeName } from "./text.ts";

/**
 * One 512-byte tar header block.
 *
 * ```
 * offset size field            offset size field
 *      0  100 name                 156    1 typeflag
 *    100    8 mode (octal)         157  100 linkname
 *    124   12 size (octal or       257    6 magic: "ustar\0" or "ustar "
 *             base-256)            345  155 prefix (ustar only)
 *    148    8 checksum             482    1 GNU sparse: an extension block follows
 * ```
 *
 * Source: POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
 */
export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  /** Bytes that follow the header, before padding. */
  readonly size: number;
  readonly type: number;
  readonly linkName: string;
  /** GNU sparse files (typeflag `S`): at least one extension block follows the header. */
  readonly sparseExtension: boolean;
}

/** The size of a tar block. */
export const blockSize = 512;

const nameEnd = 100;
const linkNameStart = 157;
const prefixStart = 345;
const prefixEnd = 500;

/** True when the block at `at` holds only zeros. */
export function isZeroBlock(bytes: Buffer, at: number): boolean {
  for (let index = at; index < at + blockSize; index++) if (bytes[index] !== 0) return false;
  return true;
}

/** Reads the header block at `at`; undefined when its checksum or a number in it is wrong. */
export function readHeader(bytes: Buffer, at: number): TarHeader | undefined {
  if (!hasRightChecksum(bytes, at)) return undefined;
  const size = readNumber(bytes, at + 124, 12);
  const mode = readNumber(bytes, at + 100, 8);
  if (size === undefined || mode === undefined) return undefined;
  const type = bytes[at + 156] ?? 0;
  const gnu = bytes[at + 262] === 0x20;
  const ustar = !gnu && bytes[at + 257] === 0x75 && bytes[at + 261] === 0x72;
  const name = readText(bytes, at, at + nameEnd);
  const prefix = ustar ? readText(bytes, at + prefixStart, at + prefixEnd) : "";
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: mode & 0o7777,
    size,
    type,
    linkName: bytes[at + linkNameStart] === 0 ? "" : readText(bytes, at + linkNameStart, at + 257),
    sparseExtension: type === 0x53 && bytes[at + 482] === 1,
  };
}

/** Text up to the first NUL or `end`, decoded as {@link decodeName} does. */
export function readText(bytes: Buffer, start: number, end: number): string {
  let stop = start;
  let ascii = true;
  for (; stop < end; stop++) {
    const byte = bytes[stop] ?? 0;
    if (byte === 0) break;
    if (byte > 0x7f) ascii = false;
  }
  return ascii ? bytes.toString("latin1", start, stop) : decodeName(bytes.subarray(start, stop));
}

/** True when the block at `at` says its own sum: whatever else is wrong with it, it is a header. */
export function hasRightChecksum(bytes: Buffer, at: number): boolean {
  const expected = readNumber(bytes, at + 148, 8);
  if (expected === undefined) return false;
  const end = at + blockSize;
  let unsigned = 8 * 0x20 + sumOfBlock(bytes, at);
  for (let index = at + 148; index < at + 156; index++) unsigned -= bytes[index] ?? 0;
  if (unsigned === expected) return true;
  // Some old writers summed signed bytes.
  let negative = 0;
  for (let index = at; index < end; index++) {
    if ((bytes[index] ?? 0) > 0x7f && (index < at + 148 || index >= at + 156)) negative++;
  }
  return unsigned - 256 * negative === expected;
}

/** The sum of the bytes of a block, two in one addition: half a word is wide enough for 128 of them. */
function sumOfBlock(bytes: Buffer, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, blockSize);
  let even = 0;
  let odd = 0;
  for (let index = 0; index < blockSize; index += 4) {
    const word = view.getInt32(index, true);
    even += word & 0xff00ff;
    odd += (word >>> 8) & 0xff00ff;
  }
  return (even & 0xffff) + (even >>> 16) + (odd & 0xffff) + (odd >>> 16);
}

/**
 * An octal or base-256 number; undefined when it is neither, is negative, or is beyond 2^53. Empty means 0. Spaces and
 * NULs before an octal number are skipped, as Go's reader does, which unpacks images: another reading would see other
 * files than a container.
 */
function readNumber(bytes: Buffer, start: number, length: number): number | undefined {
  const first = bytes[start] ?? 0;
  if (first >= 0x80) return readBase256(bytes, start, length);
  let index = start;
  const end = start + length;
  while (index < end && (bytes[index] === 0x20 || bytes[index] === 0)) index++;
  let value = 0;
  for (; index < end; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === 0 || byte === 0x20) break;
    if (byte < 0x30 || byte > 0x37) return undefined;
    value = value * 8 + byte - 0x30;
  }
  return value;
}

function readBase256(bytes: Buffer, start: number, length: number): number | undefined {
  const first = bytes[start] ?? 0;
  if (first & 0x40) return undefined;
  let value = first & 0x3f;
  for (let index = start + 1; index < start + length; index++) value = value * 256 + (bytes[index] ?? 0);
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

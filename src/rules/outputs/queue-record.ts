import { crc32 } from "node:zlib";
import { longestLine } from "./alert-queue.ts";

// A record is a marker, the length of the line and the CRC-32 of that length and the line, both little-endian, then the
// line in UTF-8. The marker begins with a byte that UTF-8 never has, so no line can hold a record.
const marker = Buffer.from([0xff, 0x50, 0x4c, 0x51]);
const lengthAt = 4;
const checksumAt = 8;
const bodyAt = 12;

/** The bytes in front of a line in a segment. */
export const recordOverhead: number = bodyAt;

/** A line as a record. */
export function queueRecord(line: string): Buffer {
  const length = Buffer.byteLength(line);
  const record = Buffer.allocUnsafe(bodyAt + length);
  marker.copy(record);
  record.writeUInt32LE(length, lengthAt);
  record.write(line, bodyAt, "utf8");
  record.writeUInt32LE(checksumOf(record, length), checksumAt);
  return record;
}

/**
 * What stands at a place in a segment: a record with its end, damage, or too few bytes to tell, of which so many are
 * needed.
 */
export type RecordAt = { readonly line: string; readonly end: number } | { readonly needed: number } | "damaged";

/** Reads the record at `at`. */
export function recordAt(bytes: Buffer, at: number): RecordAt {
  if (bytes.length - at < bodyAt) return { needed: bodyAt };
  if (bytes.compare(marker, 0, marker.length, at, at + marker.length) !== 0) return "damaged";
  const length = bytes.readUInt32LE(at + lengthAt);
  if (length > longestLine) return "damaged";
  const end = at + bodyAt + length;
  if (bytes.length < end) return { needed: bodyAt + length };
  const record = bytes.subarray(at, end);
  if (record.readUInt32LE(checksumAt) !== checksumOf(record, length)) return "damaged";
  return { line: bytes.toString("utf8", at + bodyAt, end), end };
}

/** Where the next record could begin, from `from` on: the end of the bytes less a piece of a marker, when none can. */
export function nextMarker(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(marker, from);
  return found < 0 ? Math.max(from, bytes.length - marker.length + 1) : found;
}

function checksumOf(record: Buffer, length: number): number {
  return crc32(record.subarray(bodyAt, bodyAt + length), crc32(record.subarray(lengthAt, lengthAt + 4)));
}

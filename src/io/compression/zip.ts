import { crc32, inflateRawSync } from "node:zlib";
import { PlimsollError } from "../../model/error.ts";

// The format (PKWARE APPNOTE 6.3.10), little endian, from the end of the file backwards:
//
//   end of central directory     PK\5\6, 22 bytes + comment: 10 number of entries, 12 size and 16 offset of the
//                                directory, 20 length of the comment
//   zip64 locator (before it)    PK\6\7, 20 bytes: 8 offset of the zip64 end record
//   zip64 end record             PK\6\6, 56 bytes: 32 number of entries, 40 size and 48 offset of the directory
//   central directory            per entry PK\1\2, 46 bytes: 8 flags, 10 method, 16 CRC, 20 compressed and 24 plain
//                                size, 28 length of the name, 30 of the extra fields, 32 of the comment, 42 offset of
//                                the local header; then name, extra fields, comment
//   local header                 PK\3\4, 30 bytes: 26 length of the name, 28 of the extra fields; then name, extra
//                                fields, data
//
// A field of all ones has its value in the zip64 record, or in the extra field 1 of the entry. Bytes before the archive
// (the script of an executable jar) shift every offset; as in the Java runtime the directory is taken to end where its
// end record begins.

const endSignature = 0x06054b50;
const zip64EndSignature = 0x06064b50;
const zip64LocatorSignature = 0x07064b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const longestComment = 0xffff;
/** Bytes of the central directory that are read at a time. */
const windowSize = 256 * 1024;
/** The most that deflate can make of one byte. */
const deflateRatio = 1032;
const largestChunk = 64 * 1024 * 1024;

/** Bytes that can be read at any place, at most `length` of them, fewer at the end. An `OpenFile` is one. */
export interface ZipSource {
  /** Bytes. */
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

/** What the central directory says of one entry. Nothing in it is proven. */
export interface ZipEntry {
  /** UTF-8; Latin-1 when the name is not marked as UTF-8 and is not valid as such. Folders end in `/`. */
  readonly name: string;
  /** 0 is stored, 8 is deflate. */
  readonly method: number;
  /** General purpose flags; bit 0 marks encryption. */
  readonly flags: number;
  readonly crc: number;
  /** Bytes in the archive. */
  readonly compressedSize: number;
  /** Bytes when unpacked, as declared. */
  readonly size: number;
  /** Offset of the local header, as declared: without any data before the archive. */
  readonly offset: number;
}

/** Bounds on what a directory may hold; beyond them reading it throws `limit-exceeded`. */
export interface ZipLimits {
  /** 200,000 unless given. */
  readonly entries?: number;
  /** Bytes of one name; 4,096 unless given. */
  readonly nameLength?: number;
}

/** A ZIP archive, read in place: entries one by one from the directory, bodies on request. */
export interface ZipArchive {
  /**
   * The entries in the order of the directory, read as they are asked for and not kept.
   *
   * Errors: `file-malformed`, `limit-exceeded`; the entries before stay valid.
   */
  entries(): Generator<ZipEntry, void, undefined>;
  /**
   * The bytes of an entry, checked against its CRC; possibly a view of the source. Undefined when it is encrypted or
   * its method is neither stored nor deflate.
   *
   * Errors: `file-malformed`; `limit-exceeded` when it would be longer than `limit` bytes, whatever size it declares.
   */
  read(entry: ZipEntry, limit: number): Buffer | undefined;
  /**
   * A stored entry as bytes in place, so that an archive in an archive needs no copy; its CRC is not checked. Undefined
   * when the entry is compressed or encrypted.
   *
   * Errors: `file-malformed`.
   */
  stored(entry: ZipEntry): ZipSource | undefined;
}

/**
 * Opens a ZIP archive; `name` stands in error messages. Undefined when the bytes neither begin as an archive nor end as
 * one.
 *
 * Errors: `file-malformed` when they do one and not the other, or contradict themselves.
 *
 * Source: PKWARE APPNOTE 6.3.10, with zip64; one file only, no encryption.
 */
export function openZip(source: ZipSource, name: string, limits: ZipLimits = {}): ZipArchive | undefined {
  const directory = findDirectory(source, name);
  if (directory === undefined) {
    const start = bufferOf(source.read(0, 4));
    if (start.length < 4 || start.readUInt32LE() !== localSignature) return undefined;
    throw malformed(`${name} starts as a ZIP archive but has no end record; it is truncated or damaged`);
  }
  return {
    entries: () => readDirectory({ source, directory, name, limits }),
    read: (entry, limit) => readEntry({ source, directory, name, entry }, limit),
    stored: (entry) => {
      if (entry.method !== 0 || isEncrypted(entry)) return undefined;
      return locateBody({ source, directory, name, entry });
    },
  };
}

/** Where the central directory lies. */
interface Directory {
  readonly start: number;
  readonly end: number;
  /** At least so many entries, if the archive is whole. */
  readonly count: number;
  /** What stands before the archive: add it to every offset. */
  readonly shift: number;
}

function findDirectory(source: ZipSource, name: string): Directory | undefined {
  const tailStart = Math.max(0, source.size - 22 - longestComment);
  const tail = bufferOf(source.read(tailStart, source.size - tailStart));
  let contradiction = false;
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== endSignature) continue;
    const rest = tail.length - at - 22 - tail.readUInt16LE(at + 20);
    if (rest < 0) continue;
    const directory = readEnd(source, tail.subarray(at, at + 22), tailStart + at);
    // Bytes after the comment make it doubtful that this is the end record; an empty directory cannot dispel that.
    if (rest > 0 && directory?.start === directory?.end) continue;
    if (directory !== undefined) return directory;
    contradiction = true;
  }
  if (contradiction) throw malformed(`${name} has no central directory at the offset in its end record`);
  return undefined;
}

/** The directory that an end record at `position` names; undefined when it is not there. */
function readEnd(source: ZipSource, record: Buffer, position: number): Directory | undefined {
  let count = record.readUInt16LE(10);
  let size = record.readUInt32LE(12);
  let offset = record.readUInt32LE(16);
  let end = position;
  if (count === 0xffff || size === 0xffffffff || offset === 0xffffffff) {
    const zip64 = findZip64End(source, position);
    if (zip64 !== undefined) {
      count = toNumber(zip64.record.readBigUInt64LE(32));
      size = toNumber(zip64.record.readBigUInt64LE(40));
      offset = toNumber(zip64.record.readBigUInt64LE(48));
      end = zip64.position;
    }
  }
  // A count that the size cannot hold is a lie; 46 bytes is the shortest entry.
  if (size > end || count > size / 46) return undefined;
  const start = end - size;
  if (offset <= start && (size === 0 || hasSignature(source, start, entrySignature))) {
    return { start, end, count, shift: start - offset };
  }
  // Something stands between directory and end record, a signature for one.
  if (offset + size <= end && hasSignature(source, offset, entrySignature)) {
    return { start: offset, end: offset + size, count, shift: 0 };
  }
  return undefined;
}

function findZip64End(source: ZipSource, endPosition: number): { record: Buffer; position: number } | undefined {
  if (endPosition < 20 + 56) return undefined;
  const locator = bufferOf(source.read(endPosition - 20, 20));
  if (locator.length < 20 || locator.readUInt32LE() !== zip64LocatorSignature) return undefined;
  for (const position of [toNumber(locator.readBigUInt64LE(8)), endPosition - 20 - 56]) {
    if (position > endPosition - 20 - 56 || !hasSignature(source, position, zip64EndSignature)) continue;
    const record = bufferOf(source.read(position, 56));
    if (record.length === 56) return { record, position };
  }
  return undefined;
}

interface Reading {
  readonly source: ZipSource;
  readonly directory: Directory;
  readonly name: string;
}

function* readDirectory({
  source,
  directory,
  name,
  limits,
}: Reading & { readonly limits: ZipLimits }): Generator<ZipEntry, void, undefined> {
  const { entries: entryLimit = 200_000, nameLength: nameLimit = 4096 } = limits;
  const window = slidingWindow(source, directory.end);
  let position = directory.start;
  let count = 0;
  while (position < directory.end) {
    const head = window(position, 46);
    if (head.length < 46 || head.readUInt32LE() !== entrySignature) break;
    if (count === entryLimit) throw tooMuch(`${name} has more than ${entryLimit} entries`);
    const nameLength = head.readUInt16LE(28);
    const extraLength = head.readUInt16LE(30);
    if (nameLength > nameLimit) throw tooMuch(`${name} has an entry whose name is longer than ${nameLimit} bytes`);
    const record = window(position, 46 + nameLength + extraLength);
    if (record.length < 46 + nameLength + extraLength) break;
    yield entryOf(record, nameLength);
    position += record.length + record.readUInt16LE(32);
    count++;
  }
  // Without zip64 the count is modulo 65,536, so more entries than declared are not a fault.
  if (count < directory.count) {
    throw malformed(`${name} declares ${directory.count} entries, but its directory is damaged after ${count}`);
  }
}

/** Reads bytes before `end` in order, from a piece that is read ahead. */
function slidingWindow(source: ZipSource, end: number): (position: number, length: number) => Buffer {
  let bytes: Buffer = Buffer.alloc(0);
  let start = 0;
  return (position, length) => {
    if (position < start || position + length > start + bytes.length) {
      const wanted = Math.min(Math.max(length, windowSize), end - position);
      bytes = wanted > 0 ? bufferOf(source.read(position, wanted)) : Buffer.alloc(0);
      start = position;
    }
    return bytes.subarray(position - start, position - start + length);
  };
}

function entryOf(record: Buffer, nameLength: number): ZipEntry {
  const flags = record.readUInt16LE(8);
  let compressedSize = record.readUInt32LE(20);
  let size = record.readUInt32LE(24);
  let offset = record.readUInt32LE(42);
  if (compressedSize === 0xffffffff || size === 0xffffffff || offset === 0xffffffff) {
    const values = zip64Values(record.subarray(46 + nameLength));
    if (size === 0xffffffff) size = values.shift() ?? size;
    if (compressedSize === 0xffffffff) compressedSize = values.shift() ?? compressedSize;
    if (offset === 0xffffffff) offset = values.shift() ?? offset;
  }
  const method = record.readUInt16LE(10);
  const crc = record.readUInt32LE(16);
  return { name: nameOf(record, nameLength, flags), method, flags, crc, compressedSize, size, offset };
}

function zip64Values(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    const values: number[] = [];
    for (let value = 0; value + 8 <= field.length && value < 24; value += 8) {
      values.push(toNumber(field.readBigUInt64LE(value)));
    }
    return values;
  }
  return [];
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function nameOf(record: Buffer, length: number, flags: number): string {
  const latin1 = record.toString("latin1", 46, 46 + length);
  if (!/[\x80-\xff]/.test(latin1)) return latin1;
  const bytes = record.subarray(46, 46 + length);
  if ((flags & 0x800) !== 0) return bytes.toString("utf8");
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return latin1;
  }
}

type EntryReading = Reading & { readonly entry: ZipEntry };

function readEntry(reading: EntryReading, limit: number): Buffer | undefined {
  const { entry, name } = reading;
  if ((entry.method !== 0 && entry.method !== 8) || isEncrypted(entry)) return undefined;
  const body = locateBody(reading);
  // Deflate adds five bytes to each 64 KiB that it cannot shorten; what is longer cannot be honest.
  const longest = entry.method === 0 ? limit : limit + Math.ceil(limit / 4096) + 1024;
  if (body.size > longest) throw tooLong(reading, limit);
  const packed = bufferOf(body.read(0, body.size));
  const bytes = entry.method === 0 ? packed : inflate(packed, reading, limit);
  if (crc32(bytes) !== entry.crc) throw malformed(`${entry.name} in ${name} does not match its declared CRC`);
  return bytes;
}

function inflate(packed: Buffer, reading: EntryReading, limit: number): Buffer {
  const { entry, name } = reading;
  // One piece of the declared size spares joining; the other bounds keep a lie about it cheap.
  const chunkSize = Math.max(64, Math.min(entry.size + 16, limit + 16, packed.length * deflateRatio, largestChunk));
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, limit), chunkSize });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLong(reading, limit);
    throw malformed(`${entry.name} in ${name} cannot be decompressed`, cause);
  }
}

/** The packed bytes of an entry, in place. */
function locateBody({ source, directory, name, entry }: EntryReading): ZipSource {
  const position = entry.offset + directory.shift;
  const header = position + 30 <= source.size ? bufferOf(source.read(position, 30)) : undefined;
  if (header === undefined || header.length < 30 || header.readUInt32LE() !== localSignature) {
    throw malformed(`${entry.name} is not at its declared position in ${name}`);
  }
  const start = position + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const size = entry.compressedSize;
  if (start + size > source.size) throw malformed(`${entry.name} extends past the end of ${name}`);
  return {
    size,
    read(offset, length) {
      const wanted = Math.min(length, size - offset);
      return offset < 0 || wanted <= 0 ? new Uint8Array() : source.read(start + offset, wanted);
    },
  };
}

function isEncrypted(entry: ZipEntry): boolean {
  return (entry.flags & 0x2041) !== 0;
}

function hasSignature(source: ZipSource, position: number, signature: number): boolean {
  if (position + 4 > source.size) return false;
  const bytes = bufferOf(source.read(position, 4));
  return bytes.length === 4 && bytes.readUInt32LE() === signature;
}

/** Too large for a number is too large for any file: it fails the comparison with the file's size. */
function toNumber(value: bigint): number {
  return Number(value);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function tooLong({ entry, name }: EntryReading, limit: number): PlimsollError {
  return tooMuch(`${entry.name} in ${name} is longer than ${limit} bytes`);
}

function tooMuch(message: string): PlimsollError {
  return new PlimsollError("limit-exceeded", message);
}

function malformed(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError("file-malformed", message, cause === undefined ? {} : { cause });
}

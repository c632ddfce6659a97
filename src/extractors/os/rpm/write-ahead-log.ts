import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import type { Damage } from "../damage.ts";

// SQLite's write-ahead log: a header of 32 bytes, then frames, each a header of 24 bytes and one page of the database.
// Numbers are big-endian.
//
//   header   0 magic, its lowest bit tells the order of bytes in checksums, 8 size of a page, 16 two salts, 24 checksum
//            of what is before
//   frame    0 number of its page, 4 pages of the database once a transaction ends here, else 0, 8 the two salts, 16
//            checksum
//
// A checksum goes on from the one before, over the first 8 bytes of the frame and its page. A frame counts when it has
// the salts of the header: those of before the log was last begun again have others. What comes after the last end of a
// transaction was never finished.
//
// Source: sqlite.org/fileformat2.html section 4.

const fileHeaderLength = 32;
const frameHeaderLength = 24;
const largestDatabase = 512 * 1024 * 1024;

/** True when a write-ahead log holds a finished transaction, which the database beside it may not have. */
export function holdsTransaction(log: OpenFile): boolean {
  const header = readHeader(log);
  if (!header) return false;
  for (const { frame } of framesOf(log, header)) if (frame.readUInt32BE(4) !== 0) return true;
  return false;
}

/**
 * A database with the finished transactions of its write-ahead log; as it is where there are none. `broken` notes what
 * of the log is damaged, and so is left out with all that follows.
 */
export function withTransactions(database: OpenFile, { log, broken }: { log: OpenFile; broken: Damage }): OpenFile {
  const header = readHeader(log);
  if (!header) return database;
  const checksum = checksumOf(header[3] === 0x83);
  checksum.add(header.subarray(0, 24));
  if (!checksum.isAt(header, 24)) {
    broken.note("the header of its write-ahead log is damaged");
    return database;
  }
  const pageSize = header.readUInt32BE(8);
  /**
   * By the number of a page, where it begins in the log; `open` are those of a transaction whose end was not seen yet.
   */
  const pages = new Map<number, number>();
  const open = new Map<number, number>();
  let size: number | undefined;
  let end = fileHeaderLength;
  let damagedAt: number | undefined;
  for (const { at, frame } of framesOf(log, header)) {
    checksum.add(frame.subarray(0, 8));
    checksum.add(Buffer.from(log.read(at + frameHeaderLength, pageSize)));
    const count = frame.readUInt32BE(4);
    const isSound = checksum.isAt(frame, 16) && count * pageSize <= largestDatabase;
    if (!isSound) damagedAt ??= at;
    end = at + frameHeaderLength + pageSize;
    if (damagedAt !== undefined) {
      // SQLite may change a page of an open transaction in place, and brings the checksums up to date only when it
      // ends.
      if (count === 0) continue;
      broken.note(`its write-ahead log is damaged at byte ${damagedAt}`);
      break;
    }
    open.set(frame.readUInt32BE(0), at + frameHeaderLength);
    if (count === 0) continue;
    size = count * pageSize;
    for (const [page, place] of open) pages.set(page, place);
    open.clear();
  }
  if (isCutOff(log, { header, end })) broken.note("its write-ahead log ends within a page");
  return size === undefined ? database : overlaid(database, { log, pages, pageSize, size });
}

function readHeader(log: OpenFile): Buffer | undefined {
  const header = Buffer.from(log.read(0, fileHeaderLength));
  if (header.length < fileHeaderLength || header.readUInt32BE(0) >>> 1 !== 0x377f0682 >>> 1) return undefined;
  const pageSize = header.readUInt32BE(8);
  return pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0 ? undefined : header;
}

/** The headers of the whole frames that have the salts of the log. */
function* framesOf(log: OpenFile, header: Buffer): Generator<{ readonly at: number; readonly frame: Buffer }> {
  const length = frameHeaderLength + header.readUInt32BE(8);
  for (let at = fileHeaderLength; at + length <= log.size; at += length) {
    const frame = Buffer.from(log.read(at, frameHeaderLength));
    if (frame.length < frameHeaderLength || frame.compare(header, 16, 24, 8, 16) !== 0) return;
    yield { at, frame };
  }
}

/** True when a frame with the salts of the log begins at `end` and has no room. */
function isCutOff(log: OpenFile, { header, end }: { readonly header: Buffer; readonly end: number }): boolean {
  if (end + frameHeaderLength + header.readUInt32BE(8) <= log.size) return false;
  const frame = Buffer.from(log.read(Math.min(end, log.size), frameHeaderLength));
  return frame.length >= 16 && frame.compare(header, 16, 24, 8, 16) === 0;
}

interface Overlay {
  readonly log: OpenFile;
  readonly pages: ReadonlyMap<number, number>;
  readonly pageSize: number;
  readonly size: number;
}

function overlaid(database: OpenFile, { log, pages, pageSize, size }: Overlay): OpenFile {
  return {
    ...memoryFile(database.path, Buffer.alloc(0), database.mode),
    size,
    read(offset, length) {
      const end = Math.min(offset + length, size);
      const bytes = Buffer.alloc(Math.max(0, end - offset));
      if (offset < database.size) bytes.set(database.read(offset, Math.min(end, database.size) - offset));
      for (let start = offset - (offset % pageSize); start < end; start += pageSize) {
        const place = pages.get(start / pageSize + 1);
        if (place === undefined) continue;
        const from = Math.max(start, offset);
        bytes.set(log.read(place + from - start, Math.min(start + pageSize, end) - from), from - offset);
      }
      return bytes;
    },
  };
}

/** The sum over pairs of numbers that goes on from frame to frame. */
function checksumOf(bigEndian: boolean) {
  let [first, second] = [0, 0];
  return {
    add(bytes: Buffer): void {
      const word = (at: number): number => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
      for (let at = 0; at + 8 <= bytes.length; at += 8) {
        first = (first + word(at) + second) >>> 0;
        second = (second + word(at + 4) + first) >>> 0;
      }
    },
    isAt: (bytes: Buffer, at: number): boolean =>
      bytes.readUInt32BE(at) === first && bytes.readUInt32BE(at + 4) === second,
  };
}

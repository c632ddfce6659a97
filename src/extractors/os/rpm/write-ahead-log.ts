import type { OpenFile } from "../../../model/file.ts";

// SQLite's write-ahead log: a header of 32 bytes, then frames, each a header of 24 bytes and one page of the database. A frame
// counts when it has the two salts of the file header: those of before the log was last begun anew have others. A frame whose
// second number is not 0 ends a transaction; what comes after the last of these was never finished. Numbers are big-endian.
// Source: sqlite.org/fileformat2.html section 4.

const fileHeaderLength = 32;
const frameHeaderLength = 24;

/** True when a write-ahead log holds a finished transaction, which the database beside it may not have. */
export function holdsTransaction(log: OpenFile): boolean {
  const header = Buffer.from(log.read(0, fileHeaderLength));
  if (header.length < fileHeaderLength || header.readUInt32BE(0) >>> 1 !== 0x377f0682 >>> 1) return false;
  const pageSize = header.readUInt32BE(8);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) return false;
  const length = frameHeaderLength + pageSize;
  for (let at = fileHeaderLength; at + length <= log.size; at += length) {
    const frame = Buffer.from(log.read(at, frameHeaderLength));
    if (frame.length < frameHeaderLength || frame.compare(header, 16, 24, 8, 16) !== 0) return false;
    if (frame.readUInt32BE(4) !== 0) return true;
  }
  return false;
}

import type { OpenFile } from "../../../model/images/file.ts";
import type { Damage } from "../damage.ts";

/** A database of rpm in one of its three formats, opened for reading its blobs. */
export interface RpmDatabase {
  /** Bytes. */
  readonly size: number;
  /** As {@link OpenFile.read}, with reading ahead. */
  readonly read: (offset: number, length: number) => Uint8Array;
  readonly broken: Damage;
  /**
   * True when so many bytes may still be taken as blobs. The blobs of a sound database lie apart, so together they are
   * no longer than the file; a damaged one that names the same bytes again and again ends here. A refusal is noted.
   */
  readonly allow: (length: number) => boolean;
}

/** Reads one format: yields every header blob that it can and notes what it cannot read. */
export type BlobReader = (database: RpmDatabase) => Iterable<Uint8Array>;

/** The longest header blob that is read; the largest real ones have a few megabytes. */
const longestBlob = 64 * 1024 * 1024;
/** Pages are small and mostly follow one another, so the file is read in pieces of this size. */
const readAhead = 256 * 1024;

/** Opens a file as an {@link RpmDatabase}. */
export function rpmDatabase(file: OpenFile, broken: Damage): RpmDatabase {
  let windowStart = 0;
  let window: Uint8Array = new Uint8Array();
  let left = file.size;
  return {
    size: file.size,
    broken,
    read: (offset, length) => {
      if (offset < windowStart || offset + length > windowStart + window.length) {
        if (offset >= file.size) return new Uint8Array();
        window = file.read(offset, Math.min(Math.max(length, readAhead), file.size - offset));
        windowStart = offset;
      }
      return window.subarray(offset - windowStart, offset - windowStart + length);
    },
    allow: (length) => {
      if (length > longestBlob) broken.note(`a package is ${length} bytes; the limit is ${longestBlob} bytes`);
      else if (length > left) broken.note("its packages claim more bytes than the file has");
      else {
        left -= length;
        return true;
      }
      return false;
    },
  };
}

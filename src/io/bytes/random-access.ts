import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { PlimsollError } from "../../model/error.ts";
import { reasonOf } from "../reason-of.ts";

/** Bytes that can be read at any place, synchronously. */
export interface RandomAccess {
  /** Bytes. */
  readonly size: number;
  /**
   * The bytes from `offset`, at most `length` of them, fewer at the end; a copy or a view that must not be written to.
   */
  read(offset: number, length: number): Buffer;
  /** Fills `bytes` from `offset`; returns how many bytes there were. */
  readInto(bytes: Buffer, offset: number): number;
}

/** A part of other bytes. */
export function slice(source: RandomAccess, offset: number, size: number): RandomAccess {
  return {
    size,
    read(at, length) {
      const wanted = Math.min(length, size - at);
      return at < 0 || wanted <= 0 ? empty : source.read(offset + at, wanted);
    },
    readInto(bytes, at) {
      const wanted = Math.min(bytes.length, size - at);
      return at < 0 || wanted <= 0 ? 0 : source.readInto(bytes.subarray(0, wanted), offset + at);
    },
  };
}

const empty = Buffer.alloc(0);

/** What says that a local file is still the same one. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
}

/** A file on disk, open for reading until disposed. */
export class DiskFile implements RandomAccess {
  readonly path: string;
  readonly size: number;
  readonly identity: FileIdentity;
  readonly #descriptor: number;
  #open = true;

  /** Error: `target-unreadable` when the file cannot be opened or is not a regular file. */
  constructor(path: string) {
    this.path = path;
    try {
      // Without O_NONBLOCK opening a pipe would wait for a writer.
      this.#descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (cause) {
      throw new PlimsollError("target-unreadable", `${path} cannot be opened: ${reasonOf(cause)}`, { cause });
    }
    const stat = this.#stat();
    if (!stat.isFile()) {
      closeSync(this.#descriptor);
      throw new PlimsollError("target-unreadable", `${path} is not a regular file`, {
        ...(!stat.isDirectory() && {
          hint: "Pipes and devices are not supported: save the content to a file, and specify the file.",
        }),
      });
    }
    this.size = Number(stat.size);
    this.identity = {
      device: stat.dev,
      inode: stat.ino,
      size: stat.size,
      modified: stat.mtimeNs,
      changed: stat.ctimeNs,
    };
  }

  /** True when the file has been written to since it was opened. */
  hasChanged(): boolean {
    const { size, mtimeNs } = this.#stat();
    return size !== this.identity.size || mtimeNs !== this.identity.modified;
  }

  #stat(): BigIntStats {
    return fstatSync(this.#descriptor, { bigint: true });
  }

  /** The number to read the file by elsewhere; it stays this object's to close. */
  get descriptor(): number {
    return this.#descriptor;
  }

  read(offset: number, length: number): Buffer {
    const wanted = Math.min(length, this.size - offset);
    if (offset < 0 || wanted <= 0) return empty;
    const bytes = Buffer.allocUnsafe(wanted);
    return bytes.subarray(0, this.readInto(bytes, offset));
  }

  readInto(bytes: Buffer, offset: number): number {
    let done = 0;
    while (done < bytes.length) {
      const count = readSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#descriptor);
  }
}

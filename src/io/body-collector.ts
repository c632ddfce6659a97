import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenFile } from "../model/file.ts";
import type { TreeEntry } from "../model/tree.ts";

/** A body up to this size is kept in memory while it is read; a larger one goes to a temporary file. */
const inMemory: number = 16 * 1024 * 1024;

/** The largest body that is collected from a stream. */
export const largestBody: number = 4 * 1024 * 1024 * 1024;

/**
 * Collects the body of one wanted file from a stream. Memory use is bounded by 16 MiB; a larger body is written to a temporary
 * file that has no name any more and vanishes with {@link BodyCollector.release}.
 */
export class BodyCollector {
  readonly #entry: TreeEntry;
  readonly #pieces: Buffer[] = [];
  #descriptor: number | undefined;
  #size = 0;

  constructor(entry: TreeEntry) {
    this.#entry = entry;
    if (entry.size > inMemory) this.#descriptor = openNameless();
  }

  /** Takes the next bytes; they must stay unchanged until {@link release}. */
  add(piece: Buffer): void {
    if (this.#descriptor === undefined) this.#pieces.push(piece);
    else for (let done = 0; done < piece.length; ) done += writeSync(this.#descriptor, piece, done);
    this.#size += piece.length;
  }

  /** The body, readable until {@link release}. */
  file(): OpenFile {
    const { path, mode } = this.#entry;
    const descriptor = this.#descriptor;
    if (descriptor === undefined) {
      const bytes = this.#pieces.length === 1 && this.#pieces[0] ? this.#pieces[0] : Buffer.concat(this.#pieces);
      return { path, mode, size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
    }
    const size = this.#size;
    return {
      path,
      mode,
      size,
      read(offset, length) {
        const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
        return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, offset));
      },
    };
  }

  release(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#pieces.length = 0;
  }
}

let counter = 0;

function openNameless(): number {
  const path = join(tmpdir(), `plimsoll-${process.pid}-${process.hrtime.bigint()}-${counter++}`);
  const descriptor = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return descriptor;
}

import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import type { OpenFile } from "../../model/images/file.ts";
import type { TreeEntry } from "../../model/images/tree.ts";
import { temporarySpaceHint } from "../files/temporary-folder.ts";
import { reasonOf } from "../reason-of.ts";

/** All bodies in memory at one time have at most so many bytes; one that does not fit goes to a temporary file. */
const mostInMemory: number = 32 * 1024 * 1024;

let inMemory = 0;

/** The largest body that is collected from a stream. */
export const largestBody: number = 4 * 1024 * 1024 * 1024;

/**
 * Collects the body of one wanted file from a stream: in memory, without copying the pieces, as long as all bodies that
 * are collected at the time fit into 32 MiB; else in a temporary file that has no name any more and vanishes with
 * {@link BodyCollector.release}.
 */
export class BodyCollector {
  readonly #entry: TreeEntry;
  readonly #pieces: Buffer[] = [];
  #descriptor: number | undefined;
  #size = 0;
  #reserved = 0;

  /** Error: `target-unreadable` when a temporary file is needed and cannot be made. */
  constructor(entry: TreeEntry) {
    this.#entry = entry;
    if (inMemory + entry.size > mostInMemory) this.#descriptor = openNameless();
    else {
      this.#reserved = entry.size;
      inMemory += entry.size;
    }
  }

  /**
   * Takes the next bytes; they must stay unchanged until {@link release}. Error: `target-unreadable` when the disk is
   * full.
   */
  add(piece: Buffer): void {
    if (this.#descriptor === undefined) this.#pieces.push(piece);
    else writeAll(this.#descriptor, piece);
    this.#size += piece.length;
  }

  /** How many pieces are kept as they are, not written to a file. */
  get heldPieces(): number {
    return this.#pieces.length;
  }

  /** The body, readable until {@link release}. */
  file(): OpenFile {
    const { path, mode } = this.#entry;
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return { path, mode, size: this.#size, read: readerOf(this.#pieces, this.#size) };
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
    inMemory -= this.#reserved;
    this.#reserved = 0;
  }
}

/** Reads from pieces that follow each other; only what crosses from one into the next is copied. */
function readerOf(pieces: readonly Buffer[], size: number): OpenFile["read"] {
  const starts: number[] = [];
  pieces.reduce((start, piece) => {
    starts.push(start);
    return start + piece.length;
  }, 0);
  return (offset, length) => {
    const end = Math.min(offset + length, size);
    if (offset < 0 || offset >= end) return none;
    const index = starts.findLastIndex((start) => start <= offset);
    const start = starts[index] ?? 0;
    const first = pieces[index] ?? none;
    if (end <= start + first.length) return first.subarray(offset - start, end - start);
    const bytes = Buffer.allocUnsafe(end - offset);
    for (let at = index, done = 0; done < bytes.length; at++) {
      const piece = pieces[at] ?? none;
      done += piece.copy(bytes, done, at === index ? offset - start : 0);
    }
    return bytes;
  };
}

const none = Buffer.alloc(0);
let counter = 0;

function openNameless(): number {
  const path = join(tmpdir(), `plimsoll-${process.pid}-${process.hrtime.bigint()}-${counter++}`);
  try {
    const descriptor = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return descriptor;
  } catch (cause) {
    throw noTemporaryFile(cause);
  }
}

function writeAll(descriptor: number, piece: Buffer): void {
  try {
    for (let done = 0; done < piece.length; ) done += writeSync(descriptor, piece, done);
  } catch (cause) {
    throw noTemporaryFile(cause);
  }
}

function noTemporaryFile(cause: unknown): PlimsollError {
  return new PlimsollError(
    "target-unreadable",
    `a temporary file in ${tmpdir()} cannot be written: ${reasonOf(cause)}`,
    {
      cause,
      hint: temporarySpaceHint,
    },
  );
}

import { read } from "node:fs";
import { promisify } from "node:util";
import { PlimsollError } from "../../model/error.ts";
import { reasonOf } from "../reason-of.ts";
import type { DiskFile } from "./random-access.ts";

/** How much is read at once. */
const pieceSize: number = 1024 * 1024;

const readAt = promisify(read);

/** A part of a file on disk. */
export interface FileRange {
  readonly file: DiskFile;
  readonly offset: number;
  readonly size: number;
}

/** How {@link readRange} reads. */
export interface ReadRangeOptions {
  /** Called with the size of each piece. */
  readonly progress?: ((bytes: number) => void) | undefined;
  /**
   * True to read into the same few buffers again and again: a piece is overwritten when the third one after it is asked
   * for. For consumers that take a piece in before they ask for the next but one.
   */
  readonly reuse?: boolean;
}

const buffersInTurn = 3;

/**
 * The bytes of a range in order, without blocking. Without `reuse` each piece is memory of its own. Error:
 * `target-unreadable`.
 */
export async function* readRange(range: FileRange, { progress, reuse }: ReadRangeOptions = {}): AsyncGenerator<Buffer> {
  const ring: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < range.size; turn++) {
    const size = Math.min(pieceSize, range.size - at);
    let piece = reuse ? ring[turn % buffersInTurn] : undefined;
    if (!piece) {
      piece = Buffer.allocUnsafeSlow(size);
      if (reuse) ring.push(piece);
    }
    const count = await readPiece(range, piece.subarray(0, size), at);
    if (count === 0) throw new PlimsollError("target-unreadable", `${range.file.path} was truncated while it was read`);
    at += count;
    progress?.(count);
    yield piece.subarray(0, count);
  }
}

async function readPiece({ file, offset }: FileRange, piece: Buffer, at: number): Promise<number> {
  try {
    return (await readAt(file.descriptor, piece, 0, piece.length, offset + at)).bytesRead;
  } catch (cause) {
    throw new PlimsollError("target-unreadable", `${file.path} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

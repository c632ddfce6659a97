import { read } from "node:fs";
import { promisify } from "node:util";
import { PlimsollError } from "../model/error.ts";
import { type DiskFile, reasonOf } from "./random-access.ts";

/** How much is read at once. */
const pieceSize: number = 1024 * 1024;

const readAt = promisify(read);

/** A part of a file on disk. */
export interface FileRange {
  readonly file: DiskFile;
  readonly offset: number;
  readonly size: number;
}

/**
 * The bytes of a range in order, without blocking; calls `progress` with the size of each piece. Each piece is memory of its
 * own. Error: `target-unreadable`.
 */
export async function* readRange(range: FileRange, progress?: (bytes: number) => void): AsyncGenerator<Buffer> {
  let at = 0;
  while (at < range.size) {
    const piece = Buffer.allocUnsafeSlow(Math.min(pieceSize, range.size - at));
    const count = await readPiece(range, piece, at);
    if (count === 0)
      throw new PlimsollError("target-unreadable", `${range.file.path} became shorter while it was read`);
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

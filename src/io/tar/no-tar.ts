import { setImmediate } from "node:timers/promises";
import { PlimsollError } from "../../model/error.ts";
import type { RandomAccess } from "../bytes/random-access.ts";
import { refuseCancelled } from "../refuse-cancelled.ts";

const zeros = Buffer.alloc(64 * 1024);

/** How many bytes are looked at between two pauses. */
const pieceSize: number = 1024 * 1024;

/** The most bytes behind an end mark that are looked at: no file system leaves so many free at its beginning. */
const mostZeros: number = 64 * 1024 * 1024;

/**
 * Refuses bytes behind an end mark with which a tar begins, and zeros beyond 64 MiB of them. Readers of tars do not
 * look at them, and so would take the image of a file system for an empty tar: EROFS, ext4, Btrfs and ISO 9660 begin
 * with 1024 zeros or more.
 */
export class ZeroCheck {
  #zeros = 0;

  /** Takes the next bytes behind the end mark. Error: `archive-malformed`. */
  push(bytes: Buffer): void {
    const looked = bytes.subarray(0, mostZeros - this.#zeros);
    for (let at = 0; at < looked.length; at += zeros.length) {
      const piece = looked.subarray(at, at + zeros.length);
      if (piece.equals(zeros.subarray(0, piece.length))) continue;
      throw new PlimsollError(
        "archive-malformed",
        "it is not a tar archive, but may be a file system image: it starts with zeros, followed by more data",
      );
    }
    this.#zeros += looked.length;
    if (looked.length === bytes.length) return;
    throw new PlimsollError("archive-malformed", "it is not a valid tar archive: it starts with 64 MiB of zeros");
  }
}

/** The same for a tar that can be read at any place, behind `start`. Errors: `archive-malformed`, `cancelled`. */
export async function refuseOtherThanZerosIn(
  source: RandomAccess,
  { start, signal }: { readonly start: number; readonly signal: AbortSignal },
): Promise<void> {
  const check = new ZeroCheck();
  for (let at = start; at < source.size; at += pieceSize) {
    check.push(source.read(at, Math.min(pieceSize, source.size - at)));
    await setImmediate();
    refuseCancelled(signal);
  }
}

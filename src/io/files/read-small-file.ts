import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { PlimsollError } from "../../model/error.ts";
import { BlockingWait } from "../bytes/blocking-wait.ts";
import { asTargetError } from "../http/as-target-error.ts";

/** Milliseconds within which a writer must open a named pipe. */
const longestWaitForWriter = 5000;
const pieceSize = 64 * 1024;

/**
 * All bytes of a small file that the user named, at most `largest`. A pipe, as a shell makes of `<(…)`, is read to its
 * end, however long its writer takes: meanwhile an interrupt ends the program at once, as it does programs that know no
 * better. A named pipe without a writer times out after some seconds.
 *
 * Errors: {@link PlimsollError} `limit-exceeded`; those of the operating system, and one for a pipe without a writer.
 */
export function readSmallFile(path: string, { largest }: { readonly largest: number }): Buffer {
  // Without O_NONBLOCK opening a pipe would wait for a writer, and nothing could end that.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(descriptor);
    if (stat.isFile() && stat.size > largest) throw tooLarge(path, largest);
    const awaitsWriter = stat.isFIFO() && !/^\/(?:dev|proc)\//.test(path);
    return readToEnd(descriptor, { path, largest, awaitsWriter });
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The text of such a file, in UTF-8. Errors: `limit-exceeded`, `target-not-found`, `target-unreadable` for whatever
 * else keeps it from being read.
 */
export function readNamedText(path: string, limit: { readonly largest: number }): string {
  try {
    return readSmallFile(path, limit).toString("utf8");
  } catch (cause) {
    throw asTargetError(path, cause);
  }
}

interface Reading {
  readonly path: string;
  readonly largest: number;
  /** Whether nothing to read may mean that the writer has not come yet. */
  readonly awaitsWriter: boolean;
}

function readToEnd(descriptor: number, { path, largest, awaitsWriter }: Reading): Buffer {
  const pieces: Buffer[] = [];
  let size = 0;
  let hasWriter = !awaitsWriter;
  const giveUpAt = performance.now() + longestWaitForWriter;
  using wait = new BlockingWait();
  const piece = Buffer.allocUnsafe(pieceSize);
  for (;;) {
    const length = readIfReady(descriptor, piece);
    if (length === 0 && hasWriter) return Buffer.concat(pieces);
    if (length === 0 && performance.now() > giveUpAt) throw new Error("it is a pipe without a writer");
    if (length !== 0) hasWriter = true;
    if (length === undefined || length === 0) wait.pause();
    else pieces.push(Buffer.from(piece.subarray(0, length)));
    size += length ?? 0;
    if (size > largest) throw tooLarge(path, largest);
  }
}

/** How many bytes were read; undefined when none are there yet. */
function readIfReady(descriptor: number, piece: Buffer): number | undefined {
  try {
    return readSync(descriptor, piece);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EAGAIN") return undefined;
    throw cause;
  }
}

function tooLarge(path: string, largest: number): PlimsollError {
  return new PlimsollError("limit-exceeded", `${path} is larger than ${largest} bytes`);
}

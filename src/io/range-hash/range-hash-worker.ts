import { createHash } from "node:crypto";
import { readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import type { HashAnswer, HashMessage, HashRequest } from "./range-hash-messages.ts";

/** How much is read at once: little enough to be in the processor's cache when it is hashed. */
const pieceSize: number = 256 * 1024;

/** The hash in hexadecimal; undefined when the file ends before its part does, or when the hash is no longer wanted. */
function hashOf({ descriptor, offset, size, algorithm, unwanted }: HashRequest): string | undefined {
  const hash = createHash(algorithm);
  const buffer = Buffer.allocUnsafe(pieceSize);
  const stop = new Int32Array(unwanted);
  for (let at = 0; at < size; ) {
    if (Atomics.load(stop, 0) !== 0) return undefined;
    const count = readSync(descriptor, buffer, 0, Math.min(pieceSize, size - at), offset + at);
    if (count === 0) return undefined;
    hash.update(buffer.subarray(0, count));
    at += count;
  }
  return hash.digest("hex");
}

parentPort?.on("message", (message: HashMessage) => {
  if (message === "end") {
    parentPort?.close();
    return;
  }
  let answer: HashAnswer;
  try {
    answer = { hash: hashOf(message) };
  } catch (cause) {
    answer = { hash: undefined, failure: cause instanceof Error ? cause.message : String(cause) };
  }
  parentPort?.postMessage(answer);
});

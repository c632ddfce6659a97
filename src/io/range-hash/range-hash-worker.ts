import { createHash } from "node:crypto";
import { readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import type { HashAnswer, HashRequest } from "./range-hash-messages.ts";

/** How much is read at once: so little that it is still in the processor's own memory when it is hashed. */
const pieceSize: number = 256 * 1024;

/** The hash of a part of an open file, in hexadecimal; undefined when the file ends before the part does. */
function hashOf({ descriptor, offset, size, algorithm }: HashRequest): string | undefined {
  const hash = createHash(algorithm);
  const buffer = Buffer.allocUnsafe(pieceSize);
  for (let at = 0; at < size; ) {
    const count = readSync(descriptor, buffer, 0, Math.min(pieceSize, size - at), offset + at);
    if (count === 0) return undefined;
    hash.update(buffer.subarray(0, count));
    at += count;
  }
  return hash.digest("hex");
}

parentPort?.on("message", (request: HashRequest) => {
  let answer: HashAnswer;
  try {
    answer = { hash: hashOf(request) };
  } catch (cause) {
    answer = { hash: undefined, failure: cause instanceof Error ? cause.message : String(cause) };
  }
  parentPort?.postMessage(answer);
});

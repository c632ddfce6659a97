import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { PlimsollError } from "../../model/error.ts";
import type { FileRange } from "../read-range.ts";
import { Slots } from "../slots.ts";
import type { HashAnswer, HashRequest } from "./range-hash-messages.ts";

/** Fewer bytes are hashed in less time than a thread takes to start. */
const leastBytes: number = 16 * 1024 * 1024;
/** Hashing is as fast as memory on few cores. */
const mostThreads = 2;

/** Beside this module: as a source file, compiled, or in the bundle. */
const workerFile = new URL(`./range-hash-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

const slots: Slots = new Slots(Math.min(mostThreads, availableParallelism()));

/**
 * True when hashing a range in another thread is faster than hashing it here and possible: not where somebody bundled
 * this module without its thread, nor where Node's permissions forbid threads.
 */
export function canHashBeside({ size }: FileRange): boolean {
  if (size < leastBytes || availableParallelism() < 2) return false;
  return process.permission?.has("worker") !== false && existsSync(workerFile);
}

/** A thread with nothing to do ends after so many milliseconds. */
const longestIdle = 200;

const idle = new Map<Worker, NodeJS.Timeout>();

/**
 * The hash of a part of a file, in hexadecimal, taken in another thread. The file may be closed once the promise has
 * settled; `signal` ends the thread first. Errors: `target-unreadable`, `cancelled`.
 */
export async function hashBeside(
  { file, offset, size }: FileRange,
  { algorithm, signal }: { readonly algorithm: HashRequest["algorithm"]; readonly signal: AbortSignal },
): Promise<string> {
  const release = await slots.take(signal).catch(() => {
    throw cancelled(signal);
  });
  try {
    const request: HashRequest = { descriptor: file.descriptor, offset, size, algorithm };
    const { hash, failure } = await ask(takeWorker(), request, signal);
    if (hash !== undefined) return hash;
    const reason = failure === undefined ? "became shorter while it was read" : `cannot be read: ${failure}`;
    throw new PlimsollError("target-unreadable", `${file.path} ${reason}`);
  } finally {
    release();
  }
}

/** The answer of a thread, which is idle afterwards, or has ended if there is none. */
async function ask(worker: Worker, request: HashRequest, signal: AbortSignal): Promise<HashAnswer> {
  const listening = new AbortController();
  try {
    const answer = await new Promise<HashAnswer>((resolve, reject) => {
      const cancel = (): void => reject(cancelled(signal));
      if (signal.aborted) cancel();
      signal.addEventListener("abort", cancel, { once: true, signal: listening.signal });
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the thread that hashes ended")));
      worker.postMessage(request);
    });
    worker.removeAllListeners();
    keepIdle(worker);
    return answer;
  } catch (cause) {
    await worker.terminate();
    throw cause;
  } finally {
    listening.abort();
  }
}

function takeWorker(): Worker {
  const [known] = idle;
  if (!known) return new Worker(workerFile);
  const [worker, timer] = known;
  idle.delete(worker);
  clearTimeout(timer);
  worker.removeAllListeners();
  worker.ref();
  return worker;
}

function keepIdle(worker: Worker): void {
  const end = (): void => {
    idle.delete(worker);
    void worker.terminate();
  };
  idle.set(worker, setTimeout(end, longestIdle).unref());
  worker.once("error", end);
  worker.unref();
}

function cancelled(signal: AbortSignal): PlimsollError {
  return new PlimsollError("cancelled", "the scan was cancelled", { cause: signal.reason });
}

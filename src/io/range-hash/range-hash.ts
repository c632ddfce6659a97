import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { PlimsollError } from "../../model/error.ts";
import { type FileRange, readRange } from "../bytes/read-range.ts";
import { refuseCancelled } from "../refuse-cancelled.ts";
import { Slots } from "../slots.ts";
import type { HashAnswer, HashMessage, HashRequest } from "./range-hash-messages.ts";

/** Fewer bytes are hashed in less time than a thread takes to start. */
const leastBytes: number = 16 * 1024 * 1024;
/** Hashing is as fast as memory on few cores. */
const mostThreads = 2;

/** Beside this module: as a source file, compiled, or in the bundle. */
const workerFile = new URL(`./range-hash-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

const slots: Slots = new Slots(Math.min(mostThreads, availableParallelism()));

/**
 * True when hashing a range in another thread is possible and faster than hashing it here. It is not possible when this
 * module was bundled without its thread, or when Node's permissions forbid threads.
 */
export function canHashBeside({ size }: FileRange): boolean {
  if (size < leastBytes || availableParallelism() < 2) return false;
  return process.permission?.has("worker") !== false && existsSync(workerFile);
}

/** A thread with nothing to do ends after so many milliseconds. */
const longestIdle = 200;

const idle = new Map<Worker, NodeJS.Timeout>();

/** What {@link hashBeside} is asked for. */
export interface HashOptions {
  readonly algorithm: HashRequest["algorithm"];
  readonly signal: AbortSignal;
}

/**
 * The hash of a part of a file, in hexadecimal, computed in another thread, or in this one where no thread can be
 * started or the thread is lost. The file may be closed once the promise has settled. Errors: `target-unreadable`,
 * `cancelled`.
 */
export async function hashBeside(range: FileRange, options: HashOptions): Promise<string> {
  const { signal } = options;
  const release = await slots.take(signal).catch(() => refuseCancelled(signal));
  try {
    refuseCancelled(signal);
    const answer = await askThread(range, options);
    refuseCancelled(signal);
    if (!answer) return await hashHere(range, options);
    const { hash, failure } = answer;
    if (hash !== undefined) return hash;
    const reason = failure === undefined ? "was truncated while it was read" : `cannot be read: ${failure}`;
    throw new PlimsollError("target-unreadable", `${range.file.path} ${reason}`);
  } finally {
    release?.();
  }
}

/** The answer of a thread, which comes soon after a cancellation too; undefined when the thread is lost. */
async function askThread(
  { file, offset, size }: FileRange,
  { algorithm, signal }: HashOptions,
): Promise<HashAnswer | undefined> {
  const worker = takeThread();
  if (!worker) return undefined;
  const unwanted = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const stop = (): void => void Atomics.store(new Int32Array(unwanted), 0, 1);
  signal.addEventListener("abort", stop, { once: true });
  const answer = await new Promise<HashAnswer | undefined>((resolve) => {
    worker.once("message", resolve);
    worker.once("error", () => resolve(undefined));
    worker.once("exit", () => resolve(undefined));
    send(worker, { descriptor: file.descriptor, offset, size, algorithm, unwanted });
  });
  signal.removeEventListener("abort", stop);
  if (answer) keepIdle(worker);
  // A thread that failed may not have ended yet, and reads from a file that the caller closes.
  else await worker.terminate();
  return answer;
}

async function hashHere(range: FileRange, { algorithm, signal }: HashOptions): Promise<string> {
  const hash = createHash(algorithm);
  for await (const piece of readRange(range, { reuse: true })) {
    refuseCancelled(signal);
    hash.update(piece);
  }
  return hash.digest("hex");
}

function takeThread(): Worker | undefined {
  const [known] = idle;
  if (!known) return startThread();
  const [worker, timer] = known;
  idle.delete(worker);
  clearTimeout(timer);
  forgetListeners(worker);
  worker.ref();
  return worker;
}

function startThread(): Worker | undefined {
  try {
    return new Worker(workerFile);
  } catch {
    return undefined;
  }
}

/** The thread is idle and unreferenced; it ends by itself unless it gets more work. */
function keepIdle(worker: Worker): void {
  const forget = (): void => {
    clearTimeout(timer);
    idle.delete(worker);
  };
  const end = (): void => {
    forget();
    send(worker, "end");
  };
  const timer = setTimeout(end, longestIdle).unref();
  idle.set(worker, timer);
  forgetListeners(worker);
  worker.once("error", forget);
  worker.once("exit", forget);
  worker.unref();
}

/** Listeners that Node itself has on a worker stay: without them no message arrives any more. */
function forgetListeners(worker: Worker): void {
  for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
}

function send(worker: Worker, message: HashMessage): void {
  worker.postMessage(message);
}

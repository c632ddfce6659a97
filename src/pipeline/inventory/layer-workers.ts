import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { tooManyOpenFiles } from "../../io/files/too-many-open-files.ts";
import { PlimsollError } from "../../model/error.ts";
import type { WalkOptions } from "../../model/images/tree.ts";
import type { StreamLayerTree } from "../../sources/image/stream-layer-tree.ts";
import type { CachedLayer } from "./inventory-cache.ts";
import {
  type FailureMessage,
  type LayerAnswer,
  type LayerMessage,
  type LayerRequest,
  type LayerWorkerSetup,
  packFailure,
  type RequestedLayer,
  unpackFailure,
} from "./layer-messages.ts";

/** What {@link LayerWorkers} are made with. */
export interface LayerWorkersOptions extends LayerWorkerSetup {
  /** How many threads there are. */
  readonly count: number;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
}

/** A layer to take stock of in another thread. */
export interface LayerTask extends Pick<WalkOptions, "progress" | "budget"> {
  readonly tree: StreamLayerTree;
  /** Its key in the cache. */
  readonly key: string;
  /** About how many bytes it has. */
  readonly size: number;
  /** Whether reading its bytes to the end proves the digest. */
  readonly verifies: boolean;
}

/** More would wait for the one thread that gets what they inflate. */
const mostThreads = 4;

/**
 * Number of threads worth starting on this machine; 0 where this module was bundled without its thread module, and
 * where Node's permissions forbid threads.
 */
export function threadCount(): number {
  const mayStart = process.permission?.has("worker") !== false && existsSync(workerFile);
  return mayStart ? Math.min(mostThreads, availableParallelism()) : 0;
}

/** Bytes that are sent at once, at least. */
const batchSize: number = 512 * 1024;
/** What starting a layer costs, as the bytes that are inflated in the same time. */
const costOfLayer: number = 64 * 1024;
/** How many batches a thread is sent before it has begun with the first. */
const batchesAhead = 2;
/**
 * Milliseconds that a thread has to end by itself. Ending it from outside while it starts or while zlib works for it
 * has crashed Node.
 */
const longestEnd = 10_000;
/** What a thread makes is text that is handed over soon: more room for it makes no scan faster. */
const maxYoungGenerationSizeMb = 8;

/**
 * Threads that take stock of layers. The bytes of a layer are fetched here and sent to a thread; there they are
 * inflated, walked over and examined, and the result is kept in the cache. A thread that ends is replaced, and what it
 * had before it is taken again; where no more can be started, those that there are do the work.
 */
export class LayerWorkers implements Disposable, AsyncDisposable {
  readonly #options: LayerWorkersOptions;
  readonly #exits = new Set<Promise<void>>();
  #threads: readonly Thread[] = [];
  #most: number;
  #ended: PlimsollError | undefined;

  constructor(options: LayerWorkersOptions) {
    this.#options = options;
    this.#most = options.count;
    options.signal.addEventListener("abort", this.#cancel, { once: true });
  }

  /** How many layers are worth to be taken at a time: one that waits for bytes leaves its thread to another. */
  get atOnce(): number {
    return Math.max(4, 2 * this.#options.count);
  }

  /**
   * Errors: those of reading the layer's bytes that end a scan, `cancelled`, `limit-exceeded` when there is no memory
   * for it, or threads cannot be started or do not last.
   */
  async take(task: LayerTask): Promise<CachedLayer> {
    for (let losses = 1; ; losses++) {
      if (this.#ended) throw this.#ended;
      try {
        return await this.#leastLoaded().take(task);
      } catch (cause) {
        const lost = cause instanceof Error ? lostThread(cause) : undefined;
        if (!lost) throw cause;
        if (losses >= mostLosses) throw lost.reasonAfter(losses);
        if (!lost.hasStarted) this.#most = Math.max(1, this.#threads.filter(({ isDead }) => !isDead).length);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#options.signal.removeEventListener("abort", this.#cancel);
    this.#end(new PlimsollError("cancelled", "the scan has ended"));
  }

  /** The same, and waits until all threads have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    await Promise.all(this.#exits);
  }

  readonly #cancel = (): void => {
    this.#end(new PlimsollError("cancelled", "the scan was cancelled", { cause: this.#options.signal.reason }));
  };

  /** A thread is started when those that there are have something to do: a run that knows all its layers needs none. */
  #leastLoaded(): Thread {
    const { folder, names, search } = this.#options;
    this.#threads = this.#threads.filter(({ isDead }) => !isDead);
    const [least] = this.#threads.toSorted((a, b) => a.load - b.load);
    if (least && (least.load === 0 || this.#threads.length >= this.#most)) return least;
    const started = new Thread({ folder, names, search });
    this.#threads = [...this.#threads, started];
    this.#exits.add(started.exit);
    void started.exit.then(() => this.#exits.delete(started.exit));
    return started;
  }

  #end(reason: PlimsollError): void {
    this.#ended ??= reason;
    for (const thread of this.#threads) thread.end(reason);
  }
}

interface Job {
  readonly task: LayerTask;
  readonly resolve: (taken: CachedLayer) => void;
  readonly reject: (cause: unknown) => void;
  /** What goes with the first batch, until it has gone. */
  layer: RequestedLayer | undefined;
  /** Batches that may be sent. */
  room: number;
  /** Bytes that are still to come. */
  left: number;
  settled: boolean;
  wake: (() => void) | undefined;
}

class Thread {
  readonly #worker: Worker;
  readonly #jobs = new Map<number, Job>();
  #last = 0;
  isDead = false;
  /** Resolves when the thread has ended. */
  readonly exit: Promise<void>;

  constructor(setup: LayerWorkerSetup) {
    this.#worker = new Worker(workerFile, { workerData: setup, resourceLimits: { maxYoungGenerationSizeMb } });
    this.#worker.on("message", (answer: LayerAnswer) => this.#hear(answer));
    this.#worker.on("error", (cause) => this.end(failureOfThread(cause)));
    this.exit = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        this.end(new LostThread({ hasStarted: true }));
        resolve();
      });
    });
  }

  /** About how many bytes it has before it; what a layer takes besides counts as some more. */
  get load(): number {
    let load = 0;
    for (const { left } of this.#jobs.values()) load += costOfLayer + Math.max(0, left);
    return load;
  }

  take(task: LayerTask): Promise<CachedLayer> {
    const job = ++this.#last;
    const { tree, key, verifies, size, budget } = task;
    return new Promise<CachedLayer>((resolve, reject) => {
      const layer = { key, verifies, largestLayer: tree.options.largestLayer, budget: budget?.memory };
      const state: Job = {
        task,
        resolve,
        reject,
        layer,
        room: batchesAhead,
        left: size,
        settled: false,
        wake: undefined,
      };
      this.#jobs.set(job, state);
      void this.#feed(job, state);
    });
  }

  /** Asks the thread to end; what it still has fails for the reason at once. */
  end(reason: Error): void {
    const isFirst = !this.isDead;
    this.isDead = true;
    for (const [job, { reject }] of this.#jobs) {
      this.#settle(job);
      reject(reason);
    }
    if (isFirst) this.#askToEnd();
  }

  #askToEnd(): void {
    const message: LayerMessage = "end";
    this.#worker.postMessage(message);
    const bound = setTimeout(() => void this.#worker.terminate(), longestEnd);
    void this.exit.then(() => clearTimeout(bound));
  }

  async #feed(job: number, state: Job): Promise<void> {
    const { tree, progress } = state.task;
    let pieces: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    let failure: FailureMessage | undefined;
    try {
      for await (const piece of tree.options.read({ asTheyCome: true, ...(progress && { progress }) })) {
        pieces.push(ownMemory(piece));
        size += piece.length;
        if (size < batchSize) continue;
        if (!(await this.#send({ job, pieces }, state))) return;
        pieces = [];
        size = 0;
      }
    } catch (cause) {
      failure = packFailure(cause);
    }
    await this.#send({ job, pieces, end: failure ? { failure } : {} }, state);
  }

  /** False when the thread accepts no more: a damaged layer is not read to its end. */
  async #send(request: LayerRequest, state: Job): Promise<boolean> {
    while (state.room === 0 && !state.settled) {
      await new Promise<void>((resolve) => {
        state.wake = resolve;
      });
    }
    if (state.settled) return false;
    state.room--;
    for (const { byteLength } of request.pieces) state.left -= byteLength;
    const memory = request.pieces.map(({ buffer }) => buffer);
    this.#worker.postMessage(state.layer ? { ...request, layer: state.layer } : request, memory);
    state.layer = undefined;
    return true;
  }

  #hear(answer: LayerAnswer): void {
    const state = this.#jobs.get(answer.job);
    if (!state) return;
    if (answer.kind === "more") {
      state.room++;
      state.wake?.();
      return;
    }
    this.#settle(answer.job);
    if (answer.kind === "taken") state.resolve(JSON.parse(answer.json));
    else state.reject(unpackFailure(answer.failure));
  }

  #settle(job: number): void {
    const state = this.#jobs.get(job);
    if (!state) return;
    this.#jobs.delete(job);
    state.settled = true;
    state.wake?.();
  }
}

/** Beside this module: as a source file, compiled, or in the bundle. */
const workerFile = new URL(`./layer-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

/** The piece when it has its memory for itself; else a copy that has. */
function ownMemory(piece: Buffer): Uint8Array<ArrayBuffer> {
  const { buffer } = piece;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === piece.byteLength) return new Uint8Array(buffer);
  return new Uint8Array(piece);
}

function failureOfThread(cause: unknown): Error {
  const failure = cause instanceof Error ? cause : new Error(String(cause));
  const code = "code" in failure ? failure.code : undefined;
  if (code !== "ERR_WORKER_OUT_OF_MEMORY") return lostThread(failure) ?? failure;
  return new PlimsollError("limit-exceeded", "the content of a layer needs more memory than is available", { cause });
}

/** A layer is given to so many threads at most, when one after the other ends. */
const mostLosses: number = mostThreads + 1;

/** A thread that ended, or never began, for no reason of the layers that it had. */
class LostThread extends Error {
  readonly hasStarted: boolean;

  constructor({ hasStarted, cause }: { readonly hasStarted: boolean; readonly cause?: Error }) {
    super("a thread that reads layers ended unexpectedly", { cause });
    this.hasStarted = hasStarted;
  }

  /** Why a layer is given up, after that many threads. */
  reasonAfter(losses: number): PlimsollError {
    const { cause, hasStarted } = this;
    const what = hasStarted ? "ended" : "could not be started";
    const limit = `a thread that reads layers ${what} ${losses} times in a row`;
    const hint = "Allow the program more memory and processes, or scan fewer images at a time (--concurrency).";
    return tooManyOpenFiles(cause) ?? new PlimsollError("limit-exceeded", limit, { hint, cause });
  }
}

/** Undefined for another failure. */
function lostThread(cause: Error): LostThread | undefined {
  if (cause instanceof LostThread) return cause;
  const couldNotStart = "code" in cause && cause.code === "ERR_WORKER_INIT_FAILED";
  return couldNotStart ? new LostThread({ hasStarted: false, cause }) : undefined;
}

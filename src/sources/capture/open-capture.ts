import { statSync } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import { openBytes } from "../../io/bytes/open-bytes.ts";
import { DiskFile } from "../../io/bytes/random-access.ts";
import { readRange } from "../../io/bytes/read-range.ts";
import { standardInput } from "../../io/files/standard-input.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import type { KernelEventSource } from "../../model/events/kernel-event.ts";
import type { Problem } from "../../model/reports/problem.ts";
import type { CaptureGeneration } from "./conversion-plan.ts";
import { readCapture } from "./read-capture.ts";

/** How {@link openCapture} reads. */
export interface CaptureOptions {
  /** As which generation of Falco's library events are handed out: `head` without enter events, or `0.40` with them. */
  readonly generation: CaptureGeneration;
  /**
   * Told once when the capture is damaged or cut off; the events before that are handed out. Told as well what was left
   * out of it. Absent: the damage is thrown.
   */
  readonly problem?: (problem: Problem) => void;
  /** Ends the reading, also where it waits for a pipe. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a `.scap` capture, gzip or raw: a file, a pipe, or `-` for the standard input. The lists at its begin are read
 * at once, its events as they are asked for; it is closed when they are read or not asked for any more.
 *
 * Errors: `target-unreadable`, `file-malformed`, `limit-exceeded`, `cancelled`.
 */
export async function openCapture(path: string, options: CaptureOptions): Promise<KernelEventSource> {
  const stop = new AbortController();
  const stopWith = (signal: AbortSignal | undefined) => {
    if (signal?.aborted) stop.abort();
    signal?.addEventListener("abort", () => stop.abort(), { once: true });
  };
  stopWith(options.signal);
  const { generation, problem } = options;
  const name = path === "-" ? "from the standard input" : path;
  const source = await readCapture(openInput(path, stop.signal), { name, generation, problem });
  return {
    snapshot: source.snapshot,
    events: (signal) => {
      stopWith(signal);
      return source.events(stop.signal);
    },
  };
}

async function* openInput(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stat = path === "-" ? undefined : statSync(path, { throwIfNoEntry: false });
  if (path === "-") yield* readStream(standardInput(), path, signal);
  else if (stat?.isFIFO()) yield* readStream(openPipe(path), path, signal);
  else {
    using file = new DiskFile(path);
    yield* readRange({ file, offset: 0, size: file.size }, { reuse: true });
  }
}

/** A named pipe, read as a socket is, so that waiting for its writer can be ended. */
function openPipe(path: string): Readable {
  try {
    return openBytes(path);
  } catch (cause) {
    throw new PlimsollError("target-unreadable", `${path} cannot be opened: ${reasonOf(cause)}`, { cause });
  }
}

async function* readStream(stream: Readable, path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  addAbortSignal(signal, stream);
  try {
    for await (const piece of stream) yield piece as Buffer;
  } catch (cause) {
    if (signal.aborted) throw new PlimsollError("cancelled", `reading ${path} was cancelled`, { cause });
    throw new PlimsollError("target-unreadable", `${path} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

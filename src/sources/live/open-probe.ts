import { PlimsollError } from "../../model/error.ts";
import type { KernelEventBatch, KernelEventSource } from "../../model/events/kernel-event.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { readCapture } from "../capture/read-capture.ts";
import { ProbeProcess, type ProbeReports } from "./probe-process.ts";

/** How {@link openProbe} watches. */
export interface ProbeOptions extends ProbeReports {
  /** Path of the helper. */
  readonly program: string;
  /** The system calls that rules are about. */
  readonly calls: readonly string[];
  /** Told when the probe ended, and is started again. */
  readonly restarted: (reason: string) => void;
  readonly problem: (problem: Problem) => void;
}

/** The events of this machine while they happen. */
export interface ProbeSource extends KernelEventSource {
  /** Rules are about other system calls from now on. */
  choose(calls: readonly string[]): void;
}

/** A probe that runs for less time than this, in milliseconds, is not started again. */
const shortestRun = 2000;
const name = "of the probe";

/**
 * Starts the probe: the state of the machine at once, its events as they happen. When the probe ends by itself it is
 * started again, and a batch without events brings the state of the machine. `events` must be read to its end, or
 * left, for the probe to end.
 *
 * Errors: `probe-unavailable`; `cancelled` from `events`.
 */
export async function openProbe(options: ProbeOptions): Promise<ProbeSource> {
  let calls = options.calls;
  let running = await start({ ...options, calls });
  return {
    snapshot: running.source.snapshot,
    choose: (chosen) => {
      calls = chosen;
      running.process.choose(chosen);
    },
    async *events(signal) {
      try {
        for (;;) {
          yield* eventsOf(running, signal);
          if (signal.aborted) throw new PlimsollError("cancelled", "watching was cancelled");
          const reason = running.process.failure ?? "it ended";
          if (performance.now() - running.begun < shortestRun) throw unavailable(options.program, reason);
          await running.process.end();
          running = await start({ ...options, calls });
          options.restarted(reason);
          yield emptyBatch(running.source);
        }
      } finally {
        await running.process.end();
      }
    },
  };
}

interface RunningProbe {
  /** By the monotonic clock. */
  readonly begun: number;
  readonly process: ProbeProcess;
  readonly source: KernelEventSource;
}

async function start({ program, calls, lost, unseen, problem }: ProbeOptions): Promise<RunningProbe> {
  const begun = performance.now();
  const process = new ProbeProcess(program, { lost, unseen });
  process.choose(calls);
  try {
    const source = await readCapture(process.capture(), { name, generation: "head", problem });
    return { begun, process, source };
  } catch (cause) {
    await process.end();
    throw unavailable(program, process.failure ?? "it ended at once", cause);
  }
}

/** The batches of one probe until it ends. A snapshot comes in a batch of its own, so that it can be completed. */
async function* eventsOf({ process, source }: RunningProbe, signal: AbortSignal): AsyncGenerator<KernelEventBatch> {
  const stop = (): void => void process.end();
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (signal.aborted) return;
    for await (const batch of source.events(signal)) {
      if (batch.snapshot === undefined) yield batch;
      else {
        const { snapshot, ...rest } = batch;
        yield { ...rest, count: 0, snapshot };
        yield rest;
      }
    }
  } catch (error) {
    // The end of the process cuts its capture off.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function emptyBatch({ snapshot }: KernelEventSource): KernelEventBatch {
  const [none, bytes] = [new Float64Array(), new Uint8Array()];
  const times = new Uint32Array();
  return {
    count: 0,
    bytes: Buffer.alloc(0),
    numbers: none,
    codes: new Uint16Array(),
    cpus: new Uint16Array(),
    timesLow: times,
    timesHigh: times,
    threads: none,
    parameterCounts: bytes,
    lengthOffsets: times,
    lengthSizes: bytes,
    snapshot,
  };
}

function unavailable(program: string, reason: string, cause?: unknown): PlimsollError {
  return new PlimsollError("probe-unavailable", `the probe ${program} cannot watch this machine: ${reason}`, {
    ...(cause !== undefined && { cause }),
    hint: "It needs Linux 5.8 or newer with BTF, and root or the capabilities that docs/watch-live.md lists.",
  });
}

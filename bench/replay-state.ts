/**
 * Keeps the state of a large machine in this process, made from a capture, and prints the megabytes that it takes as JSON.
 * Usage: `node --expose-gc bench/replay-state.ts CAPTURE`.
 */
import { createReadStream } from "node:fs";
import { KernelState } from "../src/rules/state/kernel-state.ts";
import { readCapture } from "../src/sources/capture/read-capture.ts";

/** What a state takes. */
export interface StateSize {
  readonly threads: number;
  readonly descriptors: number;
  /** Megabytes of the heap that the state keeps, and the most that was resident while it was made. */
  readonly heap: number;
  readonly peak: number;
}

const [path = ""] = process.argv.slice(2);
const before = heap();
const state = await stateOf(path);
const { maxRSS } = process.resourceUsage();
const size: StateSize = {
  threads: state.threads.size,
  descriptors: state.threadTable.descriptorCount,
  heap: heap() - before,
  peak: (maxRSS * 1024) / 1e6,
};
process.stdout.write(`${JSON.stringify(size)}\n`);

function heap(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

async function stateOf(name: string): Promise<KernelState> {
  const input = createReadStream(name, { highWaterMark: 1 << 20 });
  const { snapshot } = await readCapture(input, { name, generation: "head" });
  return new KernelState(snapshot, "head");
}

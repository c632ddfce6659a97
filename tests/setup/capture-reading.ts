import type { KernelEventBatch, KernelSnapshot } from "../../src/model/events/kernel-event.ts";
import { kernelEventTypes } from "../../src/model/events/kernel-event-table.ts";
import type { Problem } from "../../src/model/reports/problem.ts";
import { readCapture } from "../../src/sources/capture/read-capture.ts";

/** An event as it was handed out; its parameters are hex. */
export interface ReadEvent {
  readonly id: string;
  readonly number: number;
  readonly tid: number;
  readonly parameters: readonly string[];
  readonly visible: number;
  readonly isHidden: boolean;
}

/** All that a capture gave. `snapshots` are those of later sections. */
export interface Reading {
  readonly snapshot: KernelSnapshot;
  readonly events: readonly ReadEvent[];
  readonly snapshots: readonly KernelSnapshot[];
  readonly problems: readonly Problem[];
}

/** Reads a capture to its end, from so many pieces. Damage behind the begin of its events is a problem. */
export async function reading(bytes: Uint8Array, generation: "head" | "0.40" = "head", pieces = 1): Promise<Reading> {
  const problems: Problem[] = [];
  const source = await readCapture(inPieces(Buffer.from(bytes), pieces), {
    name: "test.scap",
    generation,
    problem: (problem) => problems.push(problem),
  });
  const events: ReadEvent[] = [];
  const snapshots: KernelSnapshot[] = [];
  for await (const batch of source.events(new AbortController().signal)) {
    if (batch.snapshot) snapshots.push(batch.snapshot);
    for (let index = 0; index < batch.count; index++) events.push(eventAt(batch, index));
  }
  return { snapshot: source.snapshot, events, snapshots, problems };
}

/** The bytes in so many pieces. */
export async function* inPieces(bytes: Buffer, count: number): AsyncGenerator<Buffer> {
  const size = Math.ceil(bytes.length / count);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The event at a place of a batch. */
export function eventAt(batch: KernelEventBatch, index: number): ReadEvent {
  const count = batch.parameterCounts[index] ?? 0;
  const size = batch.lengthSizes[index] ?? 0;
  const lengths = batch.lengthOffsets[index] ?? 0;
  let at = lengths + count * size;
  const parameters = Array.from({ length: count }, (_, parameter) => {
    const length = batch.bytes.readUIntLE(lengths + parameter * size, size);
    at += length;
    return batch.bytes.toString("hex", at - length, at);
  });
  return {
    id: kernelEventTypes[batch.codes[index] ?? -1]?.id ?? "",
    number: batch.numbers[index] ?? 0,
    tid: batch.threads[index] ?? 0,
    parameters,
    visible: batch.visibleCounts?.[index] ?? count,
    isHidden: batch.hidden?.[index] === 1,
  };
}

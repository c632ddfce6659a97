import type { KernelEventBatch } from "../../model/events/kernel-event.ts";
import { kernelEventTypes } from "../../model/events/kernel-event-table.ts";

interface BuiltEvent {
  readonly code: number;
  readonly thread: number;
  readonly time: bigint;
  readonly parameters: readonly Buffer[];
}

/** Puts kernel events together, one after another, as a source would hand them out. */
export class EventBatchBuilder {
  readonly #events: BuiltEvent[] = [];

  /** Adds an event with the bytes of its parameters; an empty buffer is a parameter without a value. */
  add(event: BuiltEvent): void {
    this.#events.push(event);
  }

  /** Adds all events of another one. */
  addAll(other: EventBatchBuilder): void {
    for (const event of other.#events) this.add(event);
  }

  build(): KernelEventBatch {
    const events = this.#events;
    const chunks: Buffer[] = [];
    const lengthOffsets = new Uint32Array(events.length);
    const lengthSizes = Uint8Array.from(events, ({ code }) => lengthSizeOf(code));
    let at = 0;
    for (const [index, { parameters }] of events.entries()) {
      lengthOffsets[index] = at;
      const lengthSize = lengthSizes[index] as number;
      const lengths = Buffer.alloc(parameters.length * lengthSize);
      for (const [place, { length }] of parameters.entries())
        lengths.writeUIntLE(length, place * lengthSize, lengthSize);
      chunks.push(lengths, ...parameters);
      at += lengths.length + parameters.reduce((sum, { length }) => sum + length, 0);
    }
    return {
      count: events.length,
      bytes: Buffer.concat(chunks),
      numbers: Float64Array.from(events, (_, index) => index + 1),
      codes: Uint16Array.from(events, ({ code }) => code),
      cpus: new Uint16Array(events.length),
      timesLow: Uint32Array.from(events, ({ time }) => Number(time & 0xffff_ffffn)),
      timesHigh: Uint32Array.from(events, ({ time }) => Number(time >> 32n)),
      threads: Float64Array.from(events, ({ thread }) => thread),
      parameterCounts: Uint8Array.from(events, ({ parameters }) => parameters.length),
      lengthOffsets,
      lengthSizes,
    };
  }
}

/** Bytes that hold the length of a parameter of this event type. */
function lengthSizeOf(code: number): 2 | 4 {
  return kernelEventTypes[code]?.flags.includes("LARGE_PAYLOAD") ? 4 : 2;
}

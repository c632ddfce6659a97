import type { KernelEventBatch, KernelSnapshot } from "../../model/events/kernel-event.ts";

/** The most events of a batch. */
export const batchCapacity = 8192;

/** A batch whose columns are filled again and again. */
export class EventColumns implements KernelEventBatch {
  count = 0;
  bytes: Buffer = Buffer.alloc(0);
  readonly numbers: Float64Array = new Float64Array(batchCapacity);
  readonly codes: Uint16Array = new Uint16Array(batchCapacity);
  readonly cpus: Uint16Array = new Uint16Array(batchCapacity);
  readonly timesLow: Uint32Array = new Uint32Array(batchCapacity);
  readonly timesHigh: Uint32Array = new Uint32Array(batchCapacity);
  readonly threads: Float64Array = new Float64Array(batchCapacity);
  readonly parameterCounts: Uint8Array = new Uint8Array(batchCapacity);
  readonly lengthOffsets: Uint32Array = new Uint32Array(batchCapacity);
  readonly lengthSizes: Uint8Array = new Uint8Array(batchCapacity);
  readonly visibleCounts: Uint8Array = new Uint8Array(batchCapacity);
  readonly hidden: Uint8Array = new Uint8Array(batchCapacity);

  /** This batch as the first one of a new section of the capture. */
  withSnapshot(snapshot: KernelSnapshot): KernelEventBatch {
    const { count, bytes, numbers, codes, cpus, timesLow, timesHigh, threads } = this;
    const { parameterCounts, lengthOffsets, lengthSizes, visibleCounts, hidden } = this;
    return {
      ...{ count, bytes, numbers, codes, cpus, timesLow, timesHigh, threads },
      ...{ parameterCounts, lengthOffsets, lengthSizes, visibleCounts, hidden, snapshot },
    };
  }
}

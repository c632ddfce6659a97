import type { KernelEventBatch, KernelMachine, KernelSnapshot } from "../../model/kernel-event.ts";
import { KernelEvent } from "./kernel-event.ts";
import type { Thread } from "./thread.ts";

/** Which generation of Falco's library the state behaves as: `head` (no enter events), or `0.40` with enter events. */
export type Generation = "head" | "0.40";

/** Everything that is known of a machine from its snapshot and its events so far. */
export class KernelState {
  readonly machine: KernelMachine;
  readonly generation: Generation;
  readonly threads: Map<number, Thread> = new Map();
  /** The one event that moves over the batches. */
  readonly event: KernelEvent;

  constructor(snapshot: KernelSnapshot, generation: Generation = "head") {
    this.machine = snapshot.machine;
    this.generation = generation;
    this.event = new KernelEvent(this);
  }

  /**
   * Moves {@link event} to the event at `index` and takes it into the state. False for an event that rules do not see (what only
   * feeds the state).
   */
  advance(batch: KernelEventBatch, index: number): boolean {
    this.event.moveTo(batch, index);
    return true;
  }
}

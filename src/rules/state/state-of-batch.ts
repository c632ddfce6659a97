import type { KernelEventBatch } from "../../model/events/kernel-event.ts";
import { KernelState } from "./kernel-state.ts";

/**
 * The state in which the events of a batch are to be looked at: another one when the batch begins a new section of its
 * source, which tells again what the machine looked like. Its event goes on with other serials, so that nothing
 * remembered is taken for its own.
 */
export function stateOfBatch(state: KernelState, batch: KernelEventBatch): KernelState {
  if (batch.snapshot === undefined) return state;
  const next = new KernelState(batch.snapshot, state.generation, { limits: state.limits });
  next.event.serial = state.event.serial;
  return next;
}

import { expect, test } from "vitest";
import { kernelEvent, machineWith } from "../../../tests/setup/kernel-events.ts";
import { KernelState } from "./kernel-state.ts";
import { stateOfBatch } from "./state-of-batch.ts";

const batch = kernelEvent({ id: "SYSCALL_GETCWD_E", tid: 7 });

test("a batch goes on with the state before it", () => {
  const state = new KernelState(machineWith());
  expect(stateOfBatch(state, batch)).toBe(state);
});

test("a batch that begins a section has a state of its own, and no serial twice", () => {
  const state = new KernelState(machineWith());
  state.advance(batch, 0);
  const next = stateOfBatch(state, { ...batch, snapshot: machineWith() });
  expect(next).not.toBe(state);
  next.advance(batch, 0);
  expect(next.event.serial).toBe(2);
});

test("an event that only feeds the state is not for rules", () => {
  const state = new KernelState(machineWith());
  expect(state.advance({ ...batch, hidden: Uint8Array.of(1) }, 0)).toBe(false);
});

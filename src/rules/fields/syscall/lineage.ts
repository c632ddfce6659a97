import type { KernelState } from "../../state/kernel-state.ts";
import type { Thread } from "../../state/thread.ts";

/** The process so many generations up, as its main thread: itself for 0. `undefined` when it is not known. */
export function ancestorProcess(state: KernelState, thread: Thread, generations: number): Thread | undefined {
  let process = thread.main;
  for (let generation = 0; generation < generations && process !== undefined; generation++) {
    process = state.threads.get(process.ptid)?.main;
  }
  return process;
}

/**
 * The oldest thread among a thread and its ancestors in a row that has the same id of session or group, which is how a
 * leader is found in a namespace of its own; outside of one it is looked up by its id.
 */
export function leaderOf(state: KernelState, thread: Thread, id: "sid" | "vpgid" | "pgid"): Thread | undefined {
  const number = thread[id];
  if (number === -1) return undefined;
  if (id === "pgid" || !thread.isInPidNamespace) {
    const leader = state.threads.get(number);
    if (leader !== undefined) return leader;
  }
  let oldest: Thread | undefined;
  for (const ancestor of state.threadTable.ancestors(thread)) {
    if (ancestor[id] !== number) break;
    oldest = ancestor;
  }
  return oldest;
}

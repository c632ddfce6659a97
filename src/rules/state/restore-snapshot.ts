import type { KernelSnapshot } from "../../model/kernel-event.ts";
import type { KernelState } from "./kernel-state.ts";
import { addListedDescriptor, noteServerPort } from "./listed-descriptor.ts";
import { listedThread } from "./listed-thread.ts";
import type { Thread } from "./thread.ts";

/** Fills a new state with what the machine looked like when its events began. */
export function restoreSnapshot(state: KernelState, snapshot: KernelSnapshot): void {
  for (const user of snapshot.users) state.users.add(user.uid, "", user);
  for (const group of snapshot.groups) state.groups.add(group.gid, "", group);
  for (const { descriptors } of snapshot.threads) {
    for (const descriptor of descriptors) noteServerPort(state, descriptor);
  }
  const threads: Thread[] = [];
  for (const listed of snapshot.threads) {
    const thread = listedThread(state, listed);
    if (!state.threadTable.addUnlinked(thread)) continue;
    threads.push(thread);
    for (const descriptor of listed.descriptors) addListedDescriptor(state, thread, descriptor);
  }
  for (const thread of threads) state.threadTable.link(thread);
}

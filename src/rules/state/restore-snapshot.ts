import type { KernelSnapshot } from "../../model/events/kernel-event.ts";
import type { Descriptor } from "./descriptor.ts";
import type { KernelState } from "./kernel-state.ts";
import { addListedDescriptor, isConnection, noteServerPort, settleConnection } from "./listed-descriptor.ts";
import { listedThread } from "./listed-thread.ts";
import type { Thread } from "./thread.ts";

/** Fills a new state with what the machine looked like when its events began. */
export function restoreSnapshot(state: KernelState, snapshot: KernelSnapshot): void {
  for (const user of snapshot.users) state.users.add(user.uid, "", user);
  for (const group of snapshot.groups) state.groups.add(group.gid, "", group);
  const threads: Thread[] = [];
  const sockets: Descriptor[] = [];
  for (const listed of snapshot.eachThread?.() ?? snapshot.threads) {
    const thread = listedThread(state, listed);
    const isKept = state.threadTable.addUnlinked(thread);
    if (isKept) threads.push(thread);
    for (const descriptor of listed.descriptors) {
      noteServerPort(state, descriptor);
      const added = isKept ? addListedDescriptor(state, thread, descriptor) : undefined;
      if (added !== undefined && isConnection(added)) sockets.push(added);
    }
  }
  // The server side of a connection is known when all listening ports are.
  for (const socket of sockets) settleConnection(state, socket);
  for (const thread of threads) state.threadTable.link(thread);
}

import { kernelEventCode } from "../../../model/events/kernel-event-table.ts";
import { closeOnExec, type Descriptor } from "../descriptor.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import { resultOf } from "../parameter-values.ts";
import { threadFlags } from "../thread.ts";

const dup3 = kernelEventCode("SYSCALL_DUP3_X");
const fcntlDuplicate = 1;
const fcntlSetFlags = 3;
const fcntlDuplicateCloseOnExec = 26;
const closeRangeOnExec = 4;

const duplicate: StateHandler = (state, event) => {
  const { thread, descriptor } = event;
  const fd = resultOf(event);
  if (thread === undefined || fd < 0) return;
  if (descriptor === undefined && state.isHead) return;
  // A duplicate onto the standard input or output is how shells build pipes.
  if (fd === 0) thread.flags |= threadFlags.pipeDestination;
  if (fd === 1) thread.flags |= threadFlags.pipeSource;
  if (descriptor === undefined) return;
  const flags = event.code === dup3 ? event.unsigned(3) : 0;
  // The older library lets the flag live on unless dup3 says otherwise.
  const keeps = !state.isHead && event.code !== dup3;
  state.put(event, fd, keeps ? descriptor : descriptor.duplicate((flags & closeOnExec) !== 0));
};

const control: StateHandler = (state, event) => {
  const { thread, descriptor } = event;
  if (thread === undefined || descriptor === undefined) return;
  const command = event.unsigned(2);
  const result = resultOf(event);
  if (result < 0) return;
  if (command === fcntlSetFlags) {
    if (state.isHead) state.replace(event, descriptor.duplicate((event.unsigned(3) & 1) !== 0));
  } else if (command === fcntlDuplicate || command === fcntlDuplicateCloseOnExec) {
    state.put(event, result, state.isHead ? descriptor.duplicate(command === fcntlDuplicateCloseOnExec) : descriptor);
  }
};

const close: StateHandler = (state, event) => {
  const { thread, descriptor } = event;
  if (thread === undefined || descriptor === undefined || resultOf(event) < 0) return;
  state.closeLater(thread, event.fd);
};

const closeRange: StateHandler = (state, event) => {
  const table = event.thread?.descriptorOwner?.ownDescriptors;
  if (table === undefined || resultOf(event) < 0 || !state.isHead) return;
  const [first, last] = [event.unsigned(1), event.unsigned(2)];
  const onlyMarks = (event.unsigned(3) & closeRangeOnExec) !== 0;
  for (const [fd, descriptor] of [...table]) {
    if (fd < first || fd > last) continue;
    if (onlyMarks) table.set(fd, marked(descriptor));
    else {
      table.delete(fd);
      state.threadTable.descriptorCount--;
    }
  }
};

function marked(descriptor: Descriptor): Descriptor {
  if ((descriptor.openFlags & closeOnExec) !== 0) return descriptor;
  const copy = descriptor.copy();
  copy.openFlags |= closeOnExec;
  return copy;
}

/** Calls that duplicate descriptors, and that close them. */
export const duplicateHandlers: StateHandlers = {
  SYSCALL_DUP_X: duplicate,
  SYSCALL_DUP_1_X: duplicate,
  SYSCALL_DUP2_X: duplicate,
  SYSCALL_DUP3_X: duplicate,
  SYSCALL_FCNTL_X: control,
  SYSCALL_CLOSE_X: close,
  SYSCALL_CLOSE_RANGE_X: closeRange,
};

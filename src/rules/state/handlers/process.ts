import { kernelEventCode } from "../../../model/events/kernel-event-table.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import { joinPaths } from "../joined-path.ts";
import type { KernelEvent } from "../kernel-event.ts";
import { has, pathOf, resultOf } from "../parameter-values.ts";
import { threadFlags } from "../thread.ts";

const openFiles = 7;
const setReaper = 36;
const getReaper = 37;
const allCapabilities = (1n << 41n) - 1n;
const unshare = kernelEventCode("SYSCALL_UNSHARE_X");
const reaper = 4;

const exit: StateHandler = (state, event) => {
  const { thread } = event;
  if (thread === undefined) return;
  if (thread.group !== undefined && !thread.isDead) thread.group.aliveCount--;
  thread.flags |= threadFlags.closed;
  state.endLater(thread);
  if (thread.children !== undefined && thread.children.size > 0) thread.reaperTid = event.signed(reaper, -1);
};

const changeDirectory: StateHandler = (_state, event) => {
  if (resultOf(event) >= 0) setDirectory(event, pathOf(event, 1));
};

const changeToDescriptor: StateHandler = (_state, event) => {
  if (resultOf(event) >= 0 && event.descriptor !== undefined) setDirectory(event, event.descriptor.name);
};

function setDirectory({ thread }: KernelEvent, path: string): void {
  const main = thread?.main;
  if (thread === undefined || main === undefined) return;
  const cwd = joinPaths(thread.ownCwd, path);
  main.ownCwd = cwd.endsWith("/") ? cwd : `${cwd}/`;
}

const changeRoot: StateHandler = (state, event) => {
  const { thread } = event;
  if (thread === undefined || resultOf(event) !== 0) return;
  const path = pathOf(event, 1);
  thread.root = path.startsWith("/") || path === "<NA>" ? path : joinPaths(thread.cwd, path);
  thread.containerSlot = state.containers.slotOf(thread.cgroupSet);
};

/** Both getting and setting tell the limit that holds. */
const limit: StateHandler = (_state, event) => {
  const main = event.thread?.main;
  if (main === undefined || resultOf(event) < 0 || event.unsigned(3, 255) !== openFiles) return;
  const current = event.signed(1);
  if (current !== -1) main.ownFdLimit = current;
};

const limitOfProcess: StateHandler = (state, event) => {
  if (resultOf(event) !== 0 || event.unsigned(6, 255) !== openFiles || !has(event, 5)) return;
  const current = event.signed(1);
  const tid = event.signed(5);
  const thread =
    current === -1 ? undefined : state.threadTable.getOrInvent(tid === 0 ? event.tid : tid, event.timeHigh);
  if (thread === undefined || thread.isInvalid) return;
  const { main } = thread;
  if (main !== undefined) main.ownFdLimit = current;
};

const switchContext: StateHandler = (_state, event) => {
  const { thread } = event;
  if (thread === undefined || !has(event, 5)) return;
  thread.majorFaults = event.signed(1, 0);
  thread.minorFaults = event.signed(2, 0);
  const { main } = thread;
  if (main === undefined) return;
  main.vmSizeKb = event.unsigned(3);
  main.vmRssKb = event.unsigned(4);
  main.vmSwapKb = event.unsigned(5);
};

const changeMemory: StateHandler = (_state, event) => {
  const { thread } = event;
  if (thread === undefined) return;
  if (has(event, 1)) thread.vmSizeKb = event.unsigned(1);
  if (!has(event, 3)) return;
  thread.vmRssKb = event.unsigned(2);
  thread.vmSwapKb = event.unsigned(3);
};

const control: StateHandler = (_state, event) => {
  const { thread } = event;
  if (thread === undefined || thread.isInvalid || resultOf(event) < 0) return;
  const option = event.unsigned(1);
  if (thread.group !== undefined && (option === setReaper || option === getReaper)) {
    thread.group.isReaper = event.signed(3, 0) !== 0;
  }
};

const setCapabilities: StateHandler = (_state, event) => {
  const { thread } = event;
  if (thread === undefined || resultOf(event) < 0) return;
  thread.capInheritable = event.unsigned64(1) ?? 0n;
  thread.capPermitted = event.unsigned64(2) ?? 0n;
  thread.capEffective = event.unsigned64(3) ?? 0n;
};

/** In a new user namespace a thread has all capabilities. */
const enterNamespace: StateHandler = (_state, event) => {
  const { thread } = event;
  if (thread === undefined || resultOf(event) < 0) return;
  const flags = event.code === unshare ? event.unsigned(1) : event.unsigned(2);
  if ((flags & threadFlags.cloneNewUser) === 0) return;
  thread.capInheritable = allCapabilities;
  thread.capPermitted = allCapabilities;
  thread.capEffective = allCapabilities;
};

/** What changes a process as a whole: its end, its directories, its limits and its memory. */
export const processHandlers: StateHandlers = {
  PROCEXIT_E: exit,
  PROCEXIT_1_E: exit,
  SCHEDSWITCH_6_E: switchContext,
  SYSCALL_BRK_4_X: changeMemory,
  SYSCALL_MMAP_X: changeMemory,
  SYSCALL_MMAP2_X: changeMemory,
  SYSCALL_MUNMAP_X: changeMemory,
  SYSCALL_CHDIR_X: changeDirectory,
  SYSCALL_FCHDIR_X: changeToDescriptor,
  SYSCALL_GETCWD_X: changeDirectory,
  SYSCALL_CHROOT_X: changeRoot,
  SYSCALL_GETRLIMIT_X: limit,
  SYSCALL_SETRLIMIT_X: limit,
  SYSCALL_PRLIMIT_X: limitOfProcess,
  SYSCALL_PRCTL_X: control,
  SYSCALL_CAPSET_X: setCapabilities,
  SYSCALL_UNSHARE_X: enterNamespace,
  SYSCALL_SETNS_X: enterNamespace,
};

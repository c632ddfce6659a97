import { kernelEventCode } from "../../../model/events/kernel-event-table.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import type { KernelEvent } from "../kernel-event.ts";
import type { KernelState } from "../kernel-state.ts";
import { bytesOf, has, parameterPlaces, resultOf } from "../parameter-values.ts";
import { Thread, threadFlags } from "../thread.ts";

const ids = [
  "SYSCALL_CLONE_11_X",
  "SYSCALL_CLONE_16_X",
  "SYSCALL_CLONE_17_X",
  "SYSCALL_CLONE_20_X",
  "SYSCALL_FORK_X",
  "SYSCALL_FORK_17_X",
  "SYSCALL_FORK_20_X",
  "SYSCALL_VFORK_X",
  "SYSCALL_VFORK_17_X",
  "SYSCALL_VFORK_20_X",
  "SYSCALL_CLONE3_X",
];
const vfork = kernelEventCode("SYSCALL_VFORK_20_X");

/** The parameters in the order of {@link at}. */
const names = [
  "exe",
  "args",
  "pid",
  "ptid",
  "fdlimit",
  "pgft_maj",
  "pgft_min",
  "vm_size",
  "vm_rss",
  "vm_swap",
  "comm",
  "cgroups",
  "flags",
  "uid",
  "gid",
  "vtid",
  "vpid",
  "pidns_init_start_ts",
];
const at = {
  exe: 0,
  args: 1,
  pid: 2,
  ptid: 3,
  fdLimit: 4,
  majorFaults: 5,
  minorFaults: 6,
  vmSize: 7,
  vmRss: 8,
  vmSwap: 9,
  comm: 10,
  cgroups: 11,
  flags: 12,
  uid: 13,
  gid: 14,
  vtid: 15,
  vpid: 16,
  pidNamespaceStart: 17,
} as const;
const places = parameterPlaces(ids, names);

/** How long after a clone the child's side of it can still come. */
const staleAfter = 2_000_000_000n;

const clone: StateHandler = (state, event) => {
  const child = resultOf(event);
  if (child > 0) inCaller(state, event, child);
  else if (child === 0) inChild(state, event);
};

function place(event: KernelEvent, parameter: number): number {
  return (places[event.code] as Readonly<Uint8Array>)[parameter] as number;
}

/** The parent's side: it knows its child best, except inside of pid namespaces, where it has another id for it. */
function inCaller(state: KernelState, event: KernelEvent, childTid: number): void {
  const caller = state.threadTable.getOrInvent(event.tid, event.timeHigh);
  event.thread = caller;
  if (caller === undefined) return;
  const isValid = !caller.isInvalid;
  if (!isValid) {
    caller.pid = event.signed(place(event, at.pid));
    caller.ptid = event.signed(place(event, at.ptid));
    setVirtualIds(caller, event);
    state.threadTable.link(caller);
  }
  const flags = event.unsigned(place(event, at.flags));
  const inNamespace = threadFlags.childInPidNamespace | threadFlags.cloneNewPid | threadFlags.cloneParent;
  if ((flags & inNamespace) !== 0 || event.tid !== caller.vtid) return;
  if (state.isHead) {
    // The child of a vfork runs first, up to its exec or its end.
    if ((flags & threadFlags.cloneVfork) !== 0 || event.code === vfork) return;
    if (state.threadTable.hasJustEnded(childTid, event.tid, event)) return;
  }
  const existing = state.threads.get(childTid);
  const collides = existing !== undefined;
  if (existing !== undefined) {
    if ((existing.flags & threadFlags.cloneInverted) !== 0) return;
    state.threadTable.remove(childTid, event.timeHigh);
  }
  const isThread = (flags & threadFlags.cloneThread) !== 0;
  const child = new Thread(childTid, isThread ? caller.pid : childTid);
  child.flags = isThread ? flags | threadFlags.cloneFiles : flags;
  child.ptid = isThread ? caller.ptid : caller.tid;
  if (isThread) child.lastExecTime = caller.lastExecTime;
  else if (isValid) inheritProcess(state, child, caller);
  child.vtid = child.tid;
  child.vpid = child.pid;
  describe(state, event, { child, near: caller });
  child.pidNamespaceStart = state.machine.bootTime;
  if (isValid) inherit(child, caller);
  else describeBy(caller, child);
  if (!state.threadTable.add(child, event.timeHigh)) return;
  if (collides) event.thread = state.threads.get(event.tid);
}

/** The child's side. */
function inChild(state: KernelState, event: KernelEvent): void {
  const { tid, thread: existing } = event;
  if (existing !== undefined && existing.cloneTime !== 0n) {
    // The parent's side was here before.
    if (event.time - existing.cloneTime < staleAfter) return;
    state.threadTable.remove(tid, event.timeHigh);
    event.thread = undefined;
  }
  const child = new Thread(tid, event.signed(place(event, at.pid)));
  child.ptid = event.signed(place(event, at.ptid));
  setVirtualIds(child, event);
  child.flags = event.unsigned(place(event, at.flags)) | threadFlags.cloneInverted;
  const isThread = (child.flags & threadFlags.cloneThread) !== 0;
  if (isThread) child.flags |= threadFlags.cloneFiles;
  // A process takes after its parent, a thread after the main thread of its process.
  const near = state.threadTable.getOrInvent(isThread ? child.pid : child.ptid, event.timeHigh);
  if (near === undefined) {
    event.thread = undefined;
    return;
  }
  const isValid = !near.isInvalid;
  if (!isValid && isThread) {
    near.pid = child.pid;
    near.ptid = child.ptid;
    near.vpid = child.vpid;
    near.vtid = near.vpid;
    state.threadTable.link(near);
  }
  describe(state, event, { child, near });
  if (isValid) {
    inherit(child, near);
    if (isThread) child.lastExecTime = near.lastExecTime;
    else inheritProcess(state, child, near);
  } else if (isThread) describeBy(near, child);
  const isNamespaced = (child.flags & (threadFlags.childInPidNamespace | threadFlags.cloneNewPid)) !== 0;
  if (isNamespaced || child.tid !== child.vtid) {
    const start = event.unsigned64(place(event, at.pidNamespaceStart));
    if (start !== undefined) child.pidNamespaceStart = start + state.machine.bootTime;
  } else child.pidNamespaceStart = state.machine.bootTime;
  event.thread = state.threadTable.add(child, event.timeHigh) ? child : undefined;
}

function setVirtualIds(thread: Thread, event: KernelEvent): void {
  const shouldReport = has(event, place(event, at.vpid));
  thread.vtid = shouldReport ? event.signed(place(event, at.vtid)) : thread.tid;
  thread.vpid = shouldReport ? event.signed(place(event, at.vpid)) : -1;
}

/** Facts about the child in the event itself; texts that `near` has as well are not kept twice. */
function describe(state: KernelState, event: KernelEvent, { child, near }: { child: Thread; near: Thread }): void {
  child.exe = state.texts.text(event, place(event, at.exe)) ?? "<NA>";
  child.comm = state.texts.text(event, place(event, at.comm)) ?? child.exe;
  const args = state.texts.bytes(event, place(event, at.args));
  child.argsText = args === near.argsText ? near.argsText : args;
  child.ownFdLimit = event.signed(place(event, at.fdLimit), -1);
  if (has(event, place(event, at.vmSwap))) {
    child.majorFaults = event.signed(place(event, at.majorFaults), 0);
    child.minorFaults = event.signed(place(event, at.minorFaults), 0);
    child.vmSizeKb = event.unsigned(place(event, at.vmSize));
    child.vmRssKb = event.unsigned(place(event, at.vmRss));
    child.vmSwapKb = event.unsigned(place(event, at.vmSwap));
  }
  child.uid = event.unsigned(place(event, at.uid));
  child.gid = event.unsigned(place(event, at.gid));
  if (has(event, place(event, at.cgroups))) {
    child.cgroupSet = state.cgroups.read(bytesOf(event, place(event, at.cgroups)), near.cgroupSet) ?? child.cgroupSet;
  }
  child.cloneTime = event.time;
}

/** What every thread has from the one that it takes after. */
function inherit(child: Thread, from: Thread): void {
  child.exepath = from.exepath;
  child.exeWritable = from.exeWritable;
  child.exeUpperLayer = from.exeUpperLayer;
  child.exeLowerLayer = from.exeLowerLayer;
  child.exeFromMemfd = from.exeFromMemfd;
  child.root = from.root;
  child.sid = from.sid;
  child.vpgid = from.vpgid;
  child.pgid = from.pgid;
  child.tty = from.tty;
  child.loginUid = from.loginUid;
  child.capPermitted = from.capPermitted;
  child.capInheritable = from.capInheritable;
  child.capEffective = from.capEffective;
  child.exeInode = from.exeInode;
  child.exeInodeChangeTime = from.exeInodeChangeTime;
  child.exeInodeModifyTime = from.exeInodeModifyTime;
  child.exeInodeChangeToClone = from.exeInodeChangeToClone;
}

/** What only processes have. */
function inheritProcess(state: KernelState, child: Thread, from: Thread): void {
  const table = from.descriptors;
  if (table.size > 0 && state.hasRoomFor(table.size)) child.ownDescriptors = table.copy();
  child.ownCwd = from.cwd;
  child.envText = from.envText;
}

/** Copies facts from a relative to a thread without known facts. */
function describeBy(thread: Thread, relative: Thread): void {
  thread.exe = relative.exe;
  thread.comm = relative.comm;
  thread.argsText = relative.argsText;
}

/** Changes by `clone`, `fork` and similar calls, seen from the parent and from the child. */
export const cloneHandlers: StateHandlers = Object.fromEntries(ids.map((id) => [id, clone]));

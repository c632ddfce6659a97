import type { ByteString } from "../../../model/events/kernel-event.ts";
import { kernelEventCode } from "../../../model/events/kernel-event-table.ts";
import type { Descriptor } from "../descriptor.ts";
import { directoryOf, unknownDirectory } from "../directory.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import { joinPaths } from "../joined-path.ts";
import type { KernelEvent } from "../kernel-event.ts";
import type { KernelState } from "../kernel-state.ts";
import { bytesOf, has, parameterPlaces, resultOf, unreadable } from "../parameter-values.ts";
import { type RememberedEnter, type Thread, threadFlags } from "../thread.ts";
import { takeRemembered } from "./enter.ts";

const ids = [
  "SYSCALL_EXECVE_8_X",
  "SYSCALL_EXECVE_13_X",
  "SYSCALL_EXECVE_14_X",
  "SYSCALL_EXECVE_15_X",
  "SYSCALL_EXECVE_16_X",
  "SYSCALL_EXECVE_17_X",
  "SYSCALL_EXECVE_18_X",
  "SYSCALL_EXECVE_19_X",
  "SYSCALL_EXECVEAT_X",
];
const executeAt = kernelEventCode("SYSCALL_EXECVEAT_E");

/** Where all versions of the event have these. */
const pid = 4;
const ptid = 5;
const fdLimit = 7;
const swap = 12;

/** The parameters that moved between versions, in the order of {@link at}. */
const names = ["comm", "cgroups", "env", "tty"];
const at = { comm: 0, cgroups: 1, env: 2, tty: 3 } as const;
const places = parameterPlaces(ids, names);

/** Those that were appended to the current version one after the other. */
const vpgid = 17;
const loginUid = 18;
const flags = 19;
const capInheritable = 20;
const capPermitted = 21;
const capEffective = 22;
const inode = 23;
const inodeChange = 24;
const inodeModify = 25;
const uid = 26;
const trustedPath = 27;
const pgid = 28;
const gid = 29;

const writable = 1;
const upperLayer = 2;
const fromMemfd = 4;
const lowerLayer = 8;
const emptyPath = 1;
const notAvailable = "<NA>";
const deleted = " (deleted)";
const keptFlags =
  threadFlags.pipeSource | threadFlags.pipeDestination | threadFlags.isMainThread | threadFlags.cloneInverted;

const execute: StateHandler = (state, event) => {
  const { thread } = event;
  if (thread === undefined || resultOf(event) < 0) return;
  if (thread.isDead) {
    // The main thread had ended before another thread of its process took its id by the exec.
    thread.flags &= ~threadFlags.closed;
    if (thread.group !== undefined) thread.group.aliveCount++;
  }
  setProgram(state, event, thread);
  if (thread.isInvalid) {
    thread.ptid = event.signed(ptid);
    if ((thread.flags & threadFlags.childInPidNamespace) === 0) {
      thread.vtid = thread.tid;
      thread.vpid = thread.pid;
    }
    state.threadTable.link(thread);
  }
  setResources(state, event, thread);
  setExepath(state, event, thread);
  setCredentials(event, thread);
  if (state.isHead) closeOnExecute(state, thread);
  thread.flags = threadFlags.active | threadFlags.nameChanged | (thread.flags & keptFlags);
  endOtherThreads(state, event, thread);
};

function place(event: KernelEvent, parameter: number): number {
  return (places[event.code] as Readonly<Uint8Array>)[parameter] as number;
}

function setProgram(state: KernelState, event: KernelEvent, thread: Thread): void {
  thread.exe = state.texts.text(event, 1) ?? notAvailable;
  thread.lastExecTime = event.time;
  thread.comm = state.texts.text(event, place(event, at.comm)) ?? thread.exe;
  thread.argsText = state.texts.bytes(event, 2);
  thread.pid = event.signed(pid);
}

function setResources(state: KernelState, event: KernelEvent, thread: Thread): void {
  thread.ownFdLimit = event.signed(fdLimit, -1);
  if (has(event, swap)) {
    thread.majorFaults = event.signed(8, 0);
    thread.minorFaults = event.signed(9, 0);
    thread.vmSizeKb = event.unsigned(10);
    thread.vmRssKb = event.unsigned(11);
    thread.vmSwapKb = event.unsigned(swap);
  }
  if (has(event, place(event, at.env))) {
    const env = bytesOf(event, place(event, at.env));
    if (env !== thread.envText) thread.envText = env;
  }
  if (has(event, place(event, at.cgroups))) {
    const set = state.cgroups.read(bytesOf(event, place(event, at.cgroups)), thread.cgroupSet);
    if (set !== undefined) {
      thread.cgroupSet = set;
      thread.containerSlot = state.containers.slotOf(set);
    }
  }
  if (has(event, place(event, at.tty))) thread.tty = event.unsigned(place(event, at.tty));
}

function setExepath(state: KernelState, event: KernelEvent, thread: Thread): void {
  const remembered = takeRemembered(event);
  const trusted = state.texts.text(event, trustedPath);
  if (trusted === unreadable) thread.exepath = notAvailable;
  else if (trusted !== undefined)
    thread.exepath = trusted.endsWith(deleted) ? trusted.slice(0, -deleted.length) : trusted;
  else if (remembered !== undefined) thread.exepath = pathOf(event, thread, remembered);
}

/** The path as the call named it, where the kernel did not tell which file it ran. */
function pathOf(
  event: KernelEvent,
  thread: Thread,
  { code, name, directory, flags: atFlags }: RememberedEnter,
): ByteString {
  if (code !== executeAt) return name === notAvailable ? notAvailable : joinPaths(thread.cwd, name);
  const from = directoryOf(event, name, directory);
  if (from !== "." && from !== unknownDirectory && directory >= 0) {
    const descriptor = thread.descriptors.get(directory);
    event.descriptor = descriptor;
    event.previousName = descriptor?.name ?? "";
  }
  const isDescriptorPath = (atFlags & emptyPath) !== 0;
  if (from === unknownDirectory || (!isDescriptorPath && name === notAvailable)) return notAvailable;
  return isDescriptorPath ? joinPaths("", from) : joinPaths(from, name);
}

function setCredentials(event: KernelEvent, thread: Thread): void {
  if (has(event, vpgid)) thread.vpgid = event.signed(vpgid);
  if (has(event, loginUid)) thread.loginUid = event.unsigned(loginUid);
  if (has(event, flags)) {
    const bits = event.unsigned(flags);
    thread.exeWritable = (bits & writable) !== 0;
    thread.exeUpperLayer = (bits & upperLayer) !== 0;
    thread.exeFromMemfd = (bits & fromMemfd) !== 0;
    thread.exeLowerLayer = (bits & lowerLayer) !== 0;
  }
  if (has(event, capEffective)) {
    thread.capInheritable = event.unsigned64(capInheritable) ?? 0n;
    thread.capPermitted = event.unsigned64(capPermitted) ?? 0n;
    thread.capEffective = event.unsigned64(capEffective) ?? 0n;
  }
  if (has(event, inodeModify)) {
    thread.exeInode = event.unsigned64(inode) ?? 0n;
    thread.exeInodeChangeTime = event.unsigned64(inodeChange) ?? 0n;
    thread.exeInodeModifyTime = event.unsigned64(inodeModify) ?? 0n;
    const { cloneTime, exeInodeChangeTime, pidNamespaceStart } = thread;
    if (cloneTime !== 0n) thread.exeInodeChangeToClone = BigInt.asUintN(64, cloneTime - exeInodeChangeTime);
    if (pidNamespaceStart !== 0n && exeInodeChangeTime > pidNamespaceStart) {
      thread.namespaceStartToExeInodeChange = exeInodeChangeTime - pidNamespaceStart;
    }
  }
  if (has(event, uid)) thread.uid = event.unsigned(uid);
  thread.pgid = event.signed(pgid, -1);
  if (has(event, gid)) thread.gid = event.unsigned(gid);
}

function closeOnExecute(state: KernelState, thread: Thread): void {
  const table = thread.descriptorOwner?.ownDescriptors;
  if (table === undefined) return;
  state.threadTable.descriptorCount -= table.deleteIf(isClosedOnExecute);
}

function isClosedOnExecute({ closesOnExec }: Descriptor): boolean {
  return closesOnExec;
}

/** When a process executes a program, only its main thread remains. */
function endOtherThreads(state: KernelState, event: KernelEvent, thread: Thread): void {
  const { group } = thread;
  if (group === undefined || group.aliveCount <= 1 || group.others === undefined) return;
  for (const other of [...group.others]) {
    if (!other.isMain && other !== thread) state.threadTable.remove(other.tid, event.timeHigh);
  }
}

/** What `execve` and `execveat` change. */
export const executeHandlers: StateHandlers = Object.fromEntries(ids.map((id) => [id, execute]));

import type { CgroupSet } from "./cgroup-set.ts";
import type { ContainerSlot } from "./container-table.ts";
import type { KernelEvent } from "./kernel-event.ts";
import { Thread, ThreadGroup, threadFlags } from "./thread.ts";

/** How many threads and descriptors the state may hold. */
export interface StateLimits {
  readonly threads: number;
  /** Descriptors of one process. */
  readonly descriptorsOfProcess: number;
  /** Descriptors of all processes. */
  readonly descriptors: number;
}

/**
 * How long nothing may be heard of a thread before it goes, once there is no more room: half an hour, in 2 ** 32
 * nanoseconds.
 */
const staleAfter = 419;
/** At most this often is looked for such: once in about a minute. */
const purgeEvery = 14;
const maximumAncestors = 10_000;
const maximumExits = 8192;

/** All threads by id, and how they belong together: processes, parents and children. */
export class ThreadTable {
  readonly threads: Map<number, Thread> = new Map();
  readonly #groups = new Map<number, ThreadGroup>();
  readonly #maximum: number;
  readonly #containerOf: (cgroups: CgroupSet) => ContainerSlot | undefined;
  /** When who ended under which parent, for children whose end is seen before their parent's side of the clone. */
  #exits = new Map<number, number>();
  /** The ones before; older ones are forgotten. */
  #olderExits = new Map<number, number>();
  #lastPurge = -purgeEvery;
  /** Entries of all descriptor tables. */
  descriptorCount = 0;
  /** Threads that found no room. */
  dropped = 0;
  /** Threads that went because nothing was heard of them for long and room was needed. */
  purged = 0;

  constructor(maximum: number, containerOf: (cgroups: CgroupSet) => ContainerSlot | undefined) {
    this.#maximum = maximum;
    this.#containerOf = containerOf;
  }

  /**
   * Takes a thread in, in place of one with the same id; false when there is no room. `now` is in 2 ** 32 nanoseconds.
   */
  add(thread: Thread, now: number): boolean {
    if (!this.#hasRoom(thread.tid, now)) {
      this.dropped++;
      return false;
    }
    const displaced = this.threads.get(thread.tid);
    if (displaced !== undefined) this.#displace(displaced);
    thread.lastSeen = now;
    this.descriptorCount += thread.ownDescriptors?.size ?? 0;
    thread.containerSlot = this.#containerOf(thread.cgroupSet);
    this.link(thread);
    this.threads.set(thread.tid, thread);
    return true;
  }

  /** Takes a thread in without telling its relatives; {@link link} has to follow. */
  addUnlinked(thread: Thread): boolean {
    if (this.threads.size >= this.#maximum && !this.threads.has(thread.tid)) {
      this.dropped++;
      return false;
    }
    const displaced = this.threads.get(thread.tid);
    if (displaced !== undefined) this.#displace(displaced);
    this.descriptorCount += thread.ownDescriptors?.size ?? 0;
    thread.containerSlot = this.#containerOf(thread.cgroupSet);
    this.threads.set(thread.tid, thread);
    return true;
  }

  /** The thread with this id, made up when it was not announced; `undefined` when there is no room for it. */
  getOrInvent(tid: number, now: number): Thread | undefined {
    const known = this.threads.get(tid);
    if (known !== undefined) return known;
    const thread = new Thread(tid, -1);
    thread.comm = "<NA>";
    thread.exe = "<NA>";
    thread.root = "";
    thread.flags = threadFlags.nameChanged;
    return this.add(thread, now) ? thread : undefined;
  }

  /** Puts the thread into the group of its process and under its parent. Invalid ones have neither. */
  link(thread: Thread): void {
    if (thread.isInvalid || thread.group !== undefined) return;
    let group = this.#groups.get(thread.pid);
    if (group === undefined) {
      group = new ThreadGroup(thread.pid, thread.pid === 1 || thread.vpid === 1);
      this.#groups.set(thread.pid, group);
    }
    if (thread.isMain) group.main = thread;
    else {
      group.others ??= new Set();
      group.others.add(thread);
    }
    group.aliveCount++;
    thread.group = group;
    if (thread.pid === 1) return;
    const parent = this.threads.get(thread.ptid);
    if (parent === undefined || parent.isInvalid) thread.ptid = 0;
    else addChild(parent, thread);
  }

  /**
   * Takes a thread out. A main thread stays, as dead, while others of its process live; with the last of them it goes
   * too.
   */
  remove(tid: number, now: number): void {
    const thread = this.threads.get(tid);
    if (thread === undefined) return;
    const { group } = thread;
    if (thread.isInvalid || group === undefined) {
      this.#forget(thread);
      return;
    }
    if (!thread.isDead) {
      group.aliveCount--;
      thread.flags |= threadFlags.closed;
    }
    if (thread.children !== undefined && thread.children.size > 0) this.#reparent(thread, now);
    if (group.aliveCount <= 0) this.#forgetGroup(group);
    if (group.aliveCount <= 0 || !thread.isMain) this.#forget(thread);
  }

  /** The parents of a thread, nearest first, until the first that is not known or that was already there. */
  *ancestors(thread: Thread): Generator<Thread, void> {
    const seen = new Set<Thread>([thread]);
    let parent = this.threads.get(thread.ptid);
    while (parent !== undefined && !seen.has(parent) && seen.size < maximumAncestors) {
      yield parent;
      seen.add(parent);
      parent = this.threads.get(parent.ptid);
    }
  }

  /** Remembers that the thread ends, by the event after its last. */
  rememberExit(thread: Thread, event: KernelEvent): void {
    if (this.#exits.size >= maximumExits) {
      this.#olderExits = this.#exits;
      this.#exits = new Map();
    }
    this.#exits.set(exitKey(thread.tid, thread.ptid), event.timeHigh * 0x1_0000_0000 + event.timeLow);
  }

  /** A child of this parent with this id ended less than two seconds before the event. */
  hasJustEnded(tid: number, ptid: number, event: KernelEvent): boolean {
    const key = exitKey(tid, ptid);
    const time = this.#exits.get(key) ?? this.#olderExits.get(key);
    if (time === undefined) return false;
    const since = event.timeHigh * 0x1_0000_0000 + event.timeLow - time;
    return since >= 0 && since < 2e9;
  }

  /** Another thread takes its id: its end was not seen. */
  #displace(thread: Thread): void {
    const { group } = thread;
    this.#forget(thread);
    if (group === undefined) return;
    if (!thread.isDead) group.aliveCount--;
    if (group.aliveCount <= 0) this.#forgetGroup(group);
  }

  /** No thread of the process lives. */
  #forgetGroup(group: ThreadGroup): void {
    if (this.#groups.get(group.pid) === group) this.#groups.delete(group.pid);
    if (group.main !== undefined) this.#forget(group.main);
    for (const other of [...(group.others ?? [])]) this.#forget(other);
  }

  #forget(thread: Thread): void {
    if (this.threads.get(thread.tid) === thread) {
      this.threads.delete(thread.tid);
      this.descriptorCount -= thread.ownDescriptors?.size ?? 0;
    }
    thread.group?.others?.delete(thread);
    if (thread.group?.main === thread) thread.group.main = undefined;
    this.threads.get(thread.ptid)?.children?.delete(thread);
  }

  #reparent(thread: Thread, now: number): void {
    let reaper = thread.reaperTid > 0 ? this.getOrInvent(thread.reaperTid, now) : undefined;
    if (reaper === undefined || reaper.isInvalid || reaper === thread) reaper = this.#findReaper(thread);
    if (reaper !== undefined && reaper.pid !== thread.pid && reaper.group !== undefined) reaper.group.isReaper = true;
    for (const child of thread.children ?? []) {
      if (reaper === undefined || reaper === child) child.ptid = 0;
      else addChild(reaper, child);
    }
    thread.children = undefined;
  }

  /**
   * As the kernel finds it: a thread of the same process, else the nearest ancestor that is a reaper in the same
   * namespace.
   */
  #findReaper(thread: Thread): Thread | undefined {
    const sibling = aliveThread(thread.group, thread);
    if (sibling !== undefined) return sibling;
    for (const parent of this.ancestors(thread)) {
      if (parent.isInPidNamespace !== thread.isInPidNamespace) return undefined;
      const alive = parent.group?.isReaper === true ? aliveThread(parent.group, thread) : undefined;
      if (alive !== undefined) return alive;
    }
    return undefined;
  }

  #hasRoom(tid: number, now: number): boolean {
    if (this.threads.size < this.#maximum || this.threads.has(tid)) return true;
    if (now - this.#lastPurge < purgeEvery) return false;
    this.#lastPurge = now;
    for (const thread of [...this.threads.values()]) {
      // Those of the snapshot count from now on.
      if (thread.lastSeen === 0) thread.lastSeen = now;
      if (now - thread.lastSeen < (thread.isInvalid ? purgeEvery : staleAfter)) continue;
      if (!this.threads.has(thread.tid) || (thread.group?.aliveCount ?? 0) > 1) continue;
      this.remove(thread.tid, now);
      this.purged++;
    }
    return this.threads.size < this.#maximum;
  }
}

function exitKey(tid: number, ptid: number): number {
  return (ptid % 0x400_0000) * 0x400_0000 + (tid % 0x400_0000);
}

function addChild(parent: Thread, child: Thread): void {
  parent.children ??= new Set();
  parent.children.add(child);
  child.ptid = parent.tid;
}

function aliveThread(group: ThreadGroup | undefined, except: Thread): Thread | undefined {
  if (group === undefined || group.aliveCount <= 0) return undefined;
  const { main } = group;
  if (main !== undefined && main !== except && !main.isDead) return main;
  for (const thread of group.others ?? []) if (thread !== except && !thread.isDead) return thread;
  return undefined;
}

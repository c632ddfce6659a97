import type { ByteString } from "../../model/events/kernel-event.ts";
import type { CgroupSet } from "./cgroup-set.ts";
import { noCgroups } from "./cgroup-set.ts";
import type { Container } from "./container.ts";
import type { ContainerSlot } from "./container-table.ts";
import { DescriptorTable } from "./descriptor-table.ts";

/** Those of `PPM_CL_*` that the state acts on. */
export const threadFlags = {
  cloneFiles: 1,
  cloneNewPid: 0x40,
  cloneParent: 0x100,
  cloneThread: 0x2000,
  /** The child's side of a clone was seen before the caller's. */
  cloneInverted: 0x10000,
  nameChanged: 0x20000,
  closed: 0x40000,
  active: 0x80000,
  cloneNewUser: 0x100000,
  pipeSource: 0x200000,
  pipeDestination: 0x400000,
  cloneVfork: 0x8000000,
  childInPidNamespace: 0x20000000,
  isMainThread: 0x40000000,
} as const;

/** The threads of one process. */
export class ThreadGroup {
  readonly pid: number;
  /** It adopts the children of its descendants that die: an init process, or one that asked for it. */
  isReaper: boolean;
  /** Threads that have not ended. */
  aliveCount = 0;
  /** The thread whose id is that of the process; it stays after its end while others live. */
  main: Thread | undefined;
  /** The other threads, oldest first. */
  others: Set<Thread> | undefined;

  constructor(pid: number, isReaper: boolean) {
    this.pid = pid;
    this.isReaper = isReaper;
  }
}

/** What an enter event told of the system call that has not returned yet. */
export interface RememberedEnter {
  readonly code: number;
  readonly name: ByteString;
  readonly flags: number;
  readonly directory: number;
  /** The packed socket address of a connect. */
  readonly address: ByteString;
}

/** Nothing is ever put into it. */
const noDescriptors: DescriptorTable = new DescriptorTable();
const noTexts: readonly ByteString[] = [];

/** A thread as the state knows it. */
export class Thread {
  readonly tid: number;
  pid: number;
  /** The thread that is the parent of the process: its id, which may be that of a process that has ended. */
  ptid = -1;
  sid = -1;
  pgid = -1;
  vpgid = -1;
  vtid = -1;
  vpid = -1;
  comm: ByteString = "";
  exe: ByteString = "";
  exepath: ByteString = "";
  /** The arguments as the kernel has them, each with a NUL at its end; see {@link args}. */
  argsText: ByteString = "";
  /** The environment of a process in the same form. Other threads do not have their own; see {@link env}. */
  envText: ByteString = "";
  ownCwd: ByteString = "";
  root: ByteString = "/";
  cgroupSet: CgroupSet = noCgroups;
  ownFdLimit = -1;
  /** `PPM_CL_*`. */
  flags = 0;
  uid = 0xffff_ffff;
  gid = 0xffff_ffff;
  loginUid = 0xffff_ffff;
  tty = 0;
  vmSizeKb = 0;
  vmRssKb = 0;
  vmSwapKb = 0;
  majorFaults = 0;
  minorFaults = 0;
  capInheritable = 0n;
  capPermitted = 0n;
  capEffective = 0n;
  exeWritable = false;
  exeUpperLayer = false;
  exeLowerLayer = false;
  exeFromMemfd = false;
  exeInode = 0n;
  /** Nanoseconds since 1970. */
  exeInodeChangeTime = 0n;
  exeInodeModifyTime = 0n;
  /**
   * How long before the clone the executable's inode changed, and how long after the start of the pid namespace; 0 not
   * known.
   */
  exeInodeChangeToClone = 0n;
  namespaceStartToExeInodeChange = 0n;
  /** When the init process of its pid namespace started. */
  pidNamespaceStart = 0n;
  /** Nanoseconds since 1970; 0 when not known. */
  cloneTime = 0n;
  lastExecTime = 0n;
  containerSlot: ContainerSlot | undefined;
  group: ThreadGroup | undefined;
  children: Set<Thread> | undefined;
  /** The process that adopts its children, as the kernel said at its end; -1 when unknown. */
  reaperTid = -1;
  /** When it was last seen, in units of 2 ** 32 nanoseconds. */
  lastSeen = 0;
  /** The code of its last enter event, and the descriptor that one was about; 0 and -1 when there is none. */
  enterCode = 0;
  enterFd = -1;
  /** When that was; 0 when there is none. */
  enterTimeLow = 0;
  enterTimeHigh = 0;
  /** What its last enter event told, where the exit event needs it. */
  remembered: RememberedEnter | undefined;
  ownDescriptors: DescriptorTable | undefined;
  #args: readonly ByteString[] | undefined;
  #argsOf: ByteString | undefined;

  constructor(tid: number, pid: number) {
    this.tid = tid;
    this.pid = pid;
  }

  /** Without the first, which is {@link exe}. */
  get args(): readonly ByteString[] {
    if (this.#argsOf !== this.argsText || this.#args === undefined) {
      this.#args = splitTexts(this.argsText);
      this.#argsOf = this.argsText;
    }
    return this.#args;
  }

  /** The environment of the process. */
  get env(): readonly ByteString[] {
    return splitTexts((this.main ?? this).envText);
  }

  /** Current folder of the process, with a slash at its end. */
  get cwd(): ByteString {
    const { main } = this;
    return main === undefined ? "./" : main.ownCwd;
  }

  /** `[subsystem, path]` each. */
  get cgroups(): readonly (readonly [string, ByteString])[] {
    return this.cgroupSet.list;
  }

  /** Descriptor limit of the process. */
  get fdLimit(): number {
    const { main } = this;
    return main === undefined ? 0 : main.ownFdLimit;
  }

  /** The container it runs in, as far as known; absent on the host. */
  get container(): Container | undefined {
    return this.containerSlot === undefined ? undefined : this.containerSlot.container;
  }

  get isMain(): boolean {
    return this.tid === this.pid || (this.flags & threadFlags.isMainThread) !== 0;
  }

  /** The thread that stands for the process; absent when it was never seen. */
  get main(): Thread | undefined {
    if (this.tid === this.pid || (this.flags & threadFlags.isMainThread) !== 0) return this;
    return this.group === undefined ? undefined : this.group.main;
  }

  /**
   * The table that the thread uses: that of its process when it shares its files. Empty when the process was never
   * seen.
   */
  get descriptors(): DescriptorTable {
    return this.descriptorOwner?.ownDescriptors ?? noDescriptors;
  }

  /** The thread whose table it uses; absent when that is a process that was never seen. */
  get descriptorOwner(): Thread | undefined {
    return (this.flags & threadFlags.cloneFiles) === 0 ? this : this.main;
  }

  /** Threads of the process that have not ended, its main thread with them. */
  get threadCount(): number {
    return this.group === undefined ? 0 : this.group.aliveCount;
  }

  /** Threads of the process that have not ended, without its main thread. */
  get otherThreadCount(): number {
    const { group, main } = this;
    if (group === undefined) return 0;
    return main === undefined || main.isDead ? group.aliveCount : group.aliveCount - 1;
  }

  get isDead(): boolean {
    return (this.flags & threadFlags.closed) !== 0;
  }

  /** Made up because an event came from a thread that was not announced: little is known of it. */
  get isInvalid(): boolean {
    return this.tid < 0 || this.pid < 0 || this.ptid < 0;
  }

  get isInPidNamespace(): boolean {
    return (this.flags & threadFlags.childInPidNamespace) !== 0 || (this.tid !== this.vtid && this.vtid >= 0);
  }
}

/** Texts that were joined with NUL bytes, the last of which is optional. */
function splitTexts(text: ByteString): readonly ByteString[] {
  const end = text.endsWith("\0") ? text.length - 1 : text.length;
  return end === 0 ? noTexts : text.slice(0, end).split("\0");
}

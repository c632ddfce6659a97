import type { ByteString } from "../../model/kernel-event.ts";
import type { Container } from "./container.ts";
import type { Descriptor } from "./descriptor.ts";

/** The descriptors of a process by number; threads that share their files share the table. */
export type DescriptorTable = Map<number, Descriptor>;

/** A thread as the state knows it. */
export class Thread {
  readonly tid: number;
  pid: number;
  /** The thread that is the parent of the process: its id, which may be that of a process that is gone. */
  ptid = -1;
  sid = -1;
  pgid = -1;
  vpgid = -1;
  vtid = -1;
  vpid = -1;
  comm: ByteString = "";
  exe: ByteString = "";
  exepath: ByteString = "";
  args: readonly ByteString[] = [];
  env: readonly ByteString[] = [];
  /** Of the process, with a slash at its end. */
  cwd: ByteString = "";
  root: ByteString = "/";
  /** `[subsystem, path]` each. */
  cgroups: readonly (readonly [string, ByteString])[] = [];
  fdLimit = 0;
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
  exeInodeChangeTime = 0n;
  exeInodeModifyTime = 0n;
  pidNamespaceStart = 0n;
  /** Nanoseconds since 1970; 0 when not known. */
  cloneTime = 0n;
  lastExecTime = 0n;
  /** The leader's table when the thread shares its files. */
  descriptors: DescriptorTable = new Map();
  /** The container it runs in, as far as known; absent on the host. */
  container: Container | undefined;
  /** Other living threads of the process count in their leader. */
  threadCount = 1;
  isDead = false;
  /** Made up because an event came from a thread that nobody announced: little is known of it. */
  isInvalid = false;

  constructor(tid: number, pid: number) {
    this.tid = tid;
    this.pid = pid;
  }
}

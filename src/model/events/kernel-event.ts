/**
 * A run of kernel events, oldest first, as columns over one piece of memory: a source fills it, and one loop without an
 * await reads it. Valid until the next batch is asked for, since a source may use the memory again.
 */
export interface KernelEventBatch {
  readonly count: number;
  /** Where the lengths and the bytes of all parameters lie. */
  readonly bytes: Buffer;
  /** `evt.num`: the place of the event in its stream, from 1, with those counted that are not handed out. */
  readonly numbers: Float64Array;
  /** Index into `kernelEventTypes`, always inside it. */
  readonly codes: Uint16Array;
  readonly cpus: Uint16Array;
  /** Nanoseconds since 1970 are `timesHigh * 2 ** 32 + timesLow`. */
  readonly timesLow: Uint32Array;
  readonly timesHigh: Uint32Array;
  /** Thread id; -1 when the event does not have one. */
  readonly threads: Float64Array;
  readonly parameterCounts: Uint8Array;
  /** Where in `bytes` the lengths of the event's parameters begin; the parameters themselves follow the lengths. */
  readonly lengthOffsets: Uint32Array;
  /**
   * Bytes of one length, little-endian: 2, or 4 in events with a large payload. All lengths and parameters lie inside
   * `bytes`.
   */
  readonly lengthSizes: Uint8Array;
  /**
   * How many of the parameters a reader sees, where the source added some behind them for the state's sake only.
   * Absent: all of them.
   */
  readonly visibleCounts?: Uint8Array;
  /** 1 for an event that feeds the state only: rules and readers do not see it. Absent: they see all. */
  readonly hidden?: Uint8Array;
  /** The machine as it was found again before the first event of this batch: all that was known before is void. */
  readonly snapshot?: KernelSnapshot;
}

/** A source of kernel events, opened: the state of the machine before the first event, then the events. */
export interface KernelEventSource {
  readonly snapshot: KernelSnapshot;
  events(signal: AbortSignal): AsyncIterable<KernelEventBatch>;
}

/** Byte strings: one character for each byte (`latin1`), so that nothing is lost of a path that is not UTF-8. */
export type ByteString = string;

/** What a machine looked like when its events began. */
export interface KernelSnapshot {
  readonly machine: KernelMachine;
  /** May be made again each time, from what the source keeps. */
  readonly threads: readonly KernelThread[];
  /** The same one by one, where a source need not have all of them at once. */
  readonly eachThread?: () => Iterable<KernelThread>;
  readonly interfaces: readonly KernelInterface[];
  readonly users: readonly KernelUser[];
  readonly groups: readonly KernelGroup[];
}

/** The machine that events come from. */
export interface KernelMachine {
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly maxProcessId: number;
  readonly hostname: ByteString;
  /** Nanoseconds since 1970. */
  readonly bootTime: bigint;
}

/**
 * A thread of the process list. 64-bit ids and sizes are numbers, capabilities and times bigints. Absent: the list does
 * not tell.
 */
export interface KernelThread {
  readonly tid: number;
  readonly pid: number;
  readonly ptid: number;
  readonly sid?: number;
  readonly pgid?: number;
  readonly vpgid?: number;
  readonly vtid?: number;
  readonly vpid?: number;
  readonly comm: ByteString;
  readonly exe: ByteString;
  readonly exepath: ByteString;
  readonly args: readonly ByteString[];
  readonly env: readonly ByteString[];
  readonly cwd: ByteString;
  readonly root: ByteString;
  /** `subsystem=path` each. */
  readonly cgroups: readonly ByteString[];
  readonly fdLimit: number;
  /** `PPM_CL_*`. */
  readonly flags: number;
  readonly uid: number;
  readonly gid: number;
  readonly loginUid?: number;
  readonly tty?: number;
  readonly vmSizeKb?: number;
  readonly vmRssKb?: number;
  readonly vmSwapKb?: number;
  readonly majorFaults?: number;
  readonly minorFaults?: number;
  readonly pidNamespaceStart?: bigint;
  readonly capInheritable?: bigint;
  readonly capPermitted?: bigint;
  readonly capEffective?: bigint;
  readonly exeWritable?: boolean;
  readonly exeUpperLayer?: boolean;
  readonly exeLowerLayer?: boolean;
  readonly exeFromMemfd?: boolean;
  readonly exeInode?: bigint;
  /** Nanoseconds since 1970. */
  readonly exeInodeChangeTime?: bigint;
  readonly exeInodeModifyTime?: bigint;
  /** When it was cloned, in nanoseconds since 1970. */
  readonly cloneTime?: bigint;
  /** May be read again each time, from what the source keeps. */
  readonly descriptors: readonly KernelDescriptor[];
  /** `args`, `env` and `cgroups` with a NUL behind each text, where the source has them so. */
  readonly argsText?: ByteString;
  readonly envText?: ByteString;
  readonly cgroupsText?: ByteString;
}

/** An open file descriptor of the process list; `type` is `SCAP_FD_*` in the numbers of falcosecurity/libs. */
export interface KernelDescriptor {
  readonly fd: number;
  readonly type: number;
  readonly inode: bigint;
  readonly name?: ByteString;
  /** `PPM_O_*`. */
  readonly openFlags?: number;
  readonly device?: number;
  /** For sockets: addresses of 4 or 16 bytes. A listening socket has the local side only, as its source. */
  readonly source?: { readonly address: ByteString; readonly port: number };
  readonly destination?: { readonly address: ByteString; readonly port: number };
  /** 0 unknown, 1 none, 2 TCP, 3 UDP, 4 ICMP, 5 raw. */
  readonly protocol?: number;
  /** For Unix sockets: the kernel's addresses of both ends. */
  readonly unixSource?: bigint;
  readonly unixDestination?: bigint;
}

/** A network interface; one with several addresses is there several times. */
export interface KernelInterface {
  readonly name: ByteString;
  /** Addresses of 4 or 16 bytes. */
  readonly address: ByteString;
  readonly netmask?: ByteString;
  readonly broadcast?: ByteString;
}

/** An account of the machine. */
export interface KernelUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: ByteString;
  readonly home: ByteString;
  readonly shell: ByteString;
}

/** A group of the machine. */
export interface KernelGroup {
  readonly gid: number;
  readonly name: ByteString;
}

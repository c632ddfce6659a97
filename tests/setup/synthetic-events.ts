import type { KernelEventBatch, KernelSnapshot, KernelThread } from "../../src/model/events/kernel-event.ts";
import { kernelEventTypes } from "../../src/model/events/kernel-event-table.ts";
import { corpusBytes, corpusJson } from "./corpus.ts";

/** What the upstream test of an event asks. */
export interface SyntheticCheck {
  readonly field?: string;
  readonly value?: string | null;
  readonly exists?: boolean;
  readonly filter?: string;
  readonly result?: boolean;
  readonly error?: string;
  readonly after_event?: number;
}

export interface SyntheticEvent {
  readonly code: number;
  readonly hex: string;
  readonly num?: number;
  readonly filtered?: boolean;
  /** Texts that are not UTF-8 are given as their bytes. */
  readonly fields?: Readonly<Record<string, string | { readonly hex: string }>>;
  readonly checks?: readonly SyntheticCheck[];
}

export interface SyntheticTest {
  readonly test: string;
  readonly file: string;
  readonly threads: readonly number[];
  readonly api?: readonly string[];
  readonly events: readonly SyntheticEvent[];
}

interface RecordedThread {
  readonly id: number;
  readonly [key: string]: unknown;
}

/** The injected events of the corpus, test by test. */
export function syntheticTests(): SyntheticTest[] {
  return corpusBytes("runtime/synthetic-events/tests.jsonl.gz")
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as SyntheticTest);
}

/** The machine before the first event of a test. */
export function syntheticSnapshot({ threads }: SyntheticTest): KernelSnapshot {
  const recorded = corpusJson<{ cases: RecordedThread[] }>("runtime/synthetic-events/threads.json").cases;
  return {
    machine: { cpuCount: 0, memoryBytes: 0, maxProcessId: 0x7fff_ffff, hostname: "", bootTime: 0n },
    threads: threads.flatMap((wanted) => recorded.filter(({ id }) => id === wanted)).map(threadOf),
    interfaces: [],
    users: [],
    groups: [],
  };
}

/** One event as a batch of its own. */
export function syntheticBatch({ code, hex, num }: SyntheticEvent): KernelEventBatch {
  const bytes = Buffer.from(hex, "hex");
  return {
    count: 1,
    bytes,
    numbers: Float64Array.of(num ?? 0),
    codes: Uint16Array.of(code),
    cpus: Uint16Array.of(0),
    timesLow: Uint32Array.of(bytes.readUInt32LE(0)),
    timesHigh: Uint32Array.of(bytes.readUInt32LE(4)),
    threads: Float64Array.of(Number(bytes.readBigInt64LE(8))),
    parameterCounts: Uint8Array.of(bytes.readUInt32LE(22)),
    lengthOffsets: Uint32Array.of(26),
    lengthSizes: Uint8Array.of(kernelEventTypes[code]?.flags.includes("LARGE_PAYLOAD") ? 4 : 2),
  };
}

function threadOf(row: RecordedThread): KernelThread {
  const number = (key: string): number => row[key] as number;
  const big = (key: string): bigint => BigInt(row[key] as number | string);
  const text = (key: string): string => row[key] as string;
  return {
    tid: number("tid"),
    pid: number("pid"),
    ptid: number("ptid"),
    sid: number("sid"),
    pgid: number("pgid"),
    vpgid: number("vpgid"),
    vtid: number("vtid"),
    vpid: number("vpid"),
    comm: text("comm"),
    exe: text("exe"),
    exepath: text("exepath"),
    args: row["args"] as string[],
    env: row["env"] as string[],
    cwd: text("cwd"),
    root: text("root"),
    cgroups: row["cgroups"] as string[],
    fdLimit: number("fdlimit"),
    flags: number("flags"),
    uid: number("uid"),
    gid: number("gid"),
    loginUid: number("loginuid"),
    tty: number("tty"),
    vmSizeKb: number("vmsize_kb"),
    vmRssKb: number("vmrss_kb"),
    vmSwapKb: number("vmswap_kb"),
    majorFaults: number("pfmajor"),
    minorFaults: number("pfminor"),
    pidNamespaceStart: big("pidns_init_start_ts"),
    capInheritable: big("cap_inheritable"),
    capPermitted: big("cap_permitted"),
    capEffective: big("cap_effective"),
    exeWritable: row["exe_writable"] === true,
    exeUpperLayer: row["exe_upper_layer"] === true,
    exeLowerLayer: row["exe_lower_layer"] === true,
    exeFromMemfd: row["exe_from_memfd"] === true,
    exeInode: big("exe_ino"),
    exeInodeChangeTime: big("exe_ino_ctime"),
    exeInodeModifyTime: big("exe_ino_mtime"),
    descriptors: (
      row["fds"] as { fd: number; type: number; ino: number; name: string; open_flags: number; dev: number }[]
    ).map(({ fd, type, ino, name, open_flags, dev }) => ({
      fd,
      type,
      inode: BigInt(ino),
      name,
      openFlags: open_flags,
      device: dev,
    })),
  };
}

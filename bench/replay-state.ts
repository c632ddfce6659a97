/**
 * Keeps the state of a large machine in this process, and prints the megabytes that it takes as JSON.
 * Usage: `node --expose-gc bench/replay-state.ts THREADS DESCRIPTORS`: so many threads, each a process, and so many descriptors in all.
 */
import type { KernelSnapshot, KernelThread } from "../src/model/kernel-event.ts";
import { KernelState } from "../src/rules/state/kernel-state.ts";

/** What a state takes. */
export interface StateSize {
  readonly threads: number;
  readonly descriptors: number;
  /** Megabytes of the heap that the state keeps, and resident in the end. */
  readonly heap: number;
  readonly resident: number;
}

const [threads = 0, descriptors = 0] = process.argv.slice(2).map(Number);
const before = heap();
let snapshot: KernelSnapshot | undefined = snapshotOf();
const state = new KernelState(snapshot, "head", { limits: { threads: threads * 2, descriptors: descriptors * 2 } });
snapshot = undefined;
const size: StateSize = {
  threads: state.threads.size,
  descriptors,
  heap: heap() - before,
  resident: process.memoryUsage.rss() / 1e6,
};
process.stdout.write(`${JSON.stringify(size)}\n`);

function heap(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

function snapshotOf(): KernelSnapshot {
  const each = Math.floor(descriptors / threads);
  return {
    machine: { cpuCount: 2, memoryBytes: 2 ** 32, maxProcessId: 4_194_304, hostname: "bench", bootTime: 0n },
    threads: Array.from({ length: threads }, (_, index) => threadOf(index + 1, each)),
    interfaces: [],
    users: [],
    groups: [],
  };
}

/** A process of a web service, with files, pipes and connections. */
function threadOf(tid: number, count: number): KernelThread {
  return {
    tid,
    pid: tid,
    ptid: Math.floor(tid / 2),
    vtid: tid,
    vpid: tid,
    comm: `service-${tid % 500}`,
    exe: `/usr/bin/service-${tid % 500}`,
    exepath: `/usr/bin/service-${tid % 500}`,
    args: ["--config", `/etc/service-${tid % 500}.yaml`, `--worker=${tid}`],
    env: ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/root", `WORKER=${tid}`],
    cwd: "/",
    root: "/",
    cgroups: [
      `memory=/kubepods/pod${tid % 200}/${"ab".repeat(32)}`,
      `cpu=/kubepods/pod${tid % 200}/${"ab".repeat(32)}`,
    ],
    fdLimit: 1024,
    flags: 0,
    uid: 0,
    gid: 0,
    descriptors: Array.from({ length: count }, (_, fd) => ({
      fd,
      type: 1,
      inode: BigInt(tid * count + fd),
      name: `/var/lib/service-${tid % 500}/data/${tid}/${fd}.log`,
      openFlags: 1,
    })),
  };
}

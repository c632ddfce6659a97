import type { KernelEventBatch, KernelSnapshot, KernelThread } from "../../src/model/events/kernel-event.ts";
import { kernelEventCode, kernelEventTypes } from "../../src/model/events/kernel-event-table.ts";

/** A value of a parameter; `undefined` leaves it empty. A text gets a terminator, a list one behind each item. */
export type ParameterValue = number | bigint | string | readonly string[] | Buffer | undefined;

/** An event to be built; parameters by name, those that are left out are empty. */
export interface BuiltEvent {
  readonly id: string;
  readonly tid: number;
  /** Nanoseconds since 1970. */
  readonly time?: bigint;
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
}

const sizes: Readonly<Record<string, number>> = {
  INT8: 1,
  UINT8: 1,
  FLAGS8: 1,
  ENUMFLAGS8: 1,
  SIGTYPE: 1,
  L4PROTO: 1,
  INT16: 2,
  UINT16: 2,
  FLAGS16: 2,
  PORT: 2,
  SYSCALLID: 2,
  INT32: 4,
  UINT32: 4,
  FLAGS32: 4,
  ENUMFLAGS32: 4,
  MODE: 4,
  UID: 4,
  GID: 4,
};

/** One event as a batch of its own. */
export function kernelEvent({
  id,
  tid,
  time = 1_600_000_000_000_000_000n,
  parameters = {},
}: BuiltEvent): KernelEventBatch {
  const code = kernelEventCode(id);
  const type = kernelEventTypes[code];
  if (type === undefined) throw new RangeError(`no event has the code ${code}`);
  for (const name of Object.keys(parameters)) {
    if (!type.parameters.some((parameter) => parameter.name === name))
      throw new RangeError(`${id} has no parameter ${name}`);
  }
  const values = type.parameters.map(({ name, type: kind }) => encoded(parameters[name], sizes[kind] ?? 8));
  const size = type.flags.includes("LARGE_PAYLOAD") ? 4 : 2;
  const lengths = Buffer.alloc(values.length * size);
  for (const [index, { length }] of values.entries()) lengths.writeUIntLE(length, index * size, size);
  return {
    count: 1,
    bytes: Buffer.concat([lengths, ...values]),
    numbers: Float64Array.of(1),
    codes: Uint16Array.of(code),
    cpus: Uint16Array.of(0),
    timesLow: Uint32Array.of(Number(time & 0xffff_ffffn)),
    timesHigh: Uint32Array.of(Number(time >> 32n)),
    threads: Float64Array.of(tid),
    parameterCounts: Uint8Array.of(values.length),
    lengthOffsets: Uint32Array.of(0),
    lengthSizes: Uint8Array.of(size),
  };
}

function encoded(value: ParameterValue, size: number): Buffer {
  if (value === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === "string") return Buffer.from(`${value}\0`, "latin1");
  if (typeof value === "object") return Buffer.from(value.map((item) => `${item}\0`).join(""), "latin1");
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return bytes.subarray(0, size);
}

/** A machine with one process, whose id is 1, and what else is given. */
export function machineWith(...threads: readonly (Partial<KernelThread> & { readonly tid: number })[]): KernelSnapshot {
  const init = { tid: 1, comm: "init", ptid: 0 };
  return {
    machine: {
      cpuCount: 1,
      memoryBytes: 1 << 30,
      maxProcessId: 4_194_304,
      hostname: "machine",
      bootTime: 1_500_000_000_000_000_000n,
    },
    threads: [init, ...threads].map((thread) => ({
      pid: thread.tid,
      ptid: 1,
      vtid: thread.tid,
      vpid: thread.tid,
      comm: "program",
      exe: "/bin/program",
      exepath: "/bin/program",
      args: [],
      env: [],
      cwd: "/",
      root: "/",
      cgroups: [],
      fdLimit: 1024,
      flags: 0,
      uid: 0,
      gid: 0,
      descriptors: [],
      ...thread,
    })),
    interfaces: [],
    users: [],
    groups: [],
  };
}

import fc from "fast-check";
import { expect, test } from "vitest";
import type { KernelSnapshot, KernelThread } from "../../../model/events/kernel-event.ts";
import { kernelEventCode, kernelEventTypes } from "../../../model/events/kernel-event-table.ts";
import { ConditionError } from "../../language/condition.ts";
import { ConditionCompiler } from "../../language/condition-compiler.ts";
import type { FieldValue } from "../../language/field.ts";
import { parseCondition } from "../../language/parse-condition.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import { type Generation, KernelState } from "../../state/kernel-state.ts";
import { EventBatchBuilder } from "../../testing/event-batch-builder.ts";
import { syscallFields } from "./syscall-fields.ts";

const head = syscallFields({ generation: "head" });

const shell: KernelThread = {
  tid: 10,
  pid: 10,
  ptid: 1,
  vtid: 10,
  vpid: 10,
  comm: "bash",
  exe: "-bash",
  exepath: "/bin/bash",
  args: ["-c", "true"],
  env: ["HOME=/root"],
  cwd: "/work",
  root: "/",
  cgroups: ["cpu=/user.slice", "memory=/"],
  fdLimit: 1024,
  flags: 0,
  uid: 0,
  gid: 0,
  descriptors: [{ fd: 5, type: 2, inode: 1n, name: "/etc" }],
};
const first: KernelThread = { ...shell, tid: 1, pid: 1, ptid: 0, vtid: 1, vpid: 1, comm: "systemd", descriptors: [] };
const contained: KernelThread = {
  ...shell,
  tid: 20,
  pid: 20,
  ptid: 10,
  vtid: 1,
  vpid: 1,
  cgroups: [`cpu=/docker/${"a1".repeat(32)}`],
  descriptors: [],
};

const snapshot: KernelSnapshot = {
  machine: { cpuCount: 1, memoryBytes: 0, maxProcessId: 32_768, hostname: "node-1", bootTime: 0n },
  threads: [first, shell, contained],
  interfaces: [],
  users: [],
  groups: [],
};

interface MadeEvent {
  readonly id: string;
  readonly parameters: readonly Buffer[];
  readonly thread?: number;
  readonly generation?: Generation;
}

function eventOf({ id, parameters, thread = 10, generation = "head" }: MadeEvent): KernelEvent {
  const state = new KernelState(snapshot, generation);
  const builder = new EventBatchBuilder();
  builder.add({ code: kernelEventCode(id), thread, time: 1_000_000_000_000_000_000n, parameters });
  state.advance(builder.build(), 0);
  return state.event;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function read(event: KernelEvent, name: string, argument?: string): FieldValue | readonly FieldValue[] | undefined {
  return head.resolve(name, argument)?.extract(event);
}

function compare(
  name: string,
  operator: string,
  values: readonly string[],
): ((event: KernelEvent) => boolean) | undefined {
  return head.resolve(name, undefined)?.comparison?.(operator, values);
}

const unlinkat = eventOf({
  id: "SYSCALL_UNLINKAT_2_X",
  parameters: [int64(0), int64(5), Buffer.from("passwd\0"), uint32(0)],
});

test("an argument is its meaning, by name or by place, and its number when asked raw", () => {
  expect(read(unlinkat, "evt.arg.name")).toBe("/etc/passwd");
  expect(read(unlinkat, "evt.arg", "2")).toBe("/etc/passwd");
  expect(read(unlinkat, "evt.arg", "4")).toBeUndefined();
  expect(read(unlinkat, "evt.rawarg.name")).toBe("passwd");
  expect(read(unlinkat, "evt.rawarg.dirfd")).toBe(5);
  expect(read(unlinkat, "evt.args")).toBe("res=0 dirfd=5(<d>/etc) name=passwd(/etc/passwd) flags=0");
});

test("relative paths are absolute by their directory", () => {
  expect(read(unlinkat, "fs.path.name")).toBe("/etc/passwd");
  expect(read(unlinkat, "fs.path.nameraw")).toBe("passwd");
  expect(read(unlinkat, "evt.abspath")).toBe("/etc/passwd");
});

test("ancestors are counted from the process itself", () => {
  expect(read(unlinkat, "proc.aname", "0")).toBe("bash");
  expect(read(unlinkat, "proc.aname", "1")).toBe("systemd");
  expect(read(unlinkat, "proc.aname", "2")).toBeUndefined();
});

test("without a generation any ancestor decides a comparison, whatever its operator", () => {
  expect(compare("proc.aname", "=", ["systemd"])?.(unlinkat)).toBe(true);
  expect(compare("proc.aname", "startswith", ["sys"])?.(unlinkat)).toBe(true);
  expect(compare("proc.aname", "in", ["bash", "sh"])?.(unlinkat)).toBe(false);
});

test("event types compare by name, and a name that is none is refused whatever the operator", () => {
  expect(compare("evt.type", "in", ["unlink", "unlinkat"])?.(unlinkat)).toBe(true);
  expect(compare("evt.type", "!=", ["unlinkat"])?.(unlinkat)).toBe(false);
  expect(() => compare("evt.type", "startswith", ["unli"])).toThrow(new ConditionError("unknown event type unli"));
});

test("an argument that does not fit its field is refused in Falco's words, or the field does not exist", () => {
  expect(() => head.resolve("evt.arg", undefined)).toThrow("filter syntax error: evt.arg");
  expect(() => head.resolve("evt.arg", "x")).toThrow("x is not a valid number");
  expect(() => head.resolve("evt.arg.nosuch", undefined)).toThrow("unknown event argument nosuch");
  expect(() => head.resolve("evt.rawarg", "0")).toThrow("evt.arg fields must be expressed explicitly");
  expect(() => head.resolve("thread.cgroup", undefined)).toThrow("filter syntax error: thread.cgroup");
  expect(head.resolve("proc.name", "0")).toBeUndefined();
  expect(head.resolve("proc.aname", "x")).toBeUndefined();
  expect(head.resolve("nosuch.field", undefined)).toBeUndefined();
});

test("control groups are found by the end of the field's name", () => {
  expect(read(unlinkat, "thread.cgroup.cpu")).toBe("/user.slice");
  expect(read(unlinkat, "thread.cgroup.pids")).toBeUndefined();
});

test("a process is on the host or in the container that its control groups name", () => {
  expect(read(unlinkat, "container.id")).toBe("host");
  expect(read(unlinkat, "container.name")).toBe("host");
  expect(read(unlinkat, "container.image.repository")).toBe("");
  expect(read(unlinkat, "container.privileged")).toBe(false);
  const inside = eventOf({ id: "SYSCALL_CLOSE_X", parameters: [int64(0), int64(3)], thread: 20 });
  expect(read(inside, "container.id")).toBe("a1a1a1a1a1a1");
  expect(read(inside, "container.image")).toBeUndefined();
});

test("an event that describes a container has the fields of that container, but no time in it", () => {
  const container = { id: "b2b2b2b2b2b2", name: "web", image: "nginx:1", type: 7, privileged: true };
  const json = Buffer.from(`${JSON.stringify({ container })}\0`);
  for (const thread of [-1, 10, 20]) {
    const event = eventOf({ id: "CONTAINER_JSON_E", parameters: [json], thread });
    expect(read(event, "container.id")).toBe("b2b2b2b2b2b2");
    expect(read(event, "container.name")).toBe("web");
    expect(read(event, "container.type")).toBe("containerd");
    expect(read(event, "container.privileged")).toBe(true);
    expect(read(event, "container.duration")).toBeUndefined();
  }
});

test("the facts of a pod are those of its sandbox, and none of a container in no pod", () => {
  const ofContainer = (more: object) => {
    const container = { id: "b2b2b2b2b2b2", type: 0, ip: "10.0.0.7", pod_sandbox_labels: { a: "b" }, ...more };
    const parameters = [Buffer.from(`${JSON.stringify({ container })}\0`)];
    const event = eventOf({ id: "CONTAINER_JSON_E", parameters });
    return ["k8s.pod.ip", "k8s.pod.cni.json", "k8s.pod.labels"].map((field) => read(event, field));
  };
  expect(ofContainer({})).toEqual(["", "", ""]);
  expect(ofContainer({ pod_sandbox_id: "c3".repeat(32) })).toEqual([undefined, undefined, "a:b"]);
  expect(ofContainer({ pod_sandbox_id: "c3".repeat(32), cni_json: "{}" })).toEqual(["10.0.0.7", "{}", "a:b"]);
});

test("a result tells success from failure", () => {
  const failed = eventOf({ id: "SYSCALL_CLOSE_X", parameters: [int64(-9), int64(77)] });
  expect(read(failed, "evt.res")).toBe("EBADF");
  expect(read(failed, "evt.rawres")).toBe(-9);
  expect(read(failed, "evt.failed")).toBe(true);
  expect(read(unlinkat, "evt.res")).toBe("SUCCESS");
});

test("times print in the zone that was asked for and stand as nanoseconds in JSON", () => {
  const local = syscallFields({ generation: "head", timeZone: "Asia/Tokyo" }).resolve("evt.time", undefined);
  expect(local?.extract(unlinkat)).toBe("10:46:40.000000000");
  expect(local?.json?.(unlinkat)).toBe(1_000_000_000_000_000_000n);
  expect(read(unlinkat, "evt.hostname")).toBe("node-1");
});

test("no parameter of any event, however long or short, makes a field fail", () => {
  const catalogues = { head, "0.40": syscallFields({ generation: "0.40" }) };
  const fields = Object.values(catalogues).map(({ definitions, resolve }) =>
    definitions.flatMap(({ name, argument }) => {
      const field = argument?.isRequired === true && name !== "evt.abspath" ? undefined : resolve(name, undefined);
      return field === undefined ? [] : [field];
    }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: kernelEventTypes.length - 1 }),
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
      fc.boolean(),
      (code, parameters, isOld) => {
        const { id } = kernelEventTypes[code] as (typeof kernelEventTypes)[number];
        const buffers = parameters.map((bytes) => Buffer.from(bytes));
        const event = eventOf({ id, parameters: buffers, generation: isOld ? "0.40" : "head" });
        for (const field of fields[isOld ? 1 : 0] ?? []) {
          field.extract(event);
          field.print?.(event);
          field.json?.(event);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test("a label is named in brackets, not after a dot", () => {
  const compiled = (name: string) => () =>
    new ConditionCompiler(head, { generation: "head" }).compile(parseCondition(`${name} = a`));
  for (const field of ["container.label", "k8s.pod.label"]) {
    expect(compiled(`${field}[x]`)).not.toThrow();
    expect(compiled(`${field}.x`)).toThrow(`filter '${field}.x': ${field} requires an argument but none provided`);
  }
});

/** What a connection from 172.17.0.2 (a container) and one from the host, 10.0.0.5, look like in the thread. */
function connection(source: readonly number[], thread: number, containers: readonly object[]): KernelEvent {
  const interfaces = [{ name: "eth0", address: "\x0a\0\0\x05", netmask: "\xff\0\0\0" }];
  const state = new KernelState({ ...snapshot, interfaces }, "head");
  const builder = new EventBatchBuilder();
  const time = 1_000_000_000_000_000_000n;
  for (const container of containers) {
    const report = Buffer.from(`${JSON.stringify({ container: { type: 0, ...container } })}\0`);
    builder.add({ code: kernelEventCode("CONTAINER_JSON_2_E"), thread: -1, time, parameters: [report] });
  }
  const socket = [int64(3), uint32(2), uint32(1), uint32(6)];
  const port = (number: number): Buffer => Buffer.from(Uint16Array.of(number).buffer);
  const there = Buffer.of(93, 184, 216, 34);
  const tuple = Buffer.concat([Buffer.of(2, ...source), port(50_000), there, port(443)]);
  const address = Buffer.concat([Buffer.of(2), there, port(443)]);
  builder.add({ code: kernelEventCode("SOCKET_SOCKET_X"), thread, time, parameters: socket });
  const parameters = [int64(0), tuple, int64(3), address];
  builder.add({ code: kernelEventCode("SOCKET_CONNECT_X"), thread, time, parameters });
  const batch = builder.build();
  for (let at = 0; at < containers.length + 2; at++) state.advance(batch, at);
  return state.event;
}

function endsOf(event: KernelEvent): readonly unknown[] {
  const fields = ["fd.lip", "fd.lport", "fd.lproto", "fd.rip", "fd.rport", "fd.rnet", "fd.is_server"];
  return fields.map((field) => read(event, field));
}

const inContainer = [172, 17, 0, 2];
const onHost = [10, 0, 0, 5];
const id = "a1".repeat(6);
const outwards = (source: readonly number[]): readonly unknown[] => {
  const peer = "\x5d\xb8\xd8\x22";
  return [String.fromCharCode(...source), 50_000, "50000", peer, 443, peer, false];
};

test("the address of a container is local in the container", () => {
  expect(endsOf(connection(inContainer, 20, [{ id, ip: "172.17.0.2" }]))).toEqual(outwards(inContainer));
});

test("the address of a container is remote on the host and in other containers", () => {
  const peer = String.fromCharCode(...inContainer);
  for (const [thread, containers] of [
    [10, [{ id, ip: "172.17.0.2" }]],
    [
      20,
      [
        { id, ip: "172.17.0.9" },
        { id: "b2".repeat(6), ip: "172.17.0.2" },
      ],
    ],
  ] as const) {
    expect(read(connection(inContainer, thread, containers), "fd.rip")).toBe(peer);
  }
});

test("in a container without a known address those of all containers and of the host are local", () => {
  const other = { id: "b2".repeat(6), ip: "172.17.0.2" };
  for (const own of [[], [{ id, ip: "" }], [{ id, ip: "0.0.0.0" }]]) {
    expect(endsOf(connection(inContainer, 20, [other, ...own]))).toEqual(outwards(inContainer));
    expect(endsOf(connection(onHost, 20, [other, ...own]))).toEqual(outwards(onHost));
  }
  const renamed = [other, { ...other, ip: "172.17.0.3" }, { id, ip: "" }];
  expect(read(connection(inContainer, 20, renamed), "fd.rip")).toBe(String.fromCharCode(...inContainer));
});

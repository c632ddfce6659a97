import { expect, test } from "vitest";
import { type BuiltEvent, kernelEvent, machineWith } from "../../../tests/setup/kernel-events.ts";
import { kernelEventTypes } from "../../model/events/kernel-event-table.ts";
import { descriptorTypes } from "./descriptor.ts";
import { type Generation, KernelState, type StateOptions } from "./kernel-state.ts";
import { Thread } from "./thread.ts";

const cloneThread = 0x2000;

function machine(
  generation: Generation = "head",
  options: StateOptions = {},
): {
  readonly state: KernelState;
  readonly happens: (event: BuiltEvent) => boolean;
} {
  const state = new KernelState(machineWith({ tid: 10, comm: "shell", cwd: "/home" }), generation, options);
  return { state, happens: (event) => state.advance(kernelEvent(event), 0) };
}

function open(tid: number, fd: number, name: string): BuiltEvent {
  return { id: "SYSCALL_OPENAT_2_X", tid, parameters: { fd, dirfd: -100, name, flags: 1, ino: 7n, dev: 3 } };
}

function clone(child: number, parent: number, flags = 0): BuiltEvent {
  const parameters = {
    res: 0,
    exe: "child",
    comm: "child",
    pid: flags === 0 ? child : parent,
    ptid: parent,
    flags,
    vtid: child,
    vpid: child,
  };
  return { id: "SYSCALL_CLONE_20_X", tid: child, parameters };
}

test("an opened file has its absolute name, and stays visible in the event that closes it", () => {
  const { state, happens } = machine();
  happens(open(10, 3, "notes/../today.txt"));
  const { event } = state;
  expect([event.fd, event.descriptor?.name, event.descriptor?.rawName]).toEqual([
    3,
    "/home/today.txt",
    "notes/../today.txt",
  ]);
  expect([event.descriptor?.inode, event.descriptor?.device, event.isNameChanged]).toEqual([7n, 3, true]);
  happens({ id: "SYSCALL_READ_X", tid: 10, parameters: { res: 5, fd: 3 } });
  expect([event.descriptor?.name, event.isNameChanged]).toEqual(["/home/today.txt", false]);
  happens({ id: "SYSCALL_CLOSE_X", tid: 10, parameters: { res: 0, fd: 3 } });
  expect([event.descriptor?.name, event.thread?.descriptors.size]).toEqual(["/home/today.txt", 1]);
  happens({ id: "SYSCALL_READ_X", tid: 10, parameters: { res: -9, fd: 3 } });
  expect([event.fd, event.descriptor, event.thread?.descriptors.size]).toEqual([3, undefined, 0]);
});

test("a failed call changes nothing", () => {
  const { state, happens } = machine();
  happens({ ...open(10, -2, "/etc/shadow") });
  expect([state.event.fd, state.event.descriptor, state.threadTable.descriptorCount]).toEqual([-1, undefined, 0]);
});

test("a child has its parent's files, directory and program until it changes them; the parent's stay", () => {
  const { state, happens } = machine();
  happens(open(10, 3, "/a"));
  happens(clone(20, 10));
  const child = state.event.thread;
  expect([child?.tid, child?.comm, child?.cwd, child?.exepath, child?.ptid]).toEqual([
    20,
    "child",
    "/home/",
    "/bin/program",
    10,
  ]);
  happens({ id: "SYSCALL_CHDIR_X", tid: 20, parameters: { res: 0, path: "../srv" } });
  happens({ id: "SYSCALL_FCNTL_X", tid: 20, parameters: { res: 0, fd: 3, cmd: 3, arg: 1n } });
  happens({
    id: "SYSCALL_EXECVE_19_X",
    tid: 20,
    parameters: {
      res: 0,
      exe: "ls",
      args: ["-l", "/"],
      comm: "ls",
      pid: 20,
      env: ["A=b"],
      trusted_exepath: "/bin/ls (deleted)",
      uid: 5,
    },
  });
  const parent = state.threads.get(10);
  expect([child?.cwd, child?.descriptors.size, child?.args, child?.env, child?.exepath, child?.uid]).toEqual([
    "/srv/",
    0,
    ["-l", "/"],
    ["A=b"],
    "/bin/ls",
    5,
  ]);
  expect([parent?.cwd, parent?.descriptors.get(3)?.name, parent?.comm]).toEqual(["/home/", "/a", "shell"]);
});

test("the threads of a process share its files and its directory", () => {
  const { state, happens } = machine();
  happens(clone(11, 10, cloneThread));
  happens(open(11, 4, "x"));
  happens({ id: "SYSCALL_CHDIR_X", tid: 11, parameters: { res: 0, path: "/tmp" } });
  const main = state.threads.get(10);
  expect([main?.descriptors.get(4)?.name, main?.cwd, main?.threadCount, main?.otherThreadCount]).toEqual([
    "/home/x",
    "/tmp/",
    2,
    1,
  ]);
});

test("a main thread that ended stays for the others, and goes with the last of them", () => {
  const { state, happens } = machine();
  happens(clone(11, 10, cloneThread));
  happens({ id: "PROCEXIT_1_E", tid: 10 });
  expect(state.event.thread?.isDead).toBe(true);
  happens(open(11, 5, "/y"));
  expect([state.threads.get(10)?.isDead, state.event.descriptor?.name]).toEqual([true, "/y"]);
  happens({ id: "PROCEXIT_1_E", tid: 11 });
  happens({ id: "SYSCALL_READ_X", tid: 1, parameters: { res: 0, fd: 0 } });
  expect([state.threads.has(10), state.threads.has(11), state.threadTable.descriptorCount]).toEqual([false, false, 0]);
});

test("a thread that nobody announced is made up, once", () => {
  const { state, happens } = machine();
  happens(open(77, 3, "/z"));
  expect([state.event.thread?.isInvalid, state.event.thread?.comm, state.event.thread?.cwd]).toEqual([
    true,
    "<NA>",
    "./",
  ]);
  const { thread } = state.event;
  happens(open(77, 4, "/z"));
  expect(state.event.thread).toBe(thread);
  expect(happens({ id: "PROCEXIT_1_E", tid: 99 })).toBe(true);
  expect([state.event.thread, state.threads.has(99)]).toEqual([undefined, false]);
});

test("what does not fit is dropped and counted", () => {
  const { state, happens } = machine("head", { limits: { threads: 3, descriptorsOfProcess: 2, descriptors: 3 } });
  for (const fd of [3, 4, 5]) happens(open(10, fd, "/f"));
  expect([state.threads.get(10)?.descriptors.size, state.event.descriptor]).toEqual([2, undefined]);
  happens(clone(20, 10));
  expect([state.event.thread?.descriptors.size, state.drops.descriptors]).toEqual([0, 3]);
  happens(clone(21, 10));
  expect([state.event.thread, state.drops.threads]).toEqual([undefined, 1]);
});

test("threads of which nothing was heard for half an hour make room", () => {
  const { state, happens } = machine("head", { limits: { threads: 3 } });
  const start = 1_600_000_000_000_000_000n;
  happens({ ...clone(20, 10), time: start });
  happens({ ...clone(21, 10), time: start + 3_000_000_000_000n });
  expect([...state.threads.keys()]).not.toContain(20);
  expect([state.threads.has(21), state.drops.purgedThreads > 0]).toEqual([true, true]);
});

test("enter events are only seen by those who follow the older library", () => {
  const enter = { id: "SYSCALL_OPENAT_2_E", tid: 10, parameters: { dirfd: -100, name: "b", flags: 1 } };
  expect([machine().happens(enter), machine("0.40").happens(enter)]).toEqual([false, true]);
});

test("what an enter event told holds against what the exit event says", () => {
  const { state, happens } = machine();
  happens({ id: "SYSCALL_OPENAT_2_E", tid: 10, parameters: { dirfd: -100, name: "/before", flags: 1 } });
  happens(open(10, 3, "/after"));
  expect(state.event.descriptor?.name).toBe("/before");
  happens({ id: "SYSCALL_OPENAT_2_E", tid: 10, parameters: { dirfd: -100, name: "/before", flags: 1 } });
  happens({ id: "SYSCALL_GETCWD_X", tid: 10, parameters: { res: 5, path: "/home" } });
  happens(open(10, 3, "/after"));
  expect(state.event.descriptor?.name).toBe("/after");
});

test("users, groups and containers that come first only describe the machine", () => {
  const { state, happens } = machine();
  const container = {
    container: { id: "0123456789ab", name: "wëb", image: "nginx", type: 0, privileged: true, labels: { a: "b" } },
  };
  const json = Buffer.from(`${JSON.stringify(container)}\0`);
  expect(happens({ id: "CONTAINER_JSON_2_E", tid: -1, parameters: { json } })).toBe(false);
  expect(happens({ id: "USER_ADDED_E", tid: -1, parameters: { uid: 5, gid: 6, name: "eve", container_id: "" } })).toBe(
    false,
  );
  expect(
    happens({ id: "GROUP_ADDED_E", tid: -1, parameters: { gid: 6, name: "crew", container_id: "0123456789ab" } }),
  ).toBe(false);
  expect([state.user(5)?.name, state.group(6), state.group(6, "0123456789ab")?.name]).toEqual([
    "eve",
    undefined,
    "crew",
  ]);
  happens({
    id: "SYSCALL_EXECVE_19_X",
    tid: 10,
    parameters: { res: 0, exe: "x", pid: 10, cgroups: [`cpu_cgroup=/docker/0123456789ab${"0".repeat(52)}`] },
  });
  const { thread } = state.event;
  expect([thread?.container?.name, thread?.container?.type, thread?.container?.isPrivileged]).toEqual([
    "wëb",
    "docker",
    true,
  ]);
  expect(thread?.cgroups).toEqual([["cpu", `/docker/0123456789ab${"0".repeat(52)}`]]);
  expect(happens({ id: "USER_DELETED_E", tid: -1, parameters: { uid: 5, container_id: "" } })).toBe(true);
  expect(state.user(5)).toBeUndefined();
});

test("metadata that comes after its threads reaches them, and lasts until it is replaced", () => {
  const { state, happens } = machine();
  const id = "0123456789ab";
  happens({
    id: "SYSCALL_EXECVE_19_X",
    tid: 10,
    parameters: { res: 0, exe: "x", pid: 10, cgroups: [`cpu=/crio-${id}${"0".repeat(52)}`] },
  });
  const { thread } = state.event;
  expect(thread?.container).toMatchObject({ id, type: "cri-o", isKnown: false });
  const data = Buffer.from(JSON.stringify({ container: { id, image: "nginx:1", type: 8 } }));
  happens({ id: "ASYNCEVENT_E", tid: -1, parameters: { plugin_id: 0, name: "container", data } });
  expect(thread?.container).toMatchObject({ id, type: "cri-o", image: "nginx:1", isKnown: true });
});

test("an event that describes a container is of that container, also when it is removed, and the next one is not", () => {
  const id = "0123456789ab";
  const json = Buffer.from(JSON.stringify({ container: { id, image: "nginx:1", type: 8 } }));
  const describing: BuiltEvent[] = [
    { id: "CONTAINER_E", tid: 10, parameters: { id, type: 8, name: "web", image: "nginx:1" } },
    { id: "CONTAINER_JSON_E", tid: 10, parameters: { json } },
    { id: "CONTAINER_JSON_2_E", tid: -1, parameters: { json } },
    { id: "ASYNCEVENT_E", tid: -1, parameters: { plugin_id: 0, name: "container", data: json } },
    { id: "ASYNCEVENT_E", tid: -1, parameters: { plugin_id: 0, name: "container_removed", data: json } },
  ];
  const head = machine();
  const old = machine("0.40");
  for (const event of describing) {
    head.happens(event);
    expect(head.state.event.container).toMatchObject({ id, type: "cri-o", image: "nginx:1" });
    head.happens(open(10, 3, "/x"));
    expect(head.state.event.container).toBeUndefined();
    old.happens(event);
    expect(old.state.event.container).toBeUndefined();
  }
  head.happens({ id: "ASYNCEVENT_E", tid: -1, parameters: { plugin_id: 0, name: "other", data: json } });
  expect(head.state.event.container).toBeUndefined();
  head.happens({ id: "CONTAINER_JSON_2_E", tid: -1, parameters: { json: Buffer.from("{}") } });
  expect(head.state.event.container).toBeUndefined();
});

test("a socket is connected from the connect that is on its way on, and one that failed is as it was", () => {
  const { state, happens } = machine();
  happens({ id: "SOCKET_SOCKET_X", tid: 10, parameters: { fd: 6, domain: 2, type: 1, proto: 6 } });
  const tuple = Buffer.from([2, 10, 0, 0, 1, 0x39, 0x30, 10, 0, 0, 2, 80, 0]);
  happens({ id: "SOCKET_CONNECT_X", tid: 10, parameters: { res: -111, tuple, fd: 6 } });
  expect(state.event.descriptor).toMatchObject({ name: "", flags: 0 });
  happens({ id: "SOCKET_CONNECT_X", tid: 10, parameters: { res: -115, tuple, fd: 6 } });
  expect(state.event.descriptor).toMatchObject({ name: "10.0.0.1:12345->10.0.0.2:80", flags: 1 + 4 });
});

test("the state does not grow with the events of processes that come and go", () => {
  const { state, happens } = machine();
  for (let round = 0; round < 3000; round++) {
    const tid = 100 + round;
    happens(clone(tid, 10));
    happens(clone(tid + 10_000, tid, cloneThread));
    for (const fd of [3, 4]) happens(open(tid, fd, `/tmp/${round}-${fd}`));
    happens({ id: "PROCEXIT_1_E", tid: tid + 10_000 });
    happens({ id: "PROCEXIT_1_E", tid });
  }
  happens({ id: "SYSCALL_READ_X", tid: 1, parameters: { res: 0, fd: 0 } });
  expect([state.threads.size, state.threadTable.descriptorCount]).toEqual([2, 0]);
  expect(state.threads.get(10)?.children?.size ?? 0).toBe(0);
});

test("events of random bytes neither throw nor leave the tables inconsistent", () => {
  for (const generation of ["head", "0.40"] as const) {
    const { state } = machine(generation, { limits: { threads: 50, descriptorsOfProcess: 20, descriptors: 100 } });
    let seed = 42;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let round = 0; round < 40_000; round++) {
      const { id, parameters } = kernelEventTypes[random(kernelEventTypes.length)] ?? { id: "", parameters: [] };
      const values = parameters.map(
        ({ name }) =>
          [
            name,
            Buffer.from(
              Array.from({ length: random(4) === 0 ? random(40) : 8 }, () =>
                random(3) === 0 ? random(256) : random(30) * random(2),
              ),
            ),
          ] as const,
      );
      state.advance(
        kernelEvent({ id, tid: random(60) - 1, time: BigInt(round) << 24n, parameters: Object.fromEntries(values) }),
        0,
      );
    }
    expect(state.threads.size).toBeLessThanOrEqual(50);
    const counted = [...state.threads.values()].reduce(
      (sum, { ownDescriptors }) => sum + (ownDescriptors?.size ?? 0),
      0,
    );
    expect(state.threadTable.descriptorCount).toBe(counted);
    for (const [tid, thread] of state.threads) {
      expect(thread).toBeInstanceOf(Thread);
      expect(thread.tid).toBe(tid);
      expect([...state.threadTable.ancestors(thread)].length).toBeLessThanOrEqual(50);
    }
    expect(Object.values(descriptorTypes)).toHaveLength(22);
  }
});

test("a list of processes that comes as events makes the same state as a snapshot", () => {
  const { state, happens } = machine();
  const listed = {
    comm: "web",
    argv: ["/bin/web", "-d"],
    exepath: "/bin/web",
    cwd: "/srv",
    fdlimit: 1024n,
    euid: 5,
    egid: 6,
    vtgid: 50,
    vpid: 50,
    loginuid: 7,
    root: "/",
  };
  const id = (pid: number): number => pid * 0x1_0000_0000 + pid;
  expect(happens({ id: "ITER_TASK_E", tid: id(50), parameters: { ...listed, ppid: 51 } })).toBe(false);
  happens({ id: "ITER_TASK_E", tid: id(51), parameters: { ...listed, ppid: 1, vtgid: 51, vpid: 51 } });
  happens({
    id: "ITER_TASK_FILE_REGULAR_E",
    tid: id(50),
    parameters: { fd: 3, path: "/srv/a", flags: 1, ino_num: 9n },
  });
  const ports = { local_port: 80, sk_type: 1, sk_proto: 6, ino_num: 1n };
  const [own, other, any] = [
    [10, 0, 0, 1],
    [10, 0, 0, 2],
    [0, 0, 0, 0],
  ].map((address) => Buffer.from(address));
  happens({
    id: "ITER_TASK_FILE_SOCKET_INET_E",
    tid: id(50),
    parameters: { fd: 4, ...ports, local_ip: own, remote_ip: any },
  });
  happens({
    id: "ITER_TASK_FILE_SOCKET_INET_E",
    tid: id(50),
    parameters: { fd: 5, ...ports, local_ip: own, remote_ip: other, remote_port: 4000 },
  });
  happens({ id: "SYSCALL_READ_X", tid: 50, parameters: { res: 1, fd: 5 } });
  const { thread, descriptor } = state.event;
  expect([thread?.ptid, thread?.comm, thread?.exe, thread?.args, thread?.cwd, thread?.uid]).toEqual([
    51,
    "web",
    "/bin/web",
    ["-d"],
    "/srv/",
    5,
  ]);
  expect([...(thread?.descriptors.values() ?? [])].map(({ name }) => name)).toEqual([
    "/srv/a",
    "10.0.0.1:80",
    "10.0.0.2:4000->10.0.0.1:80",
  ]);
  expect(descriptor?.shownProtocol).toBe(2);
});

import { expect, test } from "vitest";
import { kernelEventTypes } from "../../model/events/kernel-event-table.ts";
import { KernelEvent } from "../state/kernel-event.ts";
import { KernelState } from "../state/kernel-state.ts";
import { parseRuleTests } from "./parse-rule-tests.ts";
import type { RuleTest } from "./rule-test.ts";
import { synthesiseEvents } from "./synthesise-events.ts";

const web =
  '{name: app, user: app, container: {id: web, image: "registry.example/web:1.4", pod: web-1, namespace: shop}}';

test("processes stand in the process list with a parent, an account and the groups of their container", () => {
  const { snapshot } = synthesised(
    `processes: [{name: sshd, pid: 700}, {name: bash, parent: sshd, user: alice, tty: 1, args: -l}, ${web}]`,
  );
  const threads = new Map(snapshot.threads.map((thread) => [thread.comm, thread]));
  expect([...threads.keys()]).toEqual(["systemd", "containerd-shim", "sshd", "bash", "app"]);
  expect(threads.get("bash")).toMatchObject({ ptid: 700, args: ["-l"], exepath: "/usr/bin/bash", tty: 34_817 });
  expect(threads.get("app")).toMatchObject({ ptid: 900, vpid: 1, capEffective: 0n });
  expect(threads.get("app")?.cgroups[0]).toMatch(/^cpuset=\/kubepods\/besteffort\/pod[0-9a-f-]{36}\/[0-9a-f]{64}$/);
  expect(snapshot.users.find(({ name }) => name === "alice")?.uid).toBe(threads.get("bash")?.uid);
});

test("a new process is two events of its birth and one of its program, and the state knows it", () => {
  const { snapshot, batch } = synthesised("events: [{type: spawn, becomes: {name: id, args: -u, user: alice}}]");
  const ids = Array.from(batch.codes, (code) => kernelEventTypes[code]?.id);
  expect(ids).toEqual(["SYSCALL_CLONE_20_X", "SYSCALL_CLONE_20_X", "SYSCALL_EXECVE_19_X"]);
  const state = new KernelState(snapshot);
  for (let index = 0; index < batch.count; index++) state.advance(batch, index);
  expect(state.event.thread).toMatchObject({ comm: "id", exepath: "/usr/bin/id", args: ["-u"], ptid: 1 });
});

test("a connection comes with its socket, and the state knows both ends", () => {
  const { snapshot, batch } = synthesised('events: [{type: connect, args: {addr: "[2001:db8::9]:443", proto: udp}}]');
  const state = new KernelState(snapshot);
  for (let index = 0; index < batch.count; index++) state.advance(batch, index);
  expect(state.event.fd).toBe(3);
  expect(state.event.descriptor?.name).toBe("fd00::5:50000->2001:db8::9:443");
});

test("parameters are written as the event table says, absent ones are success, nothing, and the working directory", () => {
  const { batch } = synthesised("events: [{type: openat, args: {name: x, flags: O_RDWR|O_CREAT, mode: '0640'}}]");
  const event = new KernelEvent(new KernelState(synthesised("").snapshot));
  event.moveTo(batch, 0);
  expect(event.type.id).toBe("SYSCALL_OPENAT_2_X");
  expect([event.signed(0), event.signed(1), event.text(2), event.unsigned(3), event.unsigned(4)]).toEqual([
    3,
    -100,
    "x",
    7,
    0o640,
  ]);
  expect(event.parameterCount).toBe(event.type.parameters.length);
});

test("an error is the result of a call, and a system call without an event of its own is a generic one", () => {
  const { batch } = synthesised("events: [{type: mount, args: {res: EPERM}}, {type: swapon}]");
  const event = new KernelEvent(new KernelState(synthesised("").snapshot));
  event.moveTo(batch, 0);
  expect(event.signed(0)).toBe(-1);
  event.moveTo(batch, 1);
  expect(event.type.id).toBe("GENERIC_X");
});

test("events come one millisecond after the other, or later when they say so", () => {
  const { batch } = synthesised("events: [{type: setsid}, {type: setsid, after: 2.5}]");
  const times = Array.from(batch.timesLow, (low, index) => (BigInt(batch.timesHigh[index] ?? 0) << 32n) | BigInt(low));
  expect((times[1] ?? 0n) - (times[0] ?? 0n)).toBe(2_500_000_000n);
});

for (const [what, rest, message] of [
  ["an unknown event", "events: [{type: opens}]", "no event named opens"],
  [
    "an unknown parameter",
    "events: [{type: open, args: {path: x}}]",
    "open has no parameter path; available: fd, name, flags",
  ],
  [
    "a value that does not fit",
    "events: [{type: open, args: {flags: O_READ}}]",
    'open: "O_READ" is not a valid value for flags',
  ],
  ["an unknown process", "events: [{type: open, process: x}]", "no process named x"],
  ["an unknown parent", "processes: [{name: a, parent: b}]", "no process named b"],
  ["a new process that is not described", "events: [{type: spawn}]", "an event of type spawn requires becomes"],
  [
    "a parameter that is too long",
    `events: [{type: chdir, args: {path: ${"x".repeat(70_000)}}}]`,
    "path is longer than 65535 bytes",
  ],
  ["an address that is none", "events: [{type: connect, args: {addr: '1.2.3:80'}}]", "1.2.3:80 is not a valid address"],
] as const) {
  test(`${what} is refused with the place of its test`, () => {
    expect(() => synthesised(rest)).toThrow(
      expect.objectContaining({ code: "file-malformed", message: expect.stringContaining(`x:1: ${message}`) }),
    );
  });
}

function synthesised(rest: string): ReturnType<typeof synthesiseEvents> {
  const events = rest.includes("events:") ? rest : `${rest}\n  events: [{type: setsid}]`;
  const [parsed] = parseRuleTests(`- test: t\n  expect: []\n  ${events}`, "x");
  return synthesiseEvents(parsed as RuleTest);
}

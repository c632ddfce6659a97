import { expect, test } from "vitest";
import { buildFilter } from "../build-filter.ts";
import { readSeccompProfile } from "../read-profile.ts";
import { type Simulation, TraceSimulation } from "./simulate-trace.ts";

const filter = buildFilter(
  readSeccompProfile(
    {
      defaultAction: "SCMP_ACT_ERRNO",
      architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
      syscalls: [
        { names: ["read", "openat", "listns"], action: "SCMP_ACT_ALLOW" },
        { names: ["socket"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: 38, op: "SCMP_CMP_NE" }] },
        {
          names: ["clone"],
          action: "SCMP_ACT_ALLOW",
          args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
        },
        { names: ["write"], action: "SCMP_ACT_LOG" },
      ],
    },
    "p.json",
  ),
  { architecture: "amd64", kernel: { major: 6, minor: 1 }, capabilities: new Set(), runtime: "runc" },
);

function simulate(...lines: readonly string[]): Simulation {
  if (!filter) throw new Error("no filter");
  const simulation = new TraceSimulation(filter);
  for (const line of lines) simulation.takeLine(line);
  return simulation.result();
}

const audit = (rest: string): string =>
  `audit: type=1326 audit(1625740283.502:574): auid=0 uid=0 gid=0 ses=1 pid=47 comm="sh" exe="/bin/sh" sig=0 ${rest}`;

test.each<[line: string, answer: string]>([
  ['unlinkat(AT_FDCWD, "a, b)", 0) = 0', "denied unlinkat ERRNO(EPERM)"],
  [
    "[pid    12] 10:00:00.123456 ptrace(PTRACE_TRACEME) = -1 EPERM (Operation not permitted)",
    "denied ptrace ERRNO(EPERM)",
  ],
  ["12    1700000000.000001 ptrace(PTRACE_TRACEME <unfinished ...>", "denied ptrace ERRNO(EPERM)"],
  ["exit_group(0)                           = ?", "denied exit_group ERRNO(EPERM)"],
  ["socket(AF_ALG, SOCK_SEQPACKET, 0) = 3", "denied socket ERRNO(EPERM)"],
  ["socket(0x26, 5, 0) = 3", "denied socket ERRNO(EPERM)"],
  ["socket(AF_SOMETHING, SOCK_SEQPACKET, 0) = 3", "unknown socket ERRNO(EPERM)"],
  ["clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD) = 9", "denied clone ERRNO(EPERM)"],
  ['write(1, "x", 1) = 1', "logged write LOG"],
  [audit("arch=c000003e syscall=101 compat=0 ip=0x7f code=0x7ffc0000"), "denied ptrace ERRNO(EPERM)"],
  [
    `Jul  8 10:31:23 host kernel: [  270.853767] ${audit("arch=40000003 syscall=26 compat=1 ip=0x7f code=0x7ffc0000")}`,
    "denied ptrace ERRNO(EPERM)",
  ],
  [
    'type=SYSCALL msg=audit(1.2:3): arch=c000003e syscall=41 success=yes exit=3 a0=26 a1=5 a2=0 a3=0 items=0 pid=9 comm="sh"',
    "denied socket ERRNO(EPERM)",
  ],
  ["  nginx-1234    [001] .....   100.123456: sys_enter: NR 41 (26, 5, 0, 0, 0, 0)", "denied socket ERRNO(EPERM)"],
])("%s", (line, expected) => {
  const { answers, calls } = simulate(line);
  expect(calls).toBe(1);
  expect(answers.map(({ outcome, syscall, answer }) => `${outcome} ${syscall} ${answer}`)).toEqual([expected]);
});

test.each([
  'read(0, "", 1) = 1',
  "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3",
  "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 9",
])("%s is allowed", (line) => {
  expect(simulate(line)).toMatchObject({ calls: 1, denied: 0, unknown: 0, answers: [] });
});

// What programs can choose: their name, their output, the text of their arguments, messages in the log.
test.each([
  "--- SIGCHLD {si_signo=SIGCHLD} ---",
  '<... read resumed>"", 1) = 0',
  "app: ptrace(PTRACE_TRACEME) = 0",
  "Jul  8 10:31:23 host app[12]: audit: type=1326 audit(1.2:3): pid=1 arch=c000003e syscall=101 compat=0",
  "Jul  8 10:31:23 host app[12]: kernel: audit: type=1326 audit(1.2:3): pid=1 arch=c000003e syscall=101 compat=0",
  "[ 3683.829070] app says audit: type=1326 audit(1.2:3): pid=1 arch=c000003e syscall=101 compat=0",
  "type=USER_MSG msg=audit(1.2:3): text='type=SECCOMP msg=audit(1.2:3): arch=c000003e syscall=101 '",
  "audit: type=1016 audit(1611996299.149:466250): pid=615549 arch=c000003e syscall=1 compat=0",
])("%s has no call", (line) => {
  expect(simulate(line)).toMatchObject({ calls: 0, otherLines: 1, answers: [] });
});

test("a program cannot name another call in its own name", () => {
  const quoted = 'comm="x" exe="a arch=c000003e syscall=101 b" sig=0';
  const line = `audit: type=1326 audit(1.2:3): pid=9 ${quoted} arch=c000003e syscall=0 compat=0 ip=0x7f code=0x7ffc0000`;
  expect(simulate(line)).toMatchObject({ calls: 1, denied: 0 });
  const hexadecimal = line.replace('comm="x"', "comm=6120617263683D63");
  expect(simulate(hexadecimal)).toMatchObject({ calls: 1, denied: 0 });
});

test("after lines with process ids, lines without are what the program printed", () => {
  const lines = ['12  read(0, "", 1) = 0', "ptrace(PTRACE_TRACEME) = 0", "bpf(0, 0, 0) = 3"];
  expect(simulate(...lines)).toMatchObject({ calls: 1, denied: 0, otherLines: 2 });
});

test("calls are counted by their answer, with the first line", () => {
  const { answers, unknownNames } = simulate("read(0) = 0", "bpf(0) = 3", "bpf(1) = 3", "frobnicate(1) = 0");
  expect(answers).toEqual([
    {
      syscall: "bpf",
      abi: "x86_64",
      answer: "ERRNO(EPERM)",
      outcome: "denied",
      reason: "no rule names it",
      count: 2,
      line: 2,
    },
  ]);
  expect(unknownNames).toEqual(["frobnicate"]);
});

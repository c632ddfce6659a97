import { expect, test } from "vitest";
import { buildFilter, type Target } from "../build-filter.ts";
import { diffFilters } from "../diff-filters.ts";
import type { SeccompProfile } from "../profile.ts";
import { readSeccompProfile } from "../read-profile.ts";
import { abis } from "../syscall-table.ts";
import { TraceSimulation } from "../trace/simulate-trace.ts";
import { generateProfile } from "./generate-profile.ts";
import { mergeProfiles } from "./merge-profiles.ts";
import { Recording } from "./recording.ts";
import { profileJson, profileResource } from "./write-profile.ts";

const target: Target = {
  architecture: "amd64",
  kernel: { major: 6, minor: 1 },
  capabilities: new Set(),
  runtime: "runc",
};
const [native] = abis;
if (!native) throw new Error("no interface");

const run = [
  '12  openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3',
  "12  socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 4",
  "12  clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0}, 88) = 13",
  "13  ptrace(PTRACE_TRACEME) = 0",
];

function record(lines: readonly string[]) {
  const recording = new Recording(native ?? fail());
  for (const line of lines) recording.takeLine(line);
  return recording.result();
}

function fail(): never {
  throw new Error("no interface");
}

function readBack(text: string): SeccompProfile {
  return readSeccompProfile(JSON.parse(text), "generated");
}

test("a generated profile permits its runs, and denies other calls once it is enforced", () => {
  const { profile, remarks } = generateProfile([record(run), record(run.slice(0, 1))], "enforce", "SCMP_ARCH_X86_64");
  const filter = buildFilter(readBack(profileJson(profile)), target);
  if (!filter) throw new Error("no filter");
  const simulation = new TraceSimulation(filter);
  const denied = ["bpf(0, 0, 0) = 3", "socket(AF_ALG, 5, 0) = 3", "clone(child_stack=NULL, flags=CLONE_NEWUSER) = 1"];
  for (const line of [...run.filter((own) => !own.includes("clone3")), ...denied.map((own) => `12  ${own}`)]) {
    simulation.takeLine(line);
  }
  simulation.takeLine("12  clone(child_stack=NULL, flags=CLONE_VM|CLONE_THREAD) = 1");
  const { answers } = simulation.result();
  expect(answers.map(({ syscall, answer }) => [syscall, answer])).toEqual([
    ["bpf", "ERRNO(EPERM)"],
    ["socket", "ERRNO(EPERM)"],
    ["clone", "ERRNO(EPERM)"],
  ]);
  const comments = profile.rules.map(({ comment, names }) => [
    comment,
    names.includes("ptrace"),
    names.includes("openat"),
  ]);
  expect(comments).toContainEqual(["seen in 1 of 2 runs", true, false]);
  expect(comments).toContainEqual(["seen in 2 of 2 runs", false, true]);
  expect(remarks.join("\n")).toContain("ptrace is allowed");
});

test.each([
  'audit: type=1326 audit(1.2:3): pid=9 comm="a" exe="x arch=c000003e syscall=101 y" sig=0 arch=c000003e syscall=0 compat=0 ip=0',
  '12  write(1, "a\\n12  ptrace(0) = 0", 20) = 20',
  '12  openat(AT_FDCWD, "\\"], \\"ptrace\\"", O_RDONLY) = 3',
])("nothing in %s becomes a rule but the call itself", (line) => {
  const { profile } = generateProfile([record([line])], "enforce", "SCMP_ARCH_X86_64");
  const allowed = profile.rules.flatMap(({ names }) => names);
  expect(allowed).not.toContain("ptrace");
  expect(allowed.every((name) => /^[a-z0-9_]+$/.test(name))).toBe(true);
});

test("the operator's resource has the same rules", () => {
  const { profile } = generateProfile([record(run)], "log", "SCMP_ARCH_X86_64");
  const text = profileResource(profile, "web");
  expect(text).toContain("  name: web\nspec:\n  defaultAction: SCMP_ACT_LOG\n");
  expect(text).toContain("      args:\n        - index: 0\n          value: 2\n          op: SCMP_CMP_EQ\n");
});

const rule = (names: readonly string[], action = "SCMP_ACT_ALLOW", args: readonly object[] = []) => ({
  names,
  action,
  args,
});
const profileOf = (syscalls: readonly object[], defaultAction = "SCMP_ACT_ERRNO"): SeccompProfile =>
  readSeccompProfile({ defaultAction, syscalls }, "p.json");
const family = (value: number) => [{ index: 0, value, op: "SCMP_CMP_EQ" }];

test.each<[string, readonly SeccompProfile[], "union" | "intersection", SeccompProfile]>([
  ["names", [profileOf([rule(["read"])]), profileOf([rule(["write"])])], "union", profileOf([rule(["read", "write"])])],
  [
    "the less restrictive action",
    [profileOf([rule(["read"])]), profileOf([rule(["read"], "SCMP_ACT_LOG")])],
    "union",
    profileOf([rule(["read"])]),
  ],
  [
    "conditions as alternatives",
    [
      profileOf([rule(["socket"], "SCMP_ACT_ALLOW", family(1))]),
      profileOf([rule(["socket"], "SCMP_ACT_ALLOW", family(2))]),
    ],
    "union",
    profileOf([rule(["socket"], "SCMP_ACT_ALLOW", family(1)), rule(["socket"], "SCMP_ACT_ALLOW", family(2))]),
  ],
  [
    "default actions",
    [profileOf([rule(["read"])], "SCMP_ACT_LOG"), profileOf([rule(["bpf"], "SCMP_ACT_KILL_PROCESS")])],
    "union",
    profileOf([rule(["read"])], "SCMP_ACT_LOG"),
  ],
  [
    "what all permit",
    [profileOf([rule(["read", "write"])]), profileOf([rule(["write", "close"])])],
    "intersection",
    profileOf([rule(["write"])]),
  ],
  [
    "conditions of one",
    [profileOf([rule(["socket"])]), profileOf([rule(["socket"], "SCMP_ACT_ALLOW", family(1))])],
    "intersection",
    profileOf([rule(["socket"], "SCMP_ACT_ALLOW", family(1))]),
  ],
  [
    "no conditions that differ",
    [
      profileOf([rule(["socket"], "SCMP_ACT_ALLOW", family(1))]),
      profileOf([rule(["socket"], "SCMP_ACT_ALLOW", family(2))]),
    ],
    "intersection",
    profileOf([]),
  ],
])("merging takes %s", (_, profiles, strategy, expected) => {
  const merged = readBack(profileJson(mergeProfiles(profiles, { strategy, target })));
  const crun = { ...target, runtime: "crun" } as const;
  expect(diffFilters(buildFilter(expected, crun), buildFilter(merged, crun))).toEqual([]);
});

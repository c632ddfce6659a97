import { expect, test } from "vitest";
import type { Target } from "./build-filter.ts";
import { explainSyscall } from "./explain-call.ts";
import { lintSeccompProfile } from "./lint-profile.ts";
import { readSeccompProfile } from "./read-profile.ts";

const target: Target = {
  architecture: "amd64",
  kernel: { major: 6, minor: 1 },
  capabilities: new Set(),
  runtime: "runc",
};
const x86 = { architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"] };

function codes(document: object): readonly string[] {
  return lintSeccompProfile(readSeccompProfile(document, "p.json"), target).map(({ code }) => code);
}

const allow = (names: readonly string[], more: object = {}) => ({ names, action: "SCMP_ACT_ALLOW", ...more });
const enosys = { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38 };
const eq = (index: number, value: number) => ({ index, value, op: "SCMP_CMP_EQ" });
const fallbacks = ["faccessat2", "close_range", "openat2", "statx", "epoll_pwait2", "fchmodat2"];

test.each<[string, object, readonly string[]]>([
  ["a clean profile", { syscalls: [allow(["read", ...fallbacks]), enosys] }, []],
  ["a misspelt call", { syscalls: [allow(["raed", ...fallbacks]), enosys] }, ["unknown-syscall"]],
  ["a call of another architecture", { syscalls: [allow(["spu_run", ...fallbacks]), enosys] }, ["no-number"]],
  [
    "two conditions on one argument",
    { syscalls: [allow(fallbacks), allow(["kill"], { args: [eq(1, 9), eq(1, 10)] }), enosys] },
    ["same-argument"],
  ],
  ["no ENOSYS for clone3", { syscalls: [allow(fallbacks)] }, ["clone3-without-enosys"]],
  [
    "a dangerous call",
    { syscalls: [allow(["bpf", "keyctl", ...fallbacks]), enosys] },
    ["dangerous-allow", "dangerous-allow"],
  ],
  ["clone without conditions", { syscalls: [allow(["clone", ...fallbacks]), enosys] }, ["user-namespaces"]],
  [
    "a rule behind one without conditions",
    { syscalls: [allow(fallbacks), allow(["kill"]), { ...enosys, names: ["kill", "clone3"] }] },
    ["unreachable-rule"],
  ],
  ["everything allowed", { defaultAction: "SCMP_ACT_ALLOW" }, ["default-permits"]],
  ["no profile at all", { defaultAction: "", syscalls: [] }, ["no-seccomp"]],
])("%s", (_, document, expected) => {
  expect(codes({ defaultAction: "SCMP_ACT_ERRNO", ...x86, ...document })).toEqual(expected);
});

test("a profile without x86 kills 32-bit programs", () => {
  expect(codes({ defaultAction: "SCMP_ACT_ERRNO", syscalls: [allow(fallbacks), enosys] })).toEqual(["no-32-bit"]);
});

test("explain gives the rule, the cases of unknown arguments, and what crun answers", () => {
  const profile = readSeccompProfile(
    { defaultAction: "SCMP_ACT_ERRNO", syscalls: [allow(["kill"], { args: [eq(1, 9)], includes: { caps: [] } })] },
    "p.json",
  );
  const [unknown] = explainSyscall(profile, { syscall: "kill", args: [], target }).runtimes.runc;
  expect(unknown).toMatchObject({ answer: "ERRNO(EPERM)", cases: [{ when: "arg1 == 9", answer: "ALLOW", rule: 0 }] });
  const [known] = explainSyscall(profile, { syscall: "kill", args: [1n, 9n], target }).runtimes.runc;
  expect(known).toMatchObject({ answer: "ALLOW", rule: 0, cases: [] });
  const newer = explainSyscall(profile, { syscall: "openat2", args: [], target }).runtimes;
  expect([newer.runc[0]?.answer, newer.crun[0]?.answer]).toEqual(["ERRNO(ENOSYS)", "ERRNO(EPERM)"]);
});

test("rules that do not apply say why", () => {
  const filters = [
    { includes: { caps: ["CAP_SYS_ADMIN"] } },
    { includes: { arches: ["arm64"] } },
    { includes: { minKernel: "6.2" } },
    { excludes: { minKernel: "6.1" } },
    { excludes: { arches: ["amd64"] } },
    {},
  ];
  const syscalls = filters.map((filter) => allow(["read"], filter));
  const profile = readSeccompProfile({ defaultAction: "SCMP_ACT_ERRNO", syscalls }, "p.json");
  expect(explainSyscall(profile, { syscall: "read", args: [], target }).rules.map(({ dropped }) => dropped)).toEqual([
    "needs CAP_SYS_ADMIN",
    "only for arm64",
    "only on Linux 6.2 and later",
    "not on Linux 6.1 and later",
    "not for amd64",
    undefined,
  ]);
});

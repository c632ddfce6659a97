import fc from "fast-check";
import { expect, test } from "vitest";
import { buildFilter } from "../build-filter.ts";
import { decideCall } from "../decide-call.ts";
import { diffFilters } from "../diff-filters.ts";
import { readSeccompProfile } from "../read-profile.ts";
import { actionNumber } from "./action-number.ts";
import { compileFilter } from "./compile-filter.ts";
import { disassemble } from "./disassemble.ts";
import { runProgram } from "./run-program.ts";

function filterOf(document: object) {
  const profile = readSeccompProfile({ defaultAction: "SCMP_ACT_ERRNO", ...document }, "p.json");
  const filter = buildFilter(profile, {
    ...{ architecture: "amd64", kernel: { major: 6, minor: 1 }, capabilities: new Set<string>(), runtime: "runc" },
  } as const);
  if (!filter) throw new Error("no filter");
  return filter;
}

const edges = [0n, 1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0001n, (1n << 64n) - 1n];
const argument = fc.constantFrom(...edges);
const condition = fc.record({
  index: fc.integer({ min: 0, max: 2 }),
  op: fc.constantFrom("NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ").map((name) => `SCMP_CMP_${name}`),
  value: argument,
  valueTwo: argument,
});

test("a program decides as the filter does", () => {
  const rule = fc.record({
    names: fc.uniqueArray(fc.constantFrom("read", "socket", "close", "exit_group"), { minLength: 1 }),
    action: fc.constantFrom("SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_KILL_PROCESS"),
    args: fc.array(condition, { maxLength: 3 }),
  });
  const call = fc.record({
    audit: fc.constantFrom(0xc000003e, 0x40000003, 0xc00000b7),
    number: fc.constantFrom(0, 3, 41, 102, 231, 359, 400, 0x40000000, 0x40000029, 0x80000000, 0xffffffff),
    args: fc.array(argument, { minLength: 3, maxLength: 3 }),
  });
  const architectures = [["SCMP_ARCH_X86_64"], ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]];
  fc.assert(
    fc.property(fc.array(rule), fc.constantFrom(...architectures), fc.array(call), (syscalls, listed, calls) => {
      const filter = filterOf({ syscalls, architectures: listed });
      const program = compileFilter(filter);
      for (const own of calls) expect(runProgram(program, own)).toBe(actionNumber(decideCall(filter, own).action));
    }),
  );
});

test("the text of a program names its calls, answers and targets", () => {
  const lines = [
    ...disassemble(compileFilter(filterOf({ syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW" }] }))),
  ];
  expect(lines).toContain(" 1  jeq #0xc000003e, 3, 2                ; x86_64");
  expect(lines.some((line) => /ret #0x7fff0000 +; ALLOW$/.test(line))).toBe(true);
});

test("a difference is one of answers, not of the order or the parts of rules", () => {
  const rule = (names: readonly string[], action = "SCMP_ACT_ALLOW") => ({ names, action });
  const before = filterOf({ syscalls: [rule(["read", "write"]), rule(["close"])] });
  expect(diffFilters(before, filterOf({ syscalls: [rule(["close", "write"]), rule(["read"])] }))).toEqual([]);
  expect(
    diffFilters(before, filterOf({ syscalls: [rule(["write", "close"]), rule(["read"], "SCMP_ACT_LOG")] })),
  ).toEqual([{ change: "other", before: "ALLOW", after: "LOG", abis: ["x86_64"], syscalls: ["read"] }]);
  const [denied] = diffFilters(before, filterOf({ syscalls: [rule(["read", "close"])] }));
  expect(denied).toMatchObject({ change: "denied", before: "ALLOW", after: "ERRNO(EPERM)", syscalls: ["write"] });
});

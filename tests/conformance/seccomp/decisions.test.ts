import { expect, test } from "vitest";
import {
  buildFilter,
  type Filter,
  resolveArchitectures,
  resolveRules,
} from "../../../src/profiles/seccomp/build-filter.ts";
import { decideCall } from "../../../src/profiles/seccomp/decide-call.ts";
import type { Action } from "../../../src/profiles/seccomp/profile.ts";
import { kernelOfRelease, readSeccompProfile } from "../../../src/profiles/seccomp/read-profile.ts";
import { abis, numberOf } from "../../../src/profiles/seccomp/syscall-table.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { parseExactJson } from "../../setup/exact-json.ts";

const folder = ["hardening", "seccomp"] as const;

interface OracleFilter {
  readonly id: string;
  readonly profile: string;
  readonly arch: string;
  readonly bounding_caps: readonly string[];
}

interface Payload {
  readonly arch: string;
  readonly nr: number;
  readonly args: readonly string[];
  readonly expect: Readonly<Record<string, string | readonly [string, string]>>;
}

/**
 * Answers that differ from the recorded ones, and why. The kernel does not filter 335 and 336. The peer's table ends
 * before the newest calls that own-many-rules names.
 */
const reviewed: readonly { readonly numbers: readonly number[]; readonly profile?: string }[] = [
  { numbers: [335, 336] },
  { profile: "own-many-rules", numbers: [465, 466, 467, 468, 470] },
];

const audits: Readonly<Record<string, number>> = {
  ...{ x86_64: 0xc000003e, x32: 0xc000003e, x86: 0x40000003, aarch64: 0xc00000b7, arm: 0x40000028 },
  s390x: 0x80000016,
};

describeWithCorpus("seccomp filters", () => {
  const filters = parseExactJson<readonly OracleFilter[]>(corpusBytes(...folder, "oracle", "filters.json").toString());
  const built = new Map(
    filters.map((filter) => [filter.id, { crun: build(filter, "crun"), runc: build(filter, "runc") }]),
  );
  const payloads = lines<Payload>("oracle/payloads.jsonl");

  test("decide as libseccomp and as runc, except for reviewed calls", () => {
    const differences: string[] = [];
    let compared = 0;
    for (const { arch, nr, args, expect: expected } of payloads) {
      const call = { audit: audits[arch] ?? 0, number: nr >>> 0, args: args.map(BigInt) };
      for (const [id, answer] of Object.entries(expected)) {
        const answers = typeof answer === "string" ? [answer, answer] : answer;
        for (const [index, runtime] of (["crun", "runc"] as const).entries()) {
          const filter = built.get(id)?.[runtime];
          if (!filter) throw new Error(`no filter ${id}`);
          compared++;
          const own = text(decideCall(filter, call).action);
          const isReviewed = reviewed.some(
            ({ profile, numbers }) => numbers.includes(nr) && (profile === undefined || id.startsWith(profile)),
          );
          if (own !== answers[index] && !isReviewed) differences.push(`${id} ${runtime} ${arch} ${nr}: ${own}`);
        }
      }
    }
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(37_000);
  });

  test("resolve moby's default as Docker does", () => {
    interface Row {
      readonly goarch: string;
      readonly bounding_caps: readonly string[];
      readonly kernel: string;
      readonly expect: {
        readonly architectures: readonly string[] | null;
        readonly kept_rule_indexes: readonly number[];
      };
    }
    const profile = profileOf("moby-default.json");
    const rows = lines<Row>("resolve-moby-default.jsonl");
    expect(rows).toHaveLength(60);
    for (const { goarch, bounding_caps, kernel, expect: expected } of rows) {
      const target = targetOf(goarch, bounding_caps, kernel);
      const kept = resolveRules(profile, target).map(({ index }) => index);
      expect([goarch, kernel, kept]).toEqual([goarch, kernel, expected.kept_rule_indexes]);
      expect(resolveArchitectures(profile, target)).toEqual(expected.architectures ?? ["SCMP_ARCH_X86"]);
    }
  });

  test("the table of numbers agrees with libseccomp's", () => {
    const theirs = corpusJson<Record<string, Record<string, number | string>>>(...folder, "syscalls.json");
    const differences = Object.entries(theirs).flatMap(([name, numbers]) =>
      abis
        .filter(
          (facts) =>
            numberOf(name, facts) !==
            (numbers[facts.abi] === undefined ? undefined : Number(numbers[facts.abi]) + facts.base),
        )
        .map(({ abi }) => `${name} ${abi}`),
    );
    // uprobe is newer than their table for x32.
    expect(differences.filter((name) => !/^ur?e?t?probe x32$/.test(name))).toEqual([]);
  });
});

interface LoadCase {
  readonly id: string;
  readonly kind: string;
  readonly profile?: string;
  readonly profile_file?: string;
  readonly input?: string;
  readonly bounding_caps?: readonly string[];
  readonly expect: {
    readonly error?: string | boolean;
    readonly error_contains?: string;
    readonly kernel?: number;
    readonly major?: number;
    readonly first_names?: readonly string[];
    readonly architectures?: readonly string[];
    readonly syscall_rules?: number;
  };
}

describeWithCorpus("reading a seccomp profile", () => {
  test.each(lines<LoadCase>("load-cases.jsonl").map((row) => [row.id, row] as const))("%s", (_, row) => {
    const { expect: expected, input = "" } = row;
    if (row.kind === "kernel_release") {
      const kernel = kernelOfRelease(input);
      expect(kernel && { kernel: kernel.major, major: kernel.minor }).toEqual(
        expected.error === undefined ? { kernel: expected.kernel, major: expected.major } : undefined,
      );
      return;
    }
    const source = input
      ? `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[],"action":"SCMP_ACT_LOG","includes":${input}}]}`
      : (row.profile ?? corpusBytes(...folder, "profiles", row.profile_file ?? "").toString());
    const isRefused =
      expected.error_contains !== undefined || (expected.error !== undefined && expected.error !== false);
    const read = () => readSeccompProfile(parseExactJson(source), "it");
    if (isRefused) {
      expect(read).toThrow();
      return;
    }
    const profile = read();
    const rules = resolveRules(profile, targetOf("amd64", row.bounding_caps ?? [], "6.1"));
    if (expected.first_names) expect(rules.map(({ names }) => names[0])).toEqual(expected.first_names);
    if (expected.syscall_rules !== undefined) expect(rules).toHaveLength(expected.syscall_rules);
    if (expected.architectures) expect(profile.architectures).toEqual(expected.architectures);
  });
});

function build({ profile, arch, bounding_caps }: OracleFilter, runtime: "runc" | "crun"): Filter | undefined {
  const target = targetOf(arch === "x86_64" ? "amd64" : "arm64", bounding_caps, "6.12");
  return buildFilter(profileOf(profile), { ...target, runtime });
}

function targetOf(architecture: string, capabilities: readonly string[], release: string) {
  const kernel = kernelOfRelease(release);
  if (!kernel) throw new Error(release);
  return { architecture, kernel, capabilities: new Set(capabilities), runtime: "runc" } as const;
}

function profileOf(name: string) {
  return readSeccompProfile(parseExactJson(corpusBytes(...folder, "profiles", name).toString()), name);
}

function lines<T>(name: string): readonly T[] {
  const all = corpusBytes(...folder, ...name.split("/")).toString();
  return all.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as T]));
}

function text({ kind, data }: Action): string {
  return kind === "ERRNO" || kind === "TRACE" ? `${kind}(${data})` : kind;
}

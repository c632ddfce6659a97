import type { Action, Condition, Kernel, Rule, RuleFilter, SeccompProfile } from "./profile.ts";
import { isSameAction } from "./profile.ts";
import { type AbiFacts, abis, numberOf } from "./syscall-table.ts";

/** The container and machine for which a profile is resolved. */
export interface Target {
  /** As Go names it: `amd64`, `arm64`, `386`, `arm`, `s390x`… */
  readonly architecture: string;
  readonly kernel: Kernel;
  /** The bounding set of the container. */
  readonly capabilities: ReadonlySet<string>;
  readonly runtime: "runc" | "crun";
}

/** One way of matching a call: all conditions hold. */
export interface Clause {
  readonly conditions: readonly Condition[];
  readonly action: Action;
  readonly rule: Rule;
  /** The name by which the rule came to this number. */
  readonly name: string;
}

/** The rules for one interface. */
export interface AbiFilter {
  readonly facts: AbiFacts;
  /** By number as the kernel sees it. A clause without conditions is alone. */
  readonly calls: ReadonlyMap<number, readonly Clause[]>;
  /** The largest number that any kept rule names, with runc's stub; numbers above get ENOSYS. */
  readonly stubAbove: number | undefined;
}

/** What a runtime loads into the kernel for a profile on one target. */
export interface Filter {
  readonly defaultAction: Action;
  readonly abis: readonly AbiFilter[];
  readonly rules: readonly Rule[];
}

/** Architectures in Go's names with their names in profiles. Source: moby/profiles, opencontainers/runtime-spec. */
const profileNames: ReadonlyMap<string, string> = new Map([
  ["386", "SCMP_ARCH_X86"],
  ["amd64", "SCMP_ARCH_X86_64"],
  ["arm", "SCMP_ARCH_ARM"],
  ["arm64", "SCMP_ARCH_AARCH64"],
  ["loong64", "SCMP_ARCH_LOONGARCH64"],
  ["mips64le", "SCMP_ARCH_MIPSEL64"],
  ["ppc64le", "SCMP_ARCH_PPC64LE"],
  ["riscv64", "SCMP_ARCH_RISCV64"],
  ["s390x", "SCMP_ARCH_S390X"],
]);

/** True for names that {@link resolveArchitectures} and {@link resolveRules} take. */
export function isKnownArchitecture(name: string): boolean {
  return profileNames.has(name);
}

/** The architectures that a runtime filters on a target, the native one first. */
export function resolveArchitectures(profile: SeccompProfile, { architecture }: Target): readonly string[] {
  const native = profileNames.get(architecture) ?? "";
  const listed = profile.architectureMap
    ? profile.architectureMap
        .filter((entry) => entry.architecture === native)
        .flatMap((entry) => [entry.architecture, ...entry.subArchitectures])
    : profile.architectures;
  return [...new Set([native, ...listed.filter((name) => name !== "SCMP_ARCH_NATIVE")])];
}

/** The rules that apply to a target, in the order of the profile. */
export function resolveRules({ rules }: SeccompProfile, target: Target): readonly Rule[] {
  return rules.filter(({ includes, excludes }) => !isExcluded(excludes, target) && isIncluded(includes, target));
}

/** The filter that runc or crun makes; undefined where the profile leaves seccomp off. */
export function buildFilter(profile: SeccompProfile, target: Target): Filter | undefined {
  const { defaultAction } = profile;
  if (!defaultAction) return undefined;
  const rules = resolveRules(profile, target);
  const names = resolveArchitectures(profile, target);
  const filtered = abis.filter(({ profileName }) => names.includes(profileName));
  const hasStub = target.runtime === "runc" && !["ALLOW", "LOG", "TRACE"].includes(defaultAction.kind);
  return {
    defaultAction,
    rules,
    abis: filtered.map((facts) => ({
      facts,
      calls: callsOf(rules, { facts, defaultAction }),
      stubAbove: hasStub ? largestOf(rules, facts) : undefined,
    })),
  };
}

/** As `includes` and `excludes` name an architecture. */
export function ruleArchitecture({ architecture }: Target): string {
  return architecture === "386" ? "x86" : architecture;
}

function isExcluded({ caps, arches, minKernel }: RuleFilter, target: Target): boolean {
  if (arches.includes(ruleArchitecture(target)) || caps.some((cap) => target.capabilities.has(cap))) return true;
  return minKernel !== undefined && isAtLeast(target.kernel, minKernel);
}

function isIncluded({ caps, arches, minKernel }: RuleFilter, target: Target): boolean {
  if (arches.length > 0 && !arches.includes(ruleArchitecture(target))) return false;
  if (!caps.every((cap) => target.capabilities.has(cap))) return false;
  return minKernel === undefined || isAtLeast(target.kernel, minKernel);
}

function isAtLeast(kernel: Kernel, least: Kernel): boolean {
  return kernel.major > least.major || (kernel.major === least.major && kernel.minor >= least.minor);
}

/** Every name counts, also of a rule whose action is the default. Without a number above 0, runc adds no stub. */
function largestOf(rules: readonly Rule[], facts: AbiFacts): number | undefined {
  let largest = 0;
  for (const { names } of rules) {
    for (const name of names) largest = Math.max(largest, numberOf(name, facts) ?? 0);
  }
  return largest > 0 ? largest : undefined;
}

function callsOf(
  rules: readonly Rule[],
  { facts, defaultAction }: { readonly facts: AbiFacts; readonly defaultAction: Action },
): ReadonlyMap<number, readonly Clause[]> {
  const calls = new Map<number, Clause[]>();
  for (const rule of rules) {
    if (isSameAction(rule.action, defaultAction)) continue;
    for (const name of rule.names) {
      for (const { number, fixed } of placesOf(name, facts)) {
        for (const conditions of alternatives(rule.conditions)) {
          const known = calls.get(number) ?? [];
          calls.set(number, known);
          known.push({ conditions: placed(conditions, fixed), action: rule.action, rule, name });
        }
      }
    }
  }
  for (const [number, clauses] of calls) calls.set(number, unconditionalAlone(clauses));
  return calls;
}

/** libseccomp keeps the first clause without conditions, and drops all that have some. */
function unconditionalAlone(clauses: Clause[]): Clause[] {
  const first = clauses.find(({ conditions }) => conditions.length === 0);
  return first ? [first] : clauses;
}

/** Two conditions on one argument make the runtimes add each condition as a rule of its own. */
export function alternatives(conditions: readonly Condition[]): readonly (readonly Condition[])[] {
  const indexes = new Set(conditions.map(({ index }) => index));
  return indexes.size === conditions.length ? [conditions] : conditions.map((condition) => [condition]);
}

interface Place {
  readonly number: number;
  /** The value that argument 0 must have, where one number serves many calls. */
  readonly fixed?: number;
}

const socketCalls = [
  ..."socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom".split(" "),
  ..."shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg".split(" "),
];

const ipcCalls: ReadonlyMap<string, number> = new Map([
  ...([
    ["semop", 1],
    ["semget", 2],
    ["semctl", 3],
    ["semtimedop", 4],
  ] as const),
  ...([
    ["msgsnd", 11],
    ["msgrcv", 12],
    ["msgget", 13],
    ["msgctl", 14],
  ] as const),
  ...([
    ["shmat", 21],
    ["shmdt", 22],
    ["shmget", 23],
    ["shmctl", 24],
  ] as const),
]);

/** The numbers under which a call is made: on x86 also those of the multiplexers socketcall and ipc. */
export function placesOf(name: string, facts: AbiFacts): readonly Place[] {
  const number = numberOf(name, facts);
  const places: Place[] = number === undefined ? [] : [{ number }];
  if (facts.abi !== "x86") return places;
  const socketCall = socketCalls.indexOf(name) + 1;
  if (socketCall > 0) places.push({ number: 102, fixed: socketCall });
  const ipcCall = ipcCalls.get(name);
  if (ipcCall !== undefined) places.push({ number: 117, fixed: ipcCall });
  return places;
}

/** The multiplexer's own argument 0 takes the place of a condition; others compare what they do not mean. */
function placed(conditions: readonly Condition[], fixed: number | undefined): readonly Condition[] {
  if (fixed === undefined) return conditions;
  const own: Condition = { index: 0, operator: "EQ", value: BigInt(fixed), masked: 0n };
  return [own, ...conditions.filter(({ index }) => index !== 0)];
}

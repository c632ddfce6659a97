import { buildFilter, type Filter, ruleArchitecture, type Target } from "./build-filter.ts";
import { conditionsText } from "./condition-text.ts";
import { type Decision, decideCall } from "./decide-call.ts";
import { actionText, type Rule, type RuleFilter, type SeccompProfile } from "./profile.ts";
import { type AbiFacts, abis, firstKernelOf, nameOf, numberOf } from "./syscall-table.ts";

/** The answer to a call for one interface and runtime. */
export interface CallExplanation {
  readonly abi: string;
  readonly number: number | undefined;
  /** As `ERRNO(EPERM)`. */
  readonly answer: string;
  /** Answers that are possible before that, where arguments decide. */
  readonly cases: readonly { readonly when: string; readonly answer: string; readonly rule: number }[];
  readonly rule: number | undefined;
  readonly reason: string;
}

/** The answers to a call, and the rules that name it. */
export interface Explanation {
  readonly syscall: string;
  readonly firstKernel: string | undefined;
  readonly runtimes: Readonly<Record<"runc" | "crun", readonly CallExplanation[]>>;
  /** Every rule that names the call, with why it does not apply. */
  readonly rules: readonly { readonly rule: number; readonly text: string; readonly dropped: string | undefined }[];
  /** A profile without seccomp has no answers. */
  readonly isOff: boolean;
}

/** The name of a system call that the user gave by name or number; undefined for an unknown one. */
export function syscallNamed(text: string): string | undefined {
  const native = abis[0];
  if (/^\d{1,10}$/.test(text) && native) return nameOf(Number(text), native);
  return abis.some((facts) => numberOf(text, facts) !== undefined) ? text : undefined;
}

/** What a profile answers to a call with these arguments; missing arguments are unknown. */
export function explainSyscall(
  profile: SeccompProfile,
  { syscall, args, target }: { readonly syscall: string; readonly args: readonly bigint[]; readonly target: Target },
): Explanation {
  const answers = (runtime: "runc" | "crun"): readonly CallExplanation[] => {
    const filter = buildFilter(profile, { ...target, runtime });
    return filter ? filter.abis.map(({ facts }) => explainOn(filter, { facts, syscall, args })) : [];
  };
  return {
    syscall,
    firstKernel: firstKernelOf(syscall),
    runtimes: { runc: answers("runc"), crun: answers("crun") },
    rules: profile.rules
      .filter(({ names }) => names.includes(syscall))
      .map((rule) => ({ rule: rule.index, text: ruleText(rule), dropped: whyDropped(rule, target) })),
    isOff: profile.defaultAction === undefined,
  };
}

interface Asked {
  readonly facts: AbiFacts;
  readonly syscall: string;
  readonly args: readonly bigint[];
}

function explainOn(filter: Filter, { facts, syscall, args }: Asked): CallExplanation {
  const number = numberOf(syscall, facts);
  if (number === undefined) {
    return {
      abi: facts.abi,
      number,
      answer: "no such call",
      cases: [],
      rule: undefined,
      reason: "not on this interface",
    };
  }
  const decision = decideCall(filter, { audit: facts.audit, number, args });
  const clauses = filter.abis.find((own) => own.facts === facts)?.calls.get(number) ?? [];
  const cases = decision.possible.length > 0 ? clauses : [];
  return {
    abi: facts.abi,
    number,
    answer: actionText(decision.action),
    cases: cases.map(({ conditions, action, rule }) => ({
      when: conditionsText(conditions),
      answer: actionText(action),
      rule: rule.index,
    })),
    rule: decision.clause?.rule.index,
    reason: reasonText(decision),
  };
}

function reasonText({ reason, clause, possible }: Decision): string {
  switch (reason) {
    case "rule":
      return `rule ${clause?.rule.index ?? ""}`;
    case "default":
      return "default action: no rule names it";
    case "conditions":
      return possible.length > 0 ? "default action otherwise" : "default action: no condition holds";
    case "stub":
      return "newer than all system calls in the profile";
    case "architecture":
      return "architecture is not in the profile";
    case "unfiltered":
      return "the kernel does not filter this call";
  }
}

function ruleText({ action, conditions }: Rule): string {
  return conditions.length === 0 ? actionText(action) : `${actionText(action)} if ${conditionsText(conditions)}`;
}

/** Why a rule does not apply to a target, as a clause; undefined where it does. */
function whyDropped({ includes, excludes }: Rule, target: Target): string | undefined {
  const missing = includes.caps.filter((cap) => !target.capabilities.has(cap));
  if (missing.length > 0) return `needs ${missing.join(", ")}`;
  if (includes.arches.length > 0 && !includes.arches.includes(ruleArchitecture(target))) {
    return `only for ${includes.arches.join(", ")}`;
  }
  const held = excludes.caps.filter((cap) => target.capabilities.has(cap));
  if (held.length > 0) return `not with ${held.join(", ")}`;
  if (excludes.arches.includes(ruleArchitecture(target))) return `not for ${target.architecture}`;
  return kernelReason(includes, target, "before") ?? kernelReason(excludes, target, "from");
}

function kernelReason({ minKernel }: RuleFilter, { kernel }: Target, side: "before" | "from"): string | undefined {
  if (!minKernel) return undefined;
  const isReached =
    kernel.major > minKernel.major || (kernel.major === minKernel.major && kernel.minor >= minKernel.minor);
  if (isReached !== (side === "from")) return undefined;
  const version = `${minKernel.major}.${minKernel.minor}`;
  return side === "from" ? `not on Linux ${version} and later` : `only on Linux ${version} and later`;
}

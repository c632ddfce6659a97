import {
  alternatives,
  buildFilter,
  type Filter,
  placesOf,
  resolveArchitectures,
  resolveRules,
  type Target,
} from "./build-filter.ts";
import { conditionsText } from "./condition-text.ts";
import { dangerousCalls } from "./dangerous-calls.ts";
import { decideCall } from "./decide-call.ts";
import { nearestName } from "./nearest-name.ts";
import { actionText, isPermitted, isSameAction, type Rule, type SeccompProfile } from "./profile.ts";
import { type AbiFacts, numberOf, whereKnown } from "./syscall-table.ts";

/** A mistake or risk in a profile. */
export interface LintFinding {
  /** An error keeps containers from starting; a warning is a mistake or a risk; advice needs no action. */
  readonly severity: "error" | "warning" | "advice";
  readonly code: string;
  /** The rule, from 0, as in the profile's list. */
  readonly rule?: number;
  readonly message: string;
  readonly hint: string;
}

/** Mistakes and risks in a profile, as it works on a target. */
export function lintSeccompProfile(profile: SeccompProfile, target: Target): readonly LintFinding[] {
  const filter = buildFilter(profile, target);
  if (!filter) {
    return [
      {
        severity: "warning",
        code: "no-seccomp",
        message: "Profile has no default action and no rules: containers run without seccomp",
        hint: 'Set "defaultAction".',
      },
    ];
  }
  const input: LintInput = { profile, target, filter, rules: resolveRules(profile, target) };
  return [
    ...lintWhole(input),
    ...lintArchitectures(input),
    ...profile.rules.flatMap((rule) => [...lintRule(rule, input)]),
    ...lintOverlaps(input),
    ...lintDangers(input),
    ...lintFallbacks(input),
    ...lintMultiplexers(input),
  ];
}

interface LintInput {
  readonly profile: SeccompProfile;
  readonly target: Target;
  readonly filter: Filter;
  /** The rules that apply to the target. */
  readonly rules: readonly Rule[];
}

const knownFlags = [
  "SECCOMP_FILTER_FLAG_TSYNC",
  "SECCOMP_FILTER_FLAG_LOG",
  "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
  "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
];

function* lintWhole({ profile, filter }: LintInput): Generator<LintFinding> {
  const { kind } = filter.defaultAction;
  const notifies = profile.rules.filter(({ action }) => action.kind === "NOTIFY");
  if (kind === "NOTIFY") {
    yield {
      severity: "error",
      code: "notify-default",
      message: "SCMP_ACT_NOTIFY is the default action, which runtimes refuse",
      hint: "Use SCMP_ACT_NOTIFY in rules for single system calls.",
    };
  }
  for (const rule of notifies.filter(({ names }) => names.includes("write"))) {
    yield {
      ...{ severity: "error", code: "notify-write", rule: rule.index },
      message: "SCMP_ACT_NOTIFY is used for write, which runc refuses",
      hint: "Remove write from this rule.",
    };
  }
  if (notifies.length > 0 && !profile.listenerPath) {
    yield {
      ...{ severity: "warning", code: "notify-without-listener" },
      message: "SCMP_ACT_NOTIFY is used without listenerPath: the calls fail with ENOSYS",
      hint: 'Set "listenerPath" to the socket of a seccomp agent.',
    };
  }
  if (isPermitted(filter.defaultAction)) {
    yield {
      ...{ severity: kind === "LOG" ? ("advice" as const) : ("warning" as const), code: "default-permits" },
      message: `Default action is ${kind}: system calls that no rule names are executed, also future ones`,
      hint:
        kind === "LOG"
          ? "Once the log has no more calls that the program needs, deny by default: SCMP_ACT_ERRNO."
          : "Deny by default, and allow what the program needs: plimsoll profile generate.",
    };
  }
  for (const flag of profile.flags.filter((name) => !knownFlags.includes(name))) {
    yield {
      ...{ severity: "error", code: "unknown-flag" },
      message: `Flag ${flag} is unknown, and runtimes refuse it`,
      hint: `Known flags: ${knownFlags.join(", ")}.`,
    };
  }
}

function* lintArchitectures({ profile, target, filter }: LintInput): Generator<LintFinding> {
  const names = resolveArchitectures(profile, target);
  const pairs = { amd64: "SCMP_ARCH_X86", arm64: "SCMP_ARCH_ARM" } as const;
  const small = target.architecture === "amd64" || target.architecture === "arm64" ? pairs[target.architecture] : "";
  if (small !== "" && !names.includes(small) && !isPermitted(filter.defaultAction)) {
    yield {
      ...{ severity: "advice", code: "no-32-bit" },
      message: `${small} is not listed: 32-bit programs are killed at their first system call`,
      hint: "This is the safest setting. List the architecture only if the image has 32-bit programs.",
    };
  }
  const unknown = profile.architectures.filter((name) => !/^SCMP_ARCH_[A-Z0-9_]+$/.test(name));
  for (const name of new Set(unknown)) {
    yield {
      ...{ severity: "error", code: "unknown-architecture" },
      message: `Architecture ${name} is unknown, and runtimes refuse it`,
      hint: "Architectures are named as in SCMP_ARCH_X86_64 and SCMP_ARCH_AARCH64.",
    };
  }
  if (filter.abis.length === 0) {
    yield {
      ...{ severity: "advice", code: "architecture-not-examined" },
      message: `System calls are not examined: there is no table of numbers for ${target.architecture}`,
      hint: "Use --arch amd64, arm64, 386 or arm.",
    };
  }
}

function* lintRule(rule: Rule, { filter, rules }: LintInput): Generator<LintFinding> {
  const unknown = rule.names.filter((name) => whereKnown(name) === "unknown");
  for (const name of new Set(unknown)) {
    const nearest = nearestName(name);
    yield {
      ...{ severity: "warning", code: "unknown-syscall", rule: rule.index },
      message: `System call ${name} is unknown, and runtimes silently ignore it`,
      hint: nearest ? `Probably ${nearest} was meant.` : "Correct the name, or remove it.",
    };
  }
  if (rules.includes(rule)) {
    const absent = rule.names.filter(
      (name) => whereKnown(name) !== "unknown" && filter.abis.every(({ facts }) => placesOf(name, facts).length === 0),
    );
    if (absent.length > 0 && filter.abis.length > 0) {
      yield {
        ...{ severity: "advice", code: "no-number", rule: rule.index },
        message: `Not on ${filter.abis.map(({ facts }) => facts.abi).join(", ")}: ${listed(absent)}`,
        hint: "These names have no effect here; other architectures have them.",
      };
    }
  }
  const repeated = rule.names.filter((name, index) => rule.names.indexOf(name) !== index);
  if (repeated.length > 0) {
    yield {
      ...{ severity: "advice", code: "repeated-name", rule: rule.index },
      message: `Named twice in the rule: ${listed([...new Set(repeated)])}`,
      hint: "Remove the second.",
    };
  }
  if (rule.names.length === 0) {
    yield {
      ...{ severity: "warning", code: "no-names", rule: rule.index },
      message: "Rule names no system call and has no effect",
      hint: "Add names, or remove the rule.",
    };
  }
  const parts = alternatives(rule.conditions);
  if (parts.length > 1) {
    yield {
      ...{ severity: "warning", code: "same-argument", rule: rule.index },
      message: `Two conditions on one argument are joined with OR: ${parts.map(conditionsText).join(" or ")}`,
      hint: "Runtimes make one rule of each condition. A range needs MASKED_EQ, or a rule for each value.",
    };
  }
  for (const { index, operator, value, masked } of rule.conditions) {
    if (operator === "MASKED_EQ" && (masked & ~value) !== 0n) {
      yield {
        ...{ severity: "warning", code: "bits-outside-mask", rule: rule.index },
        message: `Condition on argument ${index} has bits in valueTwo outside the mask in value, which runtimes drop`,
        hint: "MASKED_EQ compares (argument & value) with valueTwo.",
      };
    }
  }
  if (rules.includes(rule) && isSameAction(rule.action, filter.defaultAction)) {
    yield {
      ...{ severity: "advice", code: "default-action", rule: rule.index },
      message: `Rule has the default action ${actionText(rule.action)}`,
      hint: "It only changes above which number runc answers ENOSYS.",
    };
  }
}

/** Rules for one call of which some can never decide. */
function* lintOverlaps({ rules, filter }: LintInput): Generator<LintFinding> {
  const first = new Map<string, Rule>();
  const deciding = rules.filter(({ action }) => !isSameAction(action, filter.defaultAction));
  for (const rule of deciding.filter(({ conditions }) => conditions.length === 0)) {
    for (const name of new Set(rule.names)) {
      const before = first.get(name);
      if (!before) first.set(name, rule);
      else yield overlap(name, rule, before);
    }
  }
  for (const rule of deciding.filter(({ conditions }) => conditions.length > 0)) {
    for (const name of new Set(rule.names)) {
      const whole = first.get(name);
      if (whole) yield overlap(name, rule, whole);
    }
  }
}

function overlap(name: string, rule: Rule, winner: Rule): LintFinding {
  const isSame = isSameAction(rule.action, winner.action);
  return {
    severity: isSame ? "advice" : "warning",
    code: isSame ? "redundant-rule" : "unreachable-rule",
    rule: rule.index,
    message: isSame
      ? `${name} already has ${actionText(winner.action)} without conditions from rule ${winner.index}`
      : `${name} never gets ${actionText(rule.action)}: rule ${winner.index} has ${actionText(winner.action)} without conditions`,
    hint: isSame ? "Remove the name from one of the rules." : "Rules without conditions win. Remove one of the two.",
  };
}

function* lintDangers({ filter, target }: LintInput): Generator<LintFinding> {
  if (isPermitted(filter.defaultAction)) return;
  for (const { name, why, capability } of dangerousCalls) {
    const allowed = filter.abis.filter(({ facts }) => isAlwaysPermitted(filter, name, facts));
    if (allowed.length === 0) continue;
    const isHeld = capability === undefined || target.capabilities.has(capability);
    const rule = ruleNaming(filter, name);
    yield {
      severity: isHeld ? "warning" : "advice",
      code: "dangerous-allow",
      ...(rule && { rule: rule.index }),
      message: `${name} is allowed: it ${why}`,
      hint: isHeld
        ? "Deny it unless the program needs it."
        : `The container lacks ${capability}, so the kernel refuses it outside a user namespace.`,
    };
  }
  const native = filter.abis[0];
  if (native && permitsNewUser(filter, native.facts)) {
    yield {
      ...{ severity: "warning", code: "user-namespaces" },
      message: "clone may create user namespaces, which open much of the kernel to attackers",
      hint: "Allow clone only with MASKED_EQ on the namespace flags (0x7e020000), and give clone3 ENOSYS.",
    };
  }
}

const newUser = 0x1000_0000n;

function permitsNewUser(filter: Filter, facts: AbiFacts): boolean {
  const number = numberOf("clone", facts);
  if (number === undefined) return false;
  const args = [newUser, 0n, 0n, 0n, 0n, 0n];
  return isPermitted(decideCall(filter, { audit: facts.audit, number, args }).action);
}

/** Calls for which C libraries have an older one to fall back to, which they use after ENOSYS only. */
const fallbacks = ["clone3", "faccessat2", "close_range", "openat2", "statx", "epoll_pwait2", "fchmodat2"];

function* lintFallbacks({ filter, profile }: LintInput): Generator<LintFinding> {
  const { kind } = filter.defaultAction;
  if (kind === "ALLOW" || kind === "LOG") return;
  const native = filter.abis[0];
  if (!native) return;
  const refused = fallbacks.filter((name) => {
    const number = numberOf(name, native.facts);
    if (number === undefined) return false;
    const { action } = decideCall(filter, { audit: native.facts.audit, number, args: [] });
    return !isPermitted(action) && !(action.kind === "ERRNO" && action.data === 38);
  });
  if (refused.includes("clone3")) {
    yield {
      ...{ severity: "warning", code: "clone3-without-enosys" },
      message: "clone3 does not fail with ENOSYS: the C library does not fall back to clone, and threads cannot start",
      hint: 'Add a rule for clone3 with SCMP_ACT_ERRNO and "errnoRet": 38.',
    };
  }
  const others = refused.filter((name) => name !== "clone3");
  if (others.length > 0 && profile.rules.length > 0) {
    yield {
      ...{ severity: "advice", code: "fallback-without-enosys" },
      message: `Denied without ENOSYS, so programs do not fall back to older calls: ${listed(others)}`,
      hint: 'Allow them, or give them SCMP_ACT_ERRNO with "errnoRet": 38.',
    };
  }
}

function* lintMultiplexers({ filter }: LintInput): Generator<LintFinding> {
  const x86 = filter.abis.find(({ facts }) => facts.abi === "x86");
  const native = filter.abis[0];
  if (!x86 || !native || isPermitted(filter.defaultAction)) return;
  const socket = native.calls.get(numberOf("socket", native.facts) ?? -1) ?? [];
  const isRestricted = socket.length > 0 && socket.every(({ conditions }) => conditions.length > 0);
  const { action } = decideCall(filter, { audit: x86.facts.audit, number: 102, args: [1n, 0n, 0n, 0n, 0n, 0n] });
  if (isRestricted && isPermitted(action)) {
    yield {
      ...{ severity: "advice", code: "socketcall" },
      message: "Conditions on socket do not hold for 32-bit programs, which create any socket through socketcall",
      hint: "Remove SCMP_ARCH_X86 from the architectures, or deny socketcall.",
    };
  }
}

function isAlwaysPermitted(filter: Filter, name: string, facts: AbiFacts): boolean {
  const number = numberOf(name, facts);
  if (number === undefined) return false;
  return isPermitted(decideCall(filter, { audit: facts.audit, number, args: [] }).action);
}

function ruleNaming({ rules }: Filter, name: string): Rule | undefined {
  return rules.find((rule) => rule.names.includes(name) && isPermitted(rule.action));
}

function listed(names: readonly string[]): string {
  const most = 12;
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

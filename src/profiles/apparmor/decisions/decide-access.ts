import type { Glob } from "../globs/glob.ts";
import type { AccessRule, Condition, MountRule } from "../language/syntax.ts";
import { wordValue } from "../language/words.ts";
import type { LoadedPolicy, LoadedProfile, LoadedRule } from "../policy/load-policy.ts";
import { globsOf } from "./compile-profile.ts";

/** A question that is not about a file. Unknown details are undefined: a rule that depends on them does not answer. */
export type AccessQuestion =
  | { readonly kind: "capability"; readonly name: string }
  | {
      readonly kind: "network";
      readonly family: string;
      readonly type: string | undefined;
      readonly protocol: string | undefined;
    }
  | {
      readonly kind: "signal" | "ptrace";
      readonly access: string;
      readonly signal: string | undefined;
      readonly peer: string;
    }
  | {
      readonly kind: "mount" | "remount" | "umount";
      readonly source: string | undefined;
      readonly target: string;
      readonly type: string | undefined;
      readonly options: readonly string[];
    }
  | { readonly kind: "pivot_root"; readonly path: string; readonly oldRoot: string | undefined }
  | { readonly kind: "userns"; readonly access: "create" };

/** The answer to a question, with the rule behind it. */
export interface AccessDecision {
  readonly allowed: boolean;
  readonly rule: LoadedRule | undefined;
  readonly logged: boolean;
}

/** What a profile decides about an access that is not about a file. */
export function decideAccess(profile: LoadedProfile, policy: LoadedPolicy, question: AccessQuestion): AccessDecision {
  const context: Context = { profile, policy };
  const matching = profile.rules.filter(({ rule }) => {
    if (rule.kind === "all") return true;
    if (question.kind === "capability") {
      return rule.kind === "capability" && (rule.names.length === 0 || rule.names.includes(question.name));
    }
    switch (rule.kind) {
      case "network":
        return question.kind === "network" && networkMatches(rule, question);
      case "signal":
      case "ptrace":
        return question.kind === rule.kind && "peer" in question && peerMatches(rule, question, context);
      case "mount":
      case "remount":
      case "umount":
        return "target" in question && mountMatches(rule, question, context);
      case "pivot_root":
        return question.kind === "pivot_root" && matches(rule.path, question.path, context);
      case "userns":
        return question.kind === "userns";
      default:
        return false;
    }
  });
  const most = Math.max(...matching.map(({ rule }) => rule.prefix.priority ?? 0));
  const deciding = matching.filter(({ rule }) => (rule.prefix.priority ?? 0) === most);
  const denying = deciding.find(({ rule }) => rule.prefix.decision === "deny");
  if (denying !== undefined) return { allowed: false, rule: denying, logged: denying.rule.prefix.audit };
  const logged = deciding.some(({ rule }) => rule.prefix.audit);
  return deciding[0] === undefined
    ? { allowed: false, rule: undefined, logged: true }
    : { allowed: true, rule: deciding[0], logged };
}

interface Context {
  readonly profile: LoadedProfile;
  readonly policy: LoadedPolicy;
}

const protocolTypes: Readonly<Record<string, string>> = { tcp: "stream", udp: "dgram", icmp: "raw" };

function networkMatches(
  { words, conditions, peer, access }: AccessRule,
  { family, type, protocol }: Extract<AccessQuestion, { kind: "network" }>,
): boolean {
  // A rule for some addresses or accesses does not allow all that is asked.
  if (conditions.length > 0 || peer !== undefined || access.length > 0) return false;
  return words.map(wordValue).every((word, index) => {
    const isFamily = index === 0 && (word === family || word === "unix");
    if (isFamily) return word === family;
    const kind = protocolTypes[word];
    if (kind !== undefined) {
      const inet = family === "inet" || family === "inet6";
      return inet && (protocol === word || (protocol === undefined && type === kind));
    }
    return word === type;
  });
}

const sameAccess: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  signal: { write: "send", w: "send", read: "receive", r: "receive" },
  ptrace: { write: "trace", w: "trace", r: "read" },
};

function peerMatches(
  { kind, access, conditions }: AccessRule,
  question: Extract<AccessQuestion, { kind: "signal" | "ptrace" }>,
  context: Context,
): boolean {
  const accesses = access.flatMap((word) => (/^[rw]+$/.test(word) ? [...word] : [word]));
  const names = accesses.map((word) => sameAccess[kind]?.[word] ?? word);
  if (names.length > 0 && !names.includes(question.access)) return false;
  return conditions.every(({ name, values }) => {
    if (name === "set") return question.signal !== undefined && values.map(wordValue).includes(question.signal);
    return values.some((value) => matches(value, question.peer, context));
  });
}

function mountMatches(
  rule: MountRule,
  question: Extract<AccessQuestion, { kind: "mount" | "remount" | "umount" }>,
  context: Context,
): boolean {
  if (rule.kind !== question.kind) return false;
  // A mount rule without -> is about its source; remount and umount are about the mount point.
  const { source, target } = rule.kind === "mount" ? rule : { source: undefined, target: rule.source };
  if (source !== undefined && (question.source === undefined || !matches(source, question.source, context))) {
    return false;
  }
  if (!matches(target, question.target, context)) return false;
  return rule.conditions.every((condition) => mountConditionHolds(condition, question, context));
}

function mountConditionHolds(
  { name, operator, values }: Condition,
  { type, options }: Extract<AccessQuestion, { kind: "mount" | "remount" | "umount" }>,
  context: Context,
): boolean {
  if (name.endsWith("fstype")) return type !== undefined && values.some((value) => matches(value, type, context));
  const named = new Set(values.map((value) => mainOption(wordValue(value))));
  const asked = options.map(mainOption);
  const within = asked.every((option) => named.has(option) || option === "rw");
  return operator === "in" ? within : within && [...named].every((option) => option === "rw" || asked.includes(option));
}

const otherNames: Readonly<Record<string, string>> = {
  r: "ro",
  "read-only": "ro",
  w: "rw",
  B: "bind",
  M: "move",
  R: "rbind",
};

function mainOption(option: string): string {
  return otherNames[option] ?? option.replace(/^make-/, "");
}

/** Whether a pattern of a rule matches; without a pattern, everything does. */
function matches(pattern: string | undefined, text: string, { profile, policy }: Context): boolean {
  if (pattern === undefined) return true;
  return globsOf(wordValue(pattern), profile, policy).some((glob: Glob) => glob.matches(text));
}

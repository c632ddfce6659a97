import type { ExecMode } from "../checks/file-permissions.ts";
import type { CompiledFileRule, CompiledProfile } from "./compile-profile.ts";

/** The owner of a file: the user of the process, or another user. */
export type FileOwner = "own" | "other";

/** The answer for one permission of a path. */
export interface FileDecision {
  /** The letter of the permission, `r` to `x`. */
  readonly permission: string;
  readonly allowed: boolean;
  /** The rule that decided, undefined if no rule mentions the permission. */
  readonly rule: CompiledFileRule | undefined;
  /** The access is logged: an allowed access that is audited, or a refusal that is not silenced. */
  readonly logged: boolean;
  /** How a program is executed. */
  readonly exec: { readonly mode: ExecMode; readonly target: string | undefined } | undefined;
}

const filePermissions = ["r", "w", "a", "x", "m", "k", "l"] as const;

/** What a profile decides about a path, for each permission. */
export function decideFile(profile: CompiledProfile, path: string, owner: FileOwner): readonly FileDecision[] {
  const matching = profile.fileRules.filter(
    ({ rule, globs }) => appliesTo(rule.prefix.owner, owner) && globs.some((glob) => glob.matches(path)),
  );
  const executing = highest(matching.filter((rule) => rule.exec !== undefined && rule.rule.prefix.decision !== "deny"));
  // A program that may be executed in its parent's profile may also be mapped as executable.
  const mapping = executing.filter(({ exec }) => exec?.kind === "inherit" || exec?.fallback === "inherit");
  return filePermissions.map((permission) => {
    if (permission === "x") return decideExec(matching, path);
    const speaking = matching.filter(
      (rule) => rule.letters.has(permission) || (permission === "m" && mapping.includes(rule)),
    );
    return decide(permission, highest(speaking), undefined);
  });
}

function appliesTo(condition: "owner" | "other" | undefined, owner: FileOwner): boolean {
  return condition === undefined || (condition === "owner") === (owner === "own");
}

function decideExec(matching: readonly CompiledFileRule[], path: string): FileDecision {
  const speaking = highest(matching.filter(({ letters, exec }) => letters.has("x") || exec !== undefined));
  const allowing = speaking.filter(({ exec }) => exec !== undefined);
  const chosen = allowing.find(({ globs }) => globs.some((glob) => glob.exact && glob.matches(path))) ?? allowing[0];
  const rules = speaking.filter((rule) => rule.exec === undefined || rule === chosen);
  const exec = chosen?.exec === undefined ? undefined : { mode: chosen.exec, target: chosen.target };
  return decide("x", rules, exec);
}

/** Only the rules of the highest priority decide. */
function highest(rules: readonly CompiledFileRule[]): readonly CompiledFileRule[] {
  const most = Math.max(...rules.map(({ rule }) => rule.prefix.priority ?? 0));
  return rules.filter(({ rule }) => (rule.prefix.priority ?? 0) === most);
}

function decide(permission: string, rules: readonly CompiledFileRule[], exec: FileDecision["exec"]): FileDecision {
  const denying = rules.find(({ rule }) => rule.prefix.decision === "deny");
  if (denying !== undefined) {
    return { permission, allowed: false, rule: denying, logged: denying.rule.prefix.audit, exec: undefined };
  }
  // A prompt rule asks the user, which allows nothing by itself.
  const allowing = rules.find(({ rule }) => rule.prefix.decision !== "prompt");
  if (allowing === undefined) return { permission, allowed: false, rule: undefined, logged: true, exec: undefined };
  const logged = rules.some(({ rule }) => rule.prefix.audit);
  return { permission, allowed: true, rule: allowing, logged, exec };
}

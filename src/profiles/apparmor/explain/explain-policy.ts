import { type CompiledProfile, compileProfile } from "../decisions/compile-profile.ts";
import { decideAccess } from "../decisions/decide-access.ts";
import { decideFile, type FileDecision } from "../decisions/decide-file.ts";
import { printRule } from "../language/print.ts";
import { wordValue } from "../language/words.ts";
import type { LoadedPolicy, LoadedProfile, LoadedRule } from "../policy/load-policy.ts";
import type { Question } from "./question.ts";

/** What one profile answers to a question. */
export interface Explanation {
  readonly profile: string;
  /** The profile's mode, if it is not enforced. */
  readonly mode: string | undefined;
  readonly answers: readonly Answer[];
}

/** The answer to one access. */
export interface Answer {
  /** `read`, `execute`, or the access that was asked about. */
  readonly access: string;
  /** The owner of the file; undefined where it makes no difference. */
  readonly owner: "own" | "other" | undefined;
  readonly allowed: boolean;
  readonly logged: boolean;
  readonly rule: { readonly text: string; readonly file: string | undefined; readonly line: number } | undefined;
  /** How a program is executed. */
  readonly execution: string | undefined;
}

const permissionNames: Readonly<Record<string, string>> = {
  r: "read",
  w: "write",
  a: "append",
  x: "execute",
  m: "map as executable",
  k: "lock",
  l: "link",
};

/** The answers of a profile of the policy, with the rules behind them. */
export function explainProfile(profile: LoadedProfile, policy: LoadedPolicy, question: Question): Explanation {
  const mode = profile.flags.find((flag) => ["complain", "unconfined", "default_allow", "prompt"].includes(flag));
  if (question.kind === "path") {
    const compiled = compileProfile(profile, policy);
    return { profile: profile.name, mode, answers: explainPath(compiled, question.path) };
  }
  const { allowed, logged, rule } = decideAccess(profile, policy, question);
  const answer = {
    access: question.kind,
    owner: undefined,
    allowed,
    logged,
    rule: describe(rule),
    execution: undefined,
  };
  return { profile: profile.name, mode, answers: [answer] };
}

function explainPath(profile: CompiledProfile, path: string): readonly Answer[] {
  const own = decideFile(profile, path, "own");
  const other = decideFile(profile, path, "other");
  return own.flatMap((decision, index) => {
    const counterpart = other[index];
    const same = counterpart?.allowed === decision.allowed && counterpart.rule === decision.rule;
    if (same || counterpart === undefined) return [answerOf(decision, undefined)];
    return [answerOf(decision, "own"), answerOf(counterpart, "other")];
  });
}

function answerOf({ permission, allowed, logged, rule, exec }: FileDecision, owner: Answer["owner"]): Answer {
  const access = permissionNames[permission] ?? permission;
  const execution = allowed && exec !== undefined ? describeExecution(exec) : undefined;
  return { access, owner, allowed, logged, rule: describe(rule), execution };
}

function describe(loaded: LoadedRule | undefined): Answer["rule"] {
  if (loaded === undefined) return undefined;
  return { text: printRule(loaded.rule), file: loaded.file, line: loaded.rule.line };
}

/** The profile that an executed program gets, in words. */
function describeExecution({ mode, target }: NonNullable<FileDecision["exec"]>): string {
  const named = target === undefined ? undefined : wordValue(target);
  const kinds = {
    inherit: "in the same profile",
    profile: named === undefined ? "in the program's own profile" : `in the profile ${named}`,
    child: named === undefined ? "in a child profile" : `in the child profile ${named}`,
    unconfined: "without a profile",
  };
  const fallbacks = { inherit: ", otherwise in the same profile", unconfined: ", otherwise without a profile" };
  const fallback = mode.fallback === undefined ? "" : fallbacks[mode.fallback];
  return `${kinds[mode.kind]}${fallback}${mode.clean ? ", with a clean environment" : ""}`;
}

import { type ExecMode, parseFilePermissions } from "../checks/file-permissions.ts";
import { Glob } from "../globs/glob.ts";
import type { Condition, Rule } from "../language/syntax.ts";
import { wordValue } from "../language/words.ts";
import type { LoadedPolicy, LoadedProfile, LoadedRule, PolicyProblem } from "../policy/load-policy.ts";

/** A file rule, ready to be asked about paths. */
export interface CompiledFileRule extends LoadedRule {
  readonly globs: readonly Glob[];
  readonly letters: ReadonlySet<string>;
  readonly exec: ExecMode | undefined;
  readonly target: string | undefined;
}

/** A profile, ready to be asked about paths. */
export interface CompiledProfile {
  readonly profile: LoadedProfile;
  readonly fileRules: readonly CompiledFileRule[];
  /** What the compiler refuses beside what loading found: undefined variables, malformed globs, conflicts. */
  readonly problems: readonly PolicyProblem[];
}

/** All paths, as `file,` and `all,` mean them. */
const everyPath = "/{**,}";

/** Compiles the rules of a profile about files, and checks the patterns of the others. */
export function compileProfile(profile: LoadedProfile, policy: LoadedPolicy): CompiledProfile {
  const problems: PolicyProblem[] = [];
  const fileRules: CompiledFileRule[] = [];
  const attempt = ({ rule, file }: LoadedRule, step: () => void): void => {
    try {
      step();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      problems.push({ message: error.message, line: rule.line, file, missingInclude: undefined });
    }
  };
  for (const loaded of profile.rules) {
    attempt(loaded, () => {
      const compiled = compileFileRule(loaded, profile, policy);
      if (compiled !== undefined) fileRules.push(compiled);
      for (const pattern of patternsOf(loaded.rule)) globsOf(wordValue(pattern), profile, policy);
    });
  }
  if (profile.attachment !== undefined) {
    try {
      globsOf(profile.attachment, profile, policy);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      problems.push({ message: error.message, line: profile.line, file: undefined, missingInclude: undefined });
    }
  }
  problems.push(...findExecConflicts(fileRules));
  return { profile, fileRules, problems };
}

/** The globs that a pattern of a profile stands for. */
export function globsOf(pattern: string, profile: LoadedProfile, { variables, aliases }: LoadedPolicy): Glob[] {
  // An alias is about what is written: it does not see the values of variables.
  const aliased = aliases
    .filter(({ from }) => pattern.startsWith(from))
    .map(({ from, to }) => `${to}${pattern.slice(from.length)}`);
  const expanded = [pattern, ...aliased].flatMap((text) => variables.expand(text, profile.name));
  return [...new Set(expanded.map((text) => collapseSlashes(text)))].map((text) => createGlob(text));
}

function createGlob(pattern: string): Glob {
  try {
    return new Glob(pattern);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Error(`malformed pattern ${pattern}: ${error.message}`);
  }
}

/** `//` is `/`, as the kernel names paths. */
function collapseSlashes(pattern: string): string {
  return pattern.startsWith("/") ? pattern.replaceAll(/\/{2,}/g, "/") : pattern;
}

function compileFileRule(
  loaded: LoadedRule,
  profile: LoadedProfile,
  policy: LoadedPolicy,
): CompiledFileRule | undefined {
  const { rule } = loaded;
  if (rule.kind === "link") {
    const globs = globsOf(wordValue(rule.path), profile, policy);
    globsOf(wordValue(rule.target), profile, policy);
    return { ...loaded, globs, letters: new Set(["l"]), exec: undefined, target: undefined };
  }
  const deny = rule.prefix.decision === "deny";
  if (rule.kind === "all" || (rule.kind === "file" && rule.path === undefined)) {
    const { letters, exec } = parseFilePermissions(deny ? "rwlkmx" : "rwlkmix", { deny });
    return { ...loaded, globs: [new Glob(everyPath)], letters, exec, target: undefined };
  }
  if (rule.kind !== "file" || rule.path === undefined) return undefined;
  const { letters, exec } = parseFilePermissions(rule.permissions, { deny });
  const target = exec === undefined ? undefined : rule.target;
  return { ...loaded, globs: globsOf(wordValue(rule.path), profile, policy), letters, exec, target };
}

/** Words of other rules that are patterns. */
function patternsOf(rule: Rule): readonly string[] {
  const ofConditions = (conditions: readonly Condition[]): readonly string[] =>
    conditions.flatMap(({ name, values }) => (patternConditions.has(name) ? values : []));
  switch (rule.kind) {
    case "mount":
    case "remount":
    case "umount":
      return [rule.source, rule.target, ...ofConditions(rule.conditions)].filter((word) => word !== undefined);
    case "pivot_root":
      return [rule.path, ...rule.conditions.flatMap(({ values }) => values)].filter((word) => word !== undefined);
    case "change_profile":
      return [rule.path, rule.target].filter((word) => word !== undefined);
    case "dbus":
    case "unix":
    case "signal":
    case "ptrace":
    case "mqueue":
    case "io_uring":
      return [...ofConditions(rule.conditions), ...ofConditions(rule.peer ?? [])];
    default:
      return [];
  }
}

const patternConditions: ReadonlySet<string> = new Set([
  ..."fstype vfstype addr label peer bus path interface member name".split(" "),
]);

/**
 * Rules that execute one path in different ways. A rule that lists its paths wins over a rule with `*`, `?` or `[^…]`;
 * between two rules of the same sort, the compiler does not choose.
 */
function findExecConflicts(rules: readonly CompiledFileRule[]): PolicyProblem[] {
  const executing = rules.filter(({ exec, rule }) => exec !== undefined && rule.prefix.decision !== "deny");
  const problems: PolicyProblem[] = [];
  for (const [index, one] of executing.entries()) {
    const other = executing.slice(0, index).find((earlier) => execConflict(one, earlier));
    if (other === undefined) continue;
    const message = `${one.exec?.text} conflicts with ${other.exec?.text} on line ${other.rule.line} for the same path`;
    problems.push({ message, line: one.rule.line, file: one.file, missingInclude: undefined });
  }
  return problems;
}

function execConflict(one: CompiledFileRule, other: CompiledFileRule): boolean {
  if (one.exec?.text === other.exec?.text && one.target === other.target) return false;
  if ((one.rule.prefix.priority ?? 0) !== (other.rule.prefix.priority ?? 0)) return false;
  return one.globs.some((left) =>
    other.globs.some((right) => {
      return left.exact === right.exact && left.overlaps(right) === true;
    }),
  );
}

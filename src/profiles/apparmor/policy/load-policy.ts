import { checkRule } from "../checks/check-rule.ts";
import { parsePolicy } from "../language/parse-policy.ts";
import { PolicyError } from "../language/policy-error.ts";
import type { Include, Prefix, Profile, Rule, Statement } from "../language/syntax.ts";
import { wordValue } from "../language/words.ts";
import { checkFlags } from "./check-flags.ts";
import { Variables } from "./variables.ts";

/** The files that policy includes. Paths are as they are written, or below an include folder for `<path>`. */
export interface PolicyFiles {
  /** The text of a file, the paths of the files in a folder, or undefined if there is neither. */
  read(path: string, searched: boolean): string | readonly string[] | undefined;
}

/** A rule with the file that it stands in, undefined for the policy file itself. */
export interface LoadedRule {
  readonly rule: Rule;
  readonly file: string | undefined;
}

/** A profile with the rules of its included files and chosen branches. */
export interface LoadedProfile {
  /** The full name: `parent//child` for a hat or a child profile. */
  readonly name: string;
  readonly attachment: string | undefined;
  readonly flags: readonly string[];
  readonly hat: boolean;
  readonly rules: readonly LoadedRule[];
  readonly line: number;
}

/** What keeps a policy from being compiled, or from being judged completely. */
export interface PolicyProblem {
  readonly message: string;
  readonly line: number;
  readonly file: string | undefined;
  /** An included file is missing: the policy may be right, but cannot be read completely. */
  readonly missingInclude: string | undefined;
}

/** The profiles of a policy file, and what they need to be evaluated. */
export interface LoadedPolicy {
  readonly profiles: readonly LoadedProfile[];
  readonly variables: Variables;
  readonly aliases: readonly { readonly from: string; readonly to: string }[];
  readonly abi: string | undefined;
  readonly problems: readonly PolicyProblem[];
}

const deepestInclude = 50;
const mostRules = 500_000;

/** Loads a policy file: includes, conditions and variables are resolved. Throws `PolicyError` for a syntax error. */
export function loadPolicy(text: string, files: PolicyFiles): LoadedPolicy {
  return new PolicyLoader(files).load(text);
}

interface Scope {
  readonly file: string | undefined;
  readonly depth: number;
  /** Files that this block has already included. */
  readonly included: Set<string>;
}

interface OpenProfile {
  readonly name: string;
  readonly rules: LoadedRule[];
  readonly children: Set<string>;
}

class PolicyLoader {
  private readonly files: PolicyFiles;
  private readonly variables = new Variables();
  private readonly profiles: LoadedProfile[] = [];
  private readonly aliases: { from: string; to: string }[] = [];
  private readonly problems: PolicyProblem[] = [];
  private abi: string | undefined;
  private ruleCount = 0;

  constructor(files: PolicyFiles) {
    this.files = files;
  }

  load(text: string): LoadedPolicy {
    const scope: Scope = { file: undefined, depth: 0, included: new Set() };
    for (const statement of parsePolicy(text)) this.readPreamble(statement, scope);
    const { profiles, variables, aliases, abi, problems } = this;
    const names = new Set<string>();
    for (const { name, line } of profiles) {
      if (names.has(name)) this.report(`profile ${name} is defined twice`, line, undefined);
      names.add(name);
    }
    return { profiles, variables, aliases, abi, problems };
  }

  private readPreamble(statement: Statement, scope: Scope): void {
    this.attempt(statement.line, scope, () => {
      switch (statement.kind) {
        case "abi":
          this.abi ??= statement.path;
          return;
        case "include":
          return this.include(statement, scope, false, (inner, innerScope) => this.readPreamble(inner, innerScope));
        case "alias":
          this.aliases.push({ from: wordValue(statement.from), to: wordValue(statement.to) });
          return;
        case "variable":
          return this.variables.assign(statement);
        case "boolean":
          return this.variables.assignBoolean(statement.name, statement.operator, statement.value);
        case "profile":
          this.readProfile(statement, undefined, scope);
      }
    });
  }

  private readProfile(profile: Profile, parent: OpenProfile | undefined, scope: Scope): void {
    const { line, flags, keyword } = profile;
    const ownName = wordValue(profile.name);
    const hat = keyword === "hat" || keyword === "^";
    const name = parent === undefined ? ownName : `${parent.name}//${ownName}`;
    this.attempt(line, scope, () => {
      checkFlags(flags.flatMap((flag) => this.variables.expand(wordValue(flag), name)));
      if (hat && profile.xattrs !== undefined) throw new Error("a hat has no xattrs");
      if (keyword === "" && ownName.startsWith("@")) throw new Error("a profile needs a name, or the word profile");
      if (profile.attachment !== undefined && !/^(?:\/|@\{?)/.test(wordValue(profile.attachment))) {
        throw new Error("what a profile is attached to begins with / or a variable");
      }
      if (parent?.children.has(ownName)) throw new Error(`${name} is defined twice`);
    });
    parent?.children.add(ownName);
    const attached = profile.attachment ?? (/^[/@]/.test(ownName) && !hat ? ownName : undefined);
    const open: OpenProfile = { name, rules: [], children: new Set() };
    const attachment = attached === undefined ? undefined : wordValue(attached);
    this.profiles.push({ name, attachment, flags: flags.map(wordValue), hat, rules: open.rules, line });
    const inner = { ...scope, included: new Set<string>() };
    for (const statement of profile.body) this.readRule(statement, open, inner, undefined);
  }

  private readRule(statement: Statement, profile: OpenProfile, scope: Scope, outer: Prefix | undefined): void {
    this.attempt(statement.line, scope, () => {
      switch (statement.kind) {
        case "comment":
          return;
        case "abi":
          this.abi ??= statement.path;
          return;
        case "include":
          return this.include(statement, scope, true, (inner, innerScope) =>
            this.readRule(inner, profile, innerScope, outer),
          );
        case "profile":
          return this.readProfile(statement, profile, scope);
        case "block": {
          const prefix = mergePrefixes(outer, statement.prefix);
          for (const inner of statement.body) this.readRule(inner, profile, scope, prefix);
          return;
        }
        case "if": {
          const chosen = this.variables.evaluate(statement.condition) ? statement.body : statement.otherwise;
          if (chosen === undefined) return;
          const statements = "kind" in chosen ? [chosen] : chosen;
          for (const inner of statements) this.readRule(inner, profile, scope, outer);
          return;
        }
        case "alias":
        case "variable":
        case "boolean":
          throw new Error(`${statement.kind === "alias" ? "an alias" : "a variable"} is set before the first profile`);
        default: {
          this.ruleCount += 1;
          if (this.ruleCount > mostRules) throw new PolicyError(`more than ${mostRules} rules`, statement.line);
          const rule = { ...statement, prefix: mergePrefixes(outer, statement.prefix) };
          checkRule(rule);
          profile.rules.push({ rule, file: scope.file });
        }
      }
    });
  }

  private include(
    { path: written, searched, ifExists, line }: Include,
    scope: Scope,
    inProfile: boolean,
    read: (statement: Statement, scope: Scope) => void,
  ): void {
    const path = wordValue(written);
    const found = this.files.read(path, searched);
    if (found === undefined) {
      if (!ifExists) this.report(`cannot read the included file ${path}`, line, scope.file, path);
      return;
    }
    const paths = typeof found === "string" ? [path] : found;
    for (const file of paths) {
      if (scope.included.has(file)) continue;
      scope.included.add(file);
      if (scope.depth >= deepestInclude) throw new PolicyError(`${file} is included too deeply`, line, scope.file);
      const text = typeof found === "string" ? found : this.files.read(file, searched);
      if (typeof text !== "string") continue;
      const inner: Scope = { file, depth: scope.depth + 1, included: scope.included };
      for (const statement of readIncluded(text, file, inProfile)) read(statement, inner);
    }
  }

  /** Runs a step; what it throws becomes a problem at a line, except for syntax errors. */
  private attempt(line: number, { file }: Scope, step: () => void): void {
    try {
      step();
    } catch (error) {
      if (error instanceof PolicyError || !(error instanceof Error)) throw error;
      this.report(error.message, line, file);
    }
  }

  private report(message: string, line: number, file: string | undefined, missingInclude?: string): void {
    this.problems.push({ message, line, file, missingInclude });
  }
}

function readIncluded(text: string, file: string, inProfile: boolean): readonly Statement[] {
  try {
    return parsePolicy(text, { inProfile });
  } catch (error) {
    if (error instanceof PolicyError) throw new PolicyError(error.message, error.line, file);
    throw error;
  }
}

function mergePrefixes(outer: Prefix | undefined, inner: Prefix): Prefix {
  if (outer === undefined) return inner;
  if (outer.owner !== undefined && inner.owner !== undefined && outer.owner !== inner.owner) {
    throw new Error(`a rule for ${inner.owner} is in a block for ${outer.owner}`);
  }
  return {
    priority: inner.priority,
    audit: outer.audit || inner.audit,
    decision: inner.decision ?? outer.decision,
    owner: inner.owner ?? outer.owner,
  };
}

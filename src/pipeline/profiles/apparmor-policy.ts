import { PlimsollError } from "../../model/error.ts";
import { type Explanation, explainProfile } from "../../profiles/apparmor/explain/explain-policy.ts";
import { parseQuestion, type Question } from "../../profiles/apparmor/explain/question.ts";
import { PolicyError } from "../../profiles/apparmor/language/policy-error.ts";
import type { LintFinding } from "../../profiles/apparmor/lint/lint-finding.ts";
import { lintPolicy } from "../../profiles/apparmor/lint/lint-policy.ts";
import { type LoadedPolicy, type LoadedProfile, loadPolicy } from "../../profiles/apparmor/policy/load-policy.ts";
import { installedPolicy, policyFiles } from "./apparmor-files.ts";

/** A policy file as the user names it, and the folder of its includes. */
export interface PolicySource {
  readonly file: string;
  readonly text: string;
  /** By default the folder where AppArmor's policy is installed. */
  readonly base: string | undefined;
}

/** Whether a file holds AppArmor policy: a statement of the language comes before anything else. */
export function looksLikeAppArmor(text: string): boolean {
  const lines = text.slice(0, 64 * 1024).split("\n");
  const first = lines.map((line) => line.trim()).find((line) => line !== "" && !/^#(?!include)/.test(line));
  return (
    first !== undefined && /^(?:abi[ <"]|#?include[ <"]|alias |@\{?[A-Za-z]|\$\{?[A-Za-z]|profile |hat |\/)/.test(first)
  );
}

/** Mistakes and risks of a policy file. */
export function lintAppArmor({ file, text, base }: PolicySource): readonly LintFinding[] {
  return lintPolicy(text, policyFiles(file, base ?? installedPolicy));
}

/** A question about the profiles of a file. */
export interface PolicyQuestion extends PolicySource {
  /** The profile, if the file has several. */
  readonly name: string | undefined;
  readonly words: readonly string[];
}

/** What a profile answers to an access. Errors: those of {@link loadProfile}, and `usage` for a malformed question. */
export function explainAppArmor({ words, name, ...source }: PolicyQuestion): Explanation {
  const { policy, profile } = loadProfile(source, name);
  return explainProfile(profile, policy, questionOf(words));
}

function questionOf(words: readonly string[]): Question {
  try {
    return parseQuestion(words);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "";
    throw new PlimsollError("usage", `cannot explain ${words.join(" ")}: ${reason}`, {
      cause,
      hint: "See plimsoll profile explain --help.",
    });
  }
}

/**
 * A policy file and one of its profiles: the one of that name, or the only one. Errors: `file-malformed` for a policy
 * with errors, `usage` if the profile is not clear.
 */
export function loadProfile(
  source: PolicySource,
  name: string | undefined,
): { readonly policy: LoadedPolicy; readonly profile: LoadedProfile } {
  const policy = loadNamedPolicy(source);
  const { file } = source;
  const { profiles } = policy;
  const profile =
    name === undefined
      ? profiles.find((candidate) => !candidate.name.includes("//") || profiles.length === 1)
      : profiles.find((candidate) => candidate.name === name);
  const others = profiles.filter((candidate) => !candidate.name.includes("//"));
  if (profile !== undefined && (name !== undefined || others.length < 2)) return { policy, profile };
  const names = profiles.map((known) => known.name).join(", ");
  throw new PlimsollError(
    "usage",
    name === undefined ? `${file} has ${profiles.length} profiles` : `${file} has no profile named ${name}`,
    { hint: names === "" ? "Name a file that has a profile." : `Choose one with --name: ${names}.` },
  );
}

function loadNamedPolicy({ file, text, base }: PolicySource): LoadedPolicy {
  let policy: LoadedPolicy;
  try {
    policy = loadPolicy(text, policyFiles(file, base ?? installedPolicy));
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause;
    throw malformed(cause.file ?? file, cause.line, cause.message);
  }
  const [problem] = policy.problems;
  if (problem === undefined) return policy;
  throw malformed(problem.file ?? file, problem.line, problem.message, problem.missingInclude);
}

function malformed(file: string, line: number, message: string, missingInclude?: string): PlimsollError {
  return new PlimsollError("file-malformed", `${file}, line ${line}: ${message}`, {
    hint:
      missingInclude === undefined
        ? "plimsoll profile lint shows all errors of the policy."
        : "Name the folder of the policy with --base, usually /etc/apparmor.d.",
  });
}

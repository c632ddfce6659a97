import { compileProfile } from "../decisions/compile-profile.ts";
import { PolicyError } from "../language/policy-error.ts";
import { type LoadedPolicy, loadPolicy, type PolicyFiles } from "../policy/load-policy.ts";
import { lintFileRules } from "./lint-file-rules.ts";
import type { LintFinding } from "./lint-finding.ts";
import { lintRules } from "./lint-rules.ts";

/** Mistakes and risks in a policy, in the order of its lines. A syntax error is the only finding then. */
export function lintPolicy(text: string, files: PolicyFiles): readonly LintFinding[] {
  let policy: LoadedPolicy;
  try {
    policy = loadPolicy(text, files);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return [
      {
        severity: "error",
        code: "syntax",
        profile: undefined,
        file: error.file,
        line: error.line,
        message: error.message,
        hint: "Correct the statement; apparmor_parser does not load the file.",
      },
    ];
  }
  const findings: LintFinding[] = policy.problems.map(({ message, line, file, missingInclude }) => ({
    severity: missingInclude === undefined ? "error" : "warning",
    code: missingInclude === undefined ? "invalid" : "missing-include",
    profile: undefined,
    file,
    line,
    message,
    hint:
      missingInclude === undefined
        ? "Correct the statement; apparmor_parser does not load the file."
        : "Name the folder of the policy with --base; rules in the missing file are not examined.",
  }));
  if (policy.abi === undefined && policy.profiles.length > 0) {
    findings.push({
      severity: "advice",
      code: "no-abi",
      profile: undefined,
      file: undefined,
      line: 1,
      message: "the policy declares no ABI",
      hint: "Begin with abi <abi/4.0>, or abi <abi/3.0>; without it, newer rules are compiled but not enforced.",
    });
  }
  for (const profile of policy.profiles) {
    const compiled = compileProfile(profile, policy);
    for (const { message, line, file } of compiled.problems) {
      const hint = "Correct the rule; apparmor_parser does not load the file.";
      findings.push({ severity: "error", code: "invalid", profile: profile.name, file, line, message, hint });
    }
    const remarks = [...lintRules(profile, policy), ...lintFileRules(compiled)];
    for (const { at, ...rest } of remarks) findings.push({ ...rest, profile: profile.name, ...at });
  }
  return findings.toSorted((one, other) => {
    if (one.file !== other.file) return one.file === undefined ? -1 : other.file === undefined ? 1 : 0;
    return one.line - other.line;
  });
}

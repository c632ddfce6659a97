import type { CheckResult } from "../../model/checks/check.ts";
import type { SecretFinding } from "../../model/findings/secret.ts";
import type { Verdict } from "../../model/reports/verdict.ts";
import { counted } from "../../model/text/counted.ts";
import { hasRules, isGate, type Policy } from "../file/policy.ts";
import { type CheckJudgement, judgeChecks } from "../judge-checks.ts";
import { judge, type Results } from "../threshold.ts";
import { waiveSecrets } from "../waivers/waive-secrets.ts";
import { waiveVulnerabilities } from "../waivers/waive-vulnerabilities.ts";
import {
  checkFacts,
  type PolicyContext,
  type PolicyFinding,
  secretFacts,
  vulnerabilityFacts,
} from "./finding-facts.ts";
import { judgeByPolicy } from "./judge-by-policy.ts";

/** A policy, and what it knows of the target. */
export interface Gate {
  readonly policy: Policy;
  readonly context: PolicyContext;
}

/** {@link Results} with what rules need. */
export interface PolicyResults extends Results {
  readonly findings: readonly PolicyFinding[];
  readonly secrets?: readonly SecretFinding[] | undefined;
}

/**
 * The verdict on vulnerabilities: {@link judge} for a policy without rules. Findings that the policy waives do not
 * count; the last reason says how many they are.
 */
export function judgeFindings(results: PolicyResults, gate: Gate): Verdict {
  const { counting, waived } = waiveVulnerabilities(results.findings, gate);
  const secrets = waiveSecrets(results.secrets ?? [], gate);
  const { decision, reasons } = judgeCounting({ ...results, findings: counting, secrets: secrets.counting }, gate);
  const count = waived.length + secrets.waived.length;
  return { decision, reasons: count > 0 ? [...reasons, `${counted(count, "finding")} waived`] : reasons };
}

function judgeCounting(results: PolicyResults, { policy, context }: Gate): Verdict {
  if (!isGate(policy) || !hasRules(policy)) return judge(results, policy.failOn);
  const { findings, secrets = [], problems, limits, severityLimits = [] } = results;
  const unexamined = problems.length > 0 ? [`${counted(problems.length, "problem")} left something unexamined`] : [];
  return judgeByPolicy(policy, {
    findings: [...findings.map((finding) => vulnerabilityFacts(finding, context)), ...secrets.map(secretFacts)],
    doubts: [...unexamined, ...limits, ...severityLimits],
    context,
  });
}

/** The verdict on checks: {@link judgeChecks} for a policy without rules. */
export function judgeCheckResults(
  results: readonly CheckResult[],
  { problems, policy, context }: Pick<CheckJudgement, "problems"> & Gate,
): Verdict {
  if (!isGate(policy) || !hasRules(policy)) return judgeChecks(results, { problems, threshold: policy.failOn });
  const blind = results.filter(({ state }) => state === "warn").length;
  const inline = results.filter(({ isWaivedInline }) => isWaivedInline).length;
  const { decision, reasons } = judgeByPolicy(policy, {
    findings: results.filter(({ state }) => state === "fail").map(checkFacts),
    doubts: [
      ...(blind > 0 ? [`${counted(blind, "check")} could not be evaluated`] : []),
      ...(problems.length > 0 ? [`${counted(problems.length, "problem")} left something unexamined`] : []),
    ],
    context,
  });
  return { decision, reasons: inline > 0 ? [...reasons, `${inline} waived inline`] : reasons };
}

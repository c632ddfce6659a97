import type { CheckResult } from "../../model/checks/check.ts";
import type { FileFinding } from "../../model/findings/file-finding.ts";
import type { Verdict } from "../../model/reports/verdict.ts";
import { counted } from "../../model/text/counted.ts";
import { hasRules, isGate, type Policy } from "../file/policy.ts";
import { type CheckJudgement, judgeChecks } from "../judge-checks.ts";
import { judge, type Results } from "../threshold.ts";
import { waiveFileFindings } from "../waivers/waive-file-findings.ts";
import { waiveVulnerabilities } from "../waivers/waive-vulnerabilities.ts";
import {
  checkFacts,
  fileFindingFacts,
  type PolicyContext,
  type PolicyFinding,
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
  readonly inFiles?: readonly FileFinding[] | undefined;
}

/**
 * The verdict on vulnerabilities: {@link judge} for a policy without rules. Findings that the policy waives do not
 * count; the last reason says how many they are.
 */
export function judgeFindings(results: PolicyResults, gate: Gate): Verdict {
  const { counting, waived } = waiveVulnerabilities(results.findings, gate);
  const inFiles = waiveFileFindings(results.inFiles ?? [], gate);
  const { decision, reasons } = judgeCounting({ ...results, findings: counting, inFiles: inFiles.counting }, gate);
  const count = waived.length + inFiles.waived.length;
  return { decision, reasons: count > 0 ? [...reasons, `${counted(count, "finding")} waived`] : reasons };
}

function judgeCounting(results: PolicyResults, { policy, context }: Gate): Verdict {
  if (!isGate(policy) || !hasRules(policy)) return judge(results, policy.failOn);
  const { findings, inFiles = [], problems, limits, severityLimits = [] } = results;
  const unexamined = problems.length > 0 ? [`${counted(problems.length, "problem")} left something unexamined`] : [];
  return judgeByPolicy(policy, {
    findings: [...findings.map((finding) => vulnerabilityFacts(finding, context)), ...inFiles.map(fileFindingFacts)],
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

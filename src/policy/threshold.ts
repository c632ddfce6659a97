import type { FileFinding } from "../model/findings/file-finding.ts";
import type { Finding, Severity } from "../model/findings/finding.ts";
import type { Problem } from "../model/reports/problem.ts";
import { noPolicyGiven, type Verdict } from "../model/reports/verdict.ts";
import { counted } from "../model/text/counted.ts";

/** The severities that a threshold can name, from worst. */
export const thresholds = ["critical", "high", "medium", "low", "negligible"] as const;

/** A severity from which a finding, or a check that failed, denies. */
export type Threshold = (typeof thresholds)[number];

/** What a verdict is made from. */
export interface Results {
  readonly findings: readonly Pick<Finding, "severity">[];
  /** Secrets and malware, which count as findings do. */
  readonly inFiles?: readonly Pick<FileFinding, "severity">[] | undefined;
  readonly problems: readonly Problem[];
  /** What the advisories cannot tell, one sentence each; empty when they cover the target. */
  readonly limits: readonly string[];
  /** Why severities are in doubt, one sentence each: they count where a threshold makes the severities decide. */
  readonly severityLimits?: readonly string[];
}

/**
 * The verdict under one threshold: `denied` when a finding reaches it; else `cannot-tell` when something was not
 * examined or the advisories do not cover the target; else `allowed`. A finding of unknown severity could reach any
 * threshold, so with a threshold it makes the verdict `cannot-tell`; so does a doubt about severities. Without a
 * threshold the verdict is `cannot-tell` for the same gaps, else `not-judged`; its last reason counts the findings.
 */
export function judge(
  { findings: vulnerabilities, inFiles = [], problems, limits, severityLimits = [] }: Results,
  threshold?: Threshold,
): Verdict {
  const findings = [...vulnerabilities, ...inFiles];
  const reached = threshold === undefined ? [] : findings.filter(({ severity }) => reaches(severity, threshold));
  if (reached.length > 0) {
    return { decision: "denied", reasons: [`${counted(reached.length, "finding")} of severity ${threshold} or worse`] };
  }
  const unrated = threshold === undefined ? [] : findings.filter(({ severity }) => severity === "unknown");
  const doubts = [
    ...(problems.length > 0 ? [`${counted(problems.length, "problem")} left something unexamined`] : []),
    ...(unrated.length > 0 ? [`${counted(unrated.length, "finding")} without a severity`] : []),
    ...limits,
    ...(threshold === undefined ? [] : severityLimits),
  ];
  if (threshold === undefined) {
    return ungated(doubts, findings.length === 0 ? "no findings" : counted(findings.length, "finding"));
  }
  if (doubts.length > 0) return { decision: "cannot-tell", reasons: doubts };
  return { decision: "allowed", reasons: [`no finding of severity ${threshold} or worse`] };
}

/** The verdict without a policy or gate. `doubts` name what was not examined; `results` counts the results. */
export function ungated(doubts: readonly string[], results: string): Verdict {
  const decision = doubts.length > 0 ? "cannot-tell" : "not-judged";
  return { decision, reasons: [...doubts, `${results}; ${noPolicyGiven}`] };
}

/**
 * Whether a severity is the threshold's or worse; `unknown` reaches none, and {@link judge} has an answer of its own
 * for it.
 */
export function reaches(severity: Severity, threshold: Threshold): boolean {
  const rank = (thresholds as readonly string[]).indexOf(severity);
  return rank >= 0 && rank <= thresholds.indexOf(threshold);
}

/** The one of two thresholds that denies more; the other where one is missing. */
export function stricterThreshold(one: Threshold | undefined, other: Threshold | undefined): Threshold | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return thresholds.indexOf(one) > thresholds.indexOf(other) ? one : other;
}

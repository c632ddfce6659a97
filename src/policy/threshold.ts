import { counted } from "../model/counted.ts";
import type { Finding, Severity } from "../model/finding.ts";
import type { Problem } from "../model/problem.ts";
import type { Verdict } from "../model/verdict.ts";

/** The severities that a threshold can name, from worst. */
export const thresholds = ["critical", "high", "medium", "low", "negligible"] as const;

/** A severity from which a finding, or a check that failed, denies. */
export type Threshold = (typeof thresholds)[number];

/** What a verdict is made from. */
export interface Results {
  readonly findings: readonly Pick<Finding, "severity">[];
  readonly problems: readonly Problem[];
  /** What the advisories cannot tell, one sentence each; empty when they cover the target. */
  readonly limits: readonly string[];
  /** Why severities are in doubt, one sentence each: they count where a threshold makes the severities decide. */
  readonly severityLimits?: readonly string[];
}

/**
 * The verdict under one threshold: `denied` when a finding reaches it; else `cannot-tell` when something was not
 * examined or the advisories do not cover the target; else `allowed`. A finding of unknown severity is one that could
 * reach any threshold, so with a threshold it makes the answer `cannot-tell`; and so does a doubt about severities.
 */
export function judge({ findings, problems, limits, severityLimits = [] }: Results, threshold?: Threshold): Verdict {
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
  const ungated =
    threshold === undefined && findings.length > 0
      ? [ungatedReason(counted(findings.length, "finding"), findings.length)]
      : [];
  if (doubts.length > 0) return { decision: "cannot-tell", reasons: [...doubts, ...ungated] };
  if (ungated.length > 0) return { decision: "allowed", reasons: ungated };
  if (threshold === undefined) return { decision: "allowed", reasons: ["nothing was found"] };
  return { decision: "allowed", reasons: [`no finding of severity ${threshold} or worse`] };
}

/** Why what was found denies nothing: nobody asked for a gate. `what` counts it. */
export function ungatedReason(what: string, count: number): string {
  return `${what}, and without --fail-on ${count === 1 ? "it denies" : "they deny"} nothing`;
}

/**
 * Whether a severity is the threshold's or worse; `unknown` reaches none, and {@link judge} has an answer of its own
 * for it.
 */
export function reaches(severity: Severity, threshold: Threshold): boolean {
  const rank = (thresholds as readonly string[]).indexOf(severity);
  return rank >= 0 && rank <= thresholds.indexOf(threshold);
}

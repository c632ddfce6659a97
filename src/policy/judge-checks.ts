import type { CheckResult, CheckState } from "../model/check.ts";
import { counted } from "../model/counted.ts";
import type { Problem } from "../model/problem.ts";
import type { Verdict } from "../model/verdict.ts";
import { reaches, type Threshold, ungatedReason } from "./threshold.ts";

const noCounts: Readonly<Record<CheckState, number>> = {
  pass: 0,
  fail: 0,
  warn: 0,
  manual: 0,
  "not-applicable": 0,
  waived: 0,
};

/** How many results there are in each state. */
export function countStates(results: readonly CheckResult[]): Readonly<Record<CheckState, number>> {
  const counts = { ...noCounts };
  for (const { state } of results) counts[state]++;
  return counts;
}

/**
 * The verdict on checks under one threshold: `denied` when a check of that severity or worse failed; else `cannot-tell`
 * when a check could not look or something was not examined; else `allowed`. What only a person can tell does not
 * hinder. Failures that comments in the checked files waive are counted in the reasons, whatever the decision.
 */
export function judgeChecks(results: readonly CheckResult[], options: CheckJudgement): Verdict {
  const { decision, reasons } = decide(results, options);
  const inline = results.filter(({ isWaivedInline }) => isWaivedInline).length;
  return { decision, reasons: inline > 0 ? [...reasons, `${inline} waived inline`] : reasons };
}

/** What a verdict on checks rests on beside their results. */
export interface CheckJudgement {
  readonly problems: readonly Problem[];
  readonly threshold?: Threshold | undefined;
}

function decide(results: readonly CheckResult[], { problems, threshold }: CheckJudgement): Verdict {
  const failed = results.filter(({ state }) => state === "fail");
  const reached = threshold === undefined ? [] : failed.filter(({ severity }) => reaches(severity, threshold));
  if (reached.length > 0) {
    return {
      decision: "denied",
      reasons: [`${counted(reached.length, "check")} of severity ${threshold} or worse failed`],
    };
  }
  const blind = results.filter(({ state }) => state === "warn").length;
  const doubts = [
    ...(blind > 0 ? [`${counted(blind, "check")} could not look`] : []),
    ...(problems.length > 0 ? [`${counted(problems.length, "problem")} left something unexamined`] : []),
  ];
  const ungated =
    threshold === undefined && failed.length > 0
      ? [ungatedReason(`${counted(failed.length, "check")} failed`, failed.length)]
      : [];
  if (doubts.length > 0) return { decision: "cannot-tell", reasons: [...doubts, ...ungated] };
  if (ungated.length > 0) return { decision: "allowed", reasons: ungated };
  return {
    decision: "allowed",
    reasons: [threshold === undefined ? "no check failed" : `no check of severity ${threshold} or worse failed`],
  };
}

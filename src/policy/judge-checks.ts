import type { CheckResult, CheckState } from "../model/checks/check.ts";
import type { Problem } from "../model/reports/problem.ts";
import type { Verdict } from "../model/reports/verdict.ts";
import { counted } from "../model/text/counted.ts";
import { reaches, type Threshold, ungated } from "./threshold.ts";

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
 * when a check could not be evaluated or something was not examined; else `allowed`. Manual checks leave the verdict
 * alone. Without a threshold the verdict is `cannot-tell` for the same gaps, else `not-judged`. The reasons count the
 * failures that comments in the checked files waive, whatever the decision.
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
    ...(blind > 0 ? [`${counted(blind, "check")} could not be evaluated`] : []),
    ...(problems.length > 0 ? [`${counted(problems.length, "problem")} left something unexamined`] : []),
  ];
  if (threshold === undefined) {
    return ungated(doubts, failed.length === 0 ? "no check failed" : `${counted(failed.length, "check")} failed`);
  }
  if (doubts.length > 0) return { decision: "cannot-tell", reasons: doubts };
  return { decision: "allowed", reasons: [`no check of severity ${threshold} or worse failed`] };
}

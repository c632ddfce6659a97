import type { CheckReport, CheckResult, CheckTarget } from "../../model/check.ts";
import type { Problem } from "../../model/problem.ts";
import { toolVersion } from "../../model/tool-version.ts";
import { applyWaivers, type CheckWaiver } from "../../policy/check-waivers.ts";
import { countStates, judgeChecks } from "../../policy/judge-checks.ts";
import type { Threshold } from "../../policy/threshold.ts";

/** What turns results into a report. */
export interface CheckPolicy {
  readonly waivers: readonly CheckWaiver[];
  readonly threshold?: Threshold | undefined;
  /** Only checks whose id fits one of these, with `*` for any run of characters; all when empty. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly now: Date;
}

/** What was checked, and what came of it. */
export interface CheckFindings {
  readonly target: CheckTarget;
  readonly results: readonly CheckResult[];
  readonly problems: readonly Problem[];
  /** When the facts were collected; now when absent. */
  readonly collectedAt?: string;
}

/** The report on checks under a policy. */
export function checkReport(
  findings: CheckFindings,
  { waivers, threshold, only, skip, now }: CheckPolicy,
): CheckReport {
  const { target, problems, collectedAt = now.toISOString() } = findings;
  const wanted = findings.results.filter(
    ({ id }) =>
      (only.length === 0 || only.some((pattern) => fits(pattern, id))) && !skip.some((pattern) => fits(pattern, id)),
  );
  const results = applyWaivers(wanted, { waivers, today: now.toISOString().slice(0, 10) });
  return {
    schemaVersion: 1,
    tool: { name: "plimsoll", version: toolVersion },
    createdAt: collectedAt,
    target,
    results,
    counts: countStates(results),
    problems,
    verdict: judgeChecks(results, { problems, threshold }),
  };
}

/** Whether an id fits a pattern: itself, or with a `*` at the end or the beginning. */
function fits(pattern: string, id: string): boolean {
  if (pattern.endsWith("*")) return id.startsWith(pattern.slice(0, -1));
  return pattern.startsWith("*") ? id.endsWith(pattern.slice(1)) : pattern === id;
}

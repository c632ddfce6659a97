import type { CheckReport, CheckResult, CheckTarget } from "../../model/checks/check.ts";
import { PlimsollError } from "../../model/error.ts";
import { fitsWildcard } from "../../model/packages/wildcard.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { toolVersion } from "../../model/tool-version.ts";
import { type Baseline, newResults, withBaseline } from "../../policy/baseline.ts";
import { applyWaivers, type CheckWaiver } from "../../policy/check-waivers.ts";
import { type Policy, policyOf } from "../../policy/file/policy.ts";
import { countStates } from "../../policy/judge-checks.ts";
import { judgeCheckResults } from "../../policy/rules/judge-findings.ts";
import type { Environment } from "../../policy/rules/policy-rule.ts";
import type { Threshold } from "../../policy/threshold.ts";
import { waiveChecks } from "../../policy/waivers/waive-checks.ts";

/** What turns results into a report. */
export interface CheckPolicy {
  readonly waivers: readonly CheckWaiver[];
  /** Comments in the checked files waive nothing. */
  readonly refusesInlineWaivers?: boolean;
  readonly threshold?: Threshold | undefined;
  readonly gate?: Policy | undefined;
  /** Failures that are known and do not count. */
  readonly baseline?: Baseline | undefined;
  /** By default `build` for files and images, and `runtime` for what runs. */
  readonly environment?: Environment | undefined;
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

/**
 * The report on checks under a policy. Error: `usage` for an id in `only` that no check of the run has, since a run
 * that checks nothing must not pass.
 */
export function checkReport(findings: CheckFindings, policy: CheckPolicy): CheckReport {
  const { waivers, threshold, gate, baseline, only, now, environment = environmentOf(findings.target) } = policy;
  const { target, problems, collectedAt = now.toISOString() } = findings;
  // Where nothing could be read there are no results, and that is a problem of its own.
  const ids = new Set(findings.results.map(({ id }) => id));
  const unknown =
    ids.size === 0 ? undefined : only.find((pattern) => !ids.values().some((id) => fitsWildcard(id, pattern)));
  if (unknown !== undefined) {
    throw new PlimsollError("usage", `no check of ${target.kind} has the id ${JSON.stringify(unknown)}`, {
      hint: "docs/check-list.md lists all ids; * matches any characters.",
    });
  }
  const wanted = findings.results.filter(({ id }) => isWanted(id, policy));
  const context = { environment, images: [target.name], now, layers: [], feeds: [] };
  const applied = policyOf({ failOn: threshold, policy: gate });
  const counting = baseline ? newResults(wanted, baseline) : wanted;
  const known = wanted.length - counting.length;
  const accepted = applyWaivers(counting, { waivers, today: dayOf(now) });
  const { results, idle } = waiveChecks(accepted, { policy: applied, context });
  return {
    schemaVersion: 2,
    tool: { name: "plimsoll", version: toolVersion },
    createdAt: collectedAt,
    target,
    ...(baseline && { baseline: { name: baseline.name, known } }),
    results,
    counts: countStates(results),
    ...(idle.length > 0 && { idleWaivers: idle }),
    problems,
    verdict: withBaseline(judgeCheckResults(results, { problems, policy: applied, context }), known),
  };
}

/** Whether a policy wants the check of this id. */
export function isWanted(id: string, { only, skip }: Pick<CheckPolicy, "only" | "skip">): boolean {
  const isNamed = only.length === 0 || only.some((pattern) => fitsWildcard(id, pattern));
  return isNamed && !skip.some((pattern) => fitsWildcard(id, pattern));
}

/** The day of a time as waivers have it, `2027-01-31`, in UTC. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

function environmentOf({ kind }: CheckTarget): Environment {
  return kind === "docker" || kind === "kubernetes" || kind === "host" ? "runtime" : "build";
}

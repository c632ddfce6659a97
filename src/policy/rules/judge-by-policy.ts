import type { Verdict } from "../../model/reports/verdict.ts";
import { counted } from "../../model/text/counted.ts";
import type { Policy } from "../file/policy.ts";
import { decideFinding, type FindingDecision, ruleText, withInherited } from "./decide-finding.ts";
import type { FindingFacts, PolicyContext } from "./finding-facts.ts";
import { matchTarget } from "./match-rule.ts";

/** For all expressions over all findings of a target: a few seconds. */
const costLimit = 20_000_000;

/** What a verdict under a policy rests on. */
export interface PolicyInput {
  readonly findings: readonly FindingFacts[];
  /** What was not examined, a clause each. */
  readonly doubts: readonly string[];
  readonly context: PolicyContext;
}

/**
 * The verdict under a policy: `denied` when a rule denies a finding or the target; else `cannot-tell` when something
 * was not examined or a missing fact decides; else `warned` when a rule warns; else `allowed`. The reasons count the
 * findings by rule, in the order of the findings.
 */
export function judgeByPolicy(policy: Policy, { findings, doubts, context }: PolicyInput): Verdict {
  const evaluation = { ...context, budget: { left: costLimit } };
  const decisions: readonly Decision[] = [
    ...targetDecisions(policy, context),
    ...findings.map((facts) => ({ ...decideFinding(policy, facts, evaluation), isTarget: false })),
  ];
  const denied = reasonsFor("deny", decisions);
  if (denied.length > 0) return { decision: "denied", reasons: denied };
  const open = [...reasonsFor("cannot-tell", decisions), ...doubts];
  if (open.length > 0) return { decision: "cannot-tell", reasons: open };
  const warnings = reasonsFor("warn", decisions);
  if (warnings.length > 0) return { decision: "warned", reasons: warnings };
  return { decision: "allowed", reasons: [`the policy denies none of ${counted(findings.length, "finding")}`] };
}

interface Decision extends FindingDecision {
  readonly isTarget: boolean;
}

/** The first rule about the target alone that matches, of the policy and of those that it extends. */
function targetDecisions(policy: Policy, context: PolicyContext): readonly Decision[] {
  const decisions = withInherited(policy, ({ rules = [] }) => {
    const rule = rules.find(({ when }) => matchTarget(when, context) === true);
    return rule && { effect: rule.action, cause: ruleText(rule), rule };
  });
  return decisions.map(({ effect, cause }) => ({ effect, cause, isTarget: true }));
}

function reasonsFor(effect: FindingDecision["effect"], decisions: readonly Decision[]): string[] {
  const those = decisions.filter((decision) => decision.effect === effect);
  const ofTarget = new Set(those.filter(({ isTarget }) => isTarget).map(({ cause }) => cause));
  // A rule about the target alone also matches every finding.
  const ofFindings = those.filter(({ isTarget, cause }) => !isTarget && !ofTarget.has(cause));
  return [
    ...[...ofTarget].map((cause) => `the target ${words[effect].target} ${cause}`),
    ...[...Map.groupBy(ofFindings, ({ cause }) => cause)].map(
      ([cause, group]) => `${counted(group.length, "finding")} ${words[effect].findings} ${cause}`,
    ),
  ];
}

const words: Readonly<Record<FindingDecision["effect"], { readonly target: string; readonly findings: string }>> = {
  deny: { target: "is denied by", findings: "denied by" },
  warn: { target: "has a warning from", findings: "with a warning from" },
  allow: { target: "is allowed by", findings: "allowed by" },
  "cannot-tell": { target: "cannot be judged", findings: "cannot be judged" },
};

import type { Policy } from "../file/policy.ts";
import { reaches } from "../threshold.ts";
import type { FindingFacts } from "./finding-facts.ts";
import { type Evaluation, matchRule } from "./match-rule.ts";
import type { PolicyRule, RuleEffect } from "./policy-rule.ts";

/** Effects from mildest to strictest. */
const strictness: readonly RuleEffect[] = ["allow", "warn", "deny"];

/** What a policy does with one finding; `cannot-tell` when a missing fact decides about `deny`. */
export interface FindingDecision {
  readonly effect: RuleEffect | "cannot-tell";
  /** The rule, or the severity of `failOn`, in words; of `cannot-tell` the missing fact. */
  readonly cause: string;
}

interface Possibility {
  readonly effect: RuleEffect;
  readonly cause: string;
  /** Why it is only possible. */
  readonly missing?: string;
}

/** What a policy does with a finding: the first rule that matches, else `failOn`. */
export function decideFinding(policy: Policy, facts: FindingFacts, context: Evaluation): FindingDecision {
  const possible = [...possibilities(policy, facts, context)];
  const [strictest, ...others] = possible.toSorted(
    (a, b) => strictness.indexOf(b.effect) - strictness.indexOf(a.effect),
  );
  if (!strictest) return { effect: "allow", cause: "" };
  const isOpen = strictest.effect === "deny" && others.some(({ effect }) => effect !== "deny");
  if (!isOpen) return strictest;
  const missing = possible.flatMap((one) => one.missing ?? []);
  return { effect: "cannot-tell", cause: `without ${[...new Set(missing)].join(", ")}, needed by ${strictest.cause}` };
}

function* possibilities(policy: Policy, facts: FindingFacts, context: Evaluation): Iterable<Possibility> {
  for (const rule of policy.rules ?? []) {
    const match = matchRule(rule.when, facts, context);
    if (match === false) continue;
    const effects = effectsOf(rule, facts);
    if (match !== true) {
      yield* effects.map((effect) => ({ ...effect, missing: match.missing }));
      continue;
    }
    yield* effects;
    return;
  }
  yield* byThreshold(policy, facts);
}

/** Several when the publication date is missing from which a grace period runs. */
function effectsOf(rule: PolicyRule, { kind, vulnerability }: FindingFacts): Possibility[] {
  const cause = ruleText(rule);
  const { action, grace } = rule;
  if (action !== "deny" || grace === undefined || kind !== "vulnerability") return [{ effect: action, cause }];
  const age = vulnerability?.ageInDays;
  const warning: Possibility = { effect: "warn", cause: `${cause}, in the grace period of ${grace} days` };
  if (age !== undefined) return [age < grace ? warning : { effect: action, cause }];
  return [warning, { effect: action, cause, missing: "publication date" }];
}

function byThreshold({ failOn }: Policy, { severity }: FindingFacts): Possibility[] {
  if (failOn === undefined) return [{ effect: "allow", cause: "" }];
  const cause = `failOn: ${failOn}`;
  if (severity !== "unknown") return [{ effect: reaches(severity, failOn) ? "deny" : "allow", cause }];
  return [
    { effect: "allow", cause },
    { effect: "deny", cause, missing: "severity" },
  ];
}

/** A rule as reasons name it. */
export function ruleText({ name, reason }: Pick<PolicyRule, "name" | "reason">): string {
  return reason === undefined ? `rule ${name}` : `rule ${name} (${reason})`;
}

import type { Policy } from "../file/policy.ts";
import { reaches } from "../threshold.ts";
import type { FindingFacts } from "./finding-facts.ts";
import { type Evaluation, matchRule } from "./match-rule.ts";
import type { PolicyRule, RuleEffect } from "./policy-rule.ts";

/** What a policy does with one finding; `cannot-tell` when a missing fact decides about `deny`. */
export interface FindingDecision {
  readonly effect: RuleEffect | "cannot-tell";
  /** The rule, or the severity of `failOn`, in words; of `cannot-tell` the missing fact. */
  readonly cause: string;
}

/** A decision, and how it stands to those of other policies. */
interface PolicyDecision extends FindingDecision {
  /** The rule that matched, where no missing fact leaves that open. */
  readonly rule?: PolicyRule | undefined;
}

interface Possibility {
  readonly effect: RuleEffect;
  readonly cause: string;
  /** Why it is only possible. */
  readonly missing?: string;
  /** The rule that gives it; absent for `failOn`. */
  readonly rule?: PolicyRule;
}

/**
 * What a policy does with a finding: by the first rule that matches, else by `failOn`. The strictest decision
 * of the policy and those that it extends counts; a rule with `allowOverride` gives way to a rule that matches.
 */
export function decideFinding(policy: Policy, facts: FindingFacts, evaluation: Evaluation): FindingDecision {
  const [strictest] = [...withInherited(policy, (each) => decideAlone(each, facts, evaluation))].sort(byStrictness);
  return { effect: strictest?.effect ?? "allow", cause: strictest?.cause ?? "" };
}

/** The decisions of a policy and of those that it extends, without those that it overrides. */
export function withInherited(
  policy: Policy,
  decide: (policy: Policy) => PolicyDecision | undefined,
): readonly PolicyDecision[] {
  const own = decide(policy);
  const inherited = (policy.inherited ?? []).flatMap((each) => withInherited(each, decide));
  const counting = own?.rule ? inherited.filter(({ rule }) => rule?.allowOverride !== true) : inherited;
  return own ? [own, ...counting] : counting;
}

const byEffect: readonly FindingDecision["effect"][] = ["deny", "cannot-tell", "warn", "allow"];

function byStrictness(a: FindingDecision, b: FindingDecision): number {
  return byEffect.indexOf(a.effect) - byEffect.indexOf(b.effect);
}

function decideAlone(policy: Policy, facts: FindingFacts, evaluation: Evaluation): PolicyDecision {
  const possible = [...possibilities(policy, facts, evaluation)];
  const [strictest, ...others] = possible.toSorted(byStrictness);
  if (!strictest) return { effect: "allow", cause: "" };
  const { effect, cause, rule } = strictest;
  const isOpen = effect === "deny" && others.some((other) => other.effect !== "deny");
  const missing = possible.flatMap((one) => one.missing ?? []);
  if (!isOpen) return { effect, cause, ...(missing.length === 0 && { rule }) };
  return { effect: "cannot-tell", cause: `without ${[...new Set(missing)].join(", ")}, needed by ${cause}` };
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
  if (action !== "deny" || grace === undefined || kind !== "vulnerability") return [{ effect: action, cause, rule }];
  const age = vulnerability?.ageInDays;
  const warning: Possibility = { effect: "warn", cause: `${cause}, in the grace period of ${grace} days`, rule };
  if (age !== undefined) return [age < grace ? warning : { effect: action, cause, rule }];
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

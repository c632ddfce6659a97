import { fitsWildcard } from "../../model/packages/wildcard.ts";
import type { Rule } from "./rule-set.ts";

/** Which rules a step is about: all that every given part fits. */
export interface RuleMatcher {
  /** The whole name; `*` stands for any text. */
  readonly rule?: string;
  /** A single tag. */
  readonly tag?: string;
  /** A part of the name. */
  readonly contains?: string;
}

/** One step of choosing rules, as in `rules` of Falco's configuration. */
export type RuleSelection = { readonly enable: RuleMatcher } | { readonly disable: RuleMatcher };

/** The rules with each step applied in turn, so that later ones win. */
export function selectRules(rules: readonly Rule[], steps: readonly RuleSelection[]): Rule[] {
  return rules.map((rule) => {
    let isEnabled = rule.isEnabled;
    for (const step of steps) {
      const matcher = "enable" in step ? step.enable : step.disable;
      if (matchesRule(rule, matcher)) isEnabled = "enable" in step;
    }
    return isEnabled === rule.isEnabled ? rule : { ...rule, isEnabled };
  });
}

/** Whether a matcher is about a rule; one without any part is about none. */
function matchesRule({ name, tags }: Pick<Rule, "name" | "tags">, matcher: RuleMatcher): boolean {
  const { rule, tag, contains } = matcher;
  if (rule === undefined && tag === undefined && contains === undefined) return false;
  return (
    (rule === undefined || fitsWildcard(name, rule)) &&
    (tag === undefined || tags.includes(tag)) &&
    (contains === undefined || name.includes(contains))
  );
}

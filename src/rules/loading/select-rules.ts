import type { Rule } from "./rule-set.ts";

/** Which rules a step is about: all that every given part fits. */
export interface RuleMatcher {
  /** The whole name; `*` stands for any text. */
  readonly rule?: string;
  /** One of the tags. */
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
    (rule === undefined || matchesWildcard(name, rule)) &&
    (tag === undefined || tags.includes(tag)) &&
    (contains === undefined || name.includes(contains))
  );
}

/** Whether a text is a pattern in which `*` stands for any text. Takes time in proportion to the product of both lengths at most. */
export function matchesWildcard(text: string, pattern: string): boolean {
  const parts = pattern.split("*");
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from);
    if (found === -1 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}

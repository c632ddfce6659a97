import { fitsWildcard } from "../../model/packages/wildcard.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import type { RuleLoading } from "./rule-files.ts";

/** The names and tags of a selection that none of the rules has, as they are written: `name` or `tag:NAME`. */
export function unknownSelections(rules: readonly Rule[], selection: RuleLoading["selection"] = []): readonly string[] {
  const names = selection.flatMap((step): string[] => {
    const { rule, tag } = "enable" in step ? step.enable : step.disable;
    const isKnown = rules.some(
      ({ name, tags }) => (rule === undefined || fitsWildcard(name, rule)) && (tag === undefined || tags.includes(tag)),
    );
    return isKnown ? [] : [rule ?? `tag:${tag}`];
  });
  return [...new Set(names)];
}

/** Whether an enabled rule is about events of one of the sources. */
export function hasRuleAbout(rules: readonly Rule[], sources: readonly string[]): boolean {
  return rules.some(({ isEnabled, source }) => isEnabled && sources.includes(source));
}

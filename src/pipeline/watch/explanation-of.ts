import type { ConditionExplanation, RuleExplanation } from "../../model/events/rule-explanation.ts";
import { ConditionCompiler, type Explanation } from "../../rules/language/condition-compiler.ts";
import type { FieldCatalogue, RuleEvent } from "../../rules/language/field.ts";
import { FormatCompiler } from "../../rules/language/format-compiler.ts";
import { printCondition } from "../../rules/language/print-condition.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import type { Generation } from "../../rules/state/kernel-state.ts";

/** The event to explain, with the options for printing it. */
export interface ExplainedEvent<E extends RuleEvent> {
  readonly event: E;
  readonly number: number;
  readonly type: string;
  /** What the event looks like. */
  readonly line: string;
  readonly catalogue: FieldCatalogue<E>;
  readonly generation: Generation;
  /** Why the rule is never about such an event; absent when it may be. */
  readonly obstacle?: string;
}

/** What each part of the condition of a rule gives for an event, and what the alert would say. */
export function explanationOf<E extends RuleEvent>(rule: Rule, explained: ExplainedEvent<E>): RuleExplanation {
  const { event, number, type, line, catalogue, generation, obstacle } = explained;
  const formats = new FormatCompiler<E>(catalogue, { generation });
  const explanation = new ConditionCompiler<E>(catalogue, { generation }).explain(rule.resolved, event);
  const isMatch = explanation.result === true && rule.isEnabled && obstacle === undefined;
  return {
    rule: rule.name,
    priority: rule.priority,
    isMatch,
    remarks: [...(rule.isEnabled ? [] : ["the rule is not enabled"]), ...(obstacle === undefined ? [] : [obstacle])],
    event: { number, type, line },
    condition: inModel(explanation),
    ...(isMatch && { message: formats.compile(`*${rule.output}`).render(event).text }),
  };
}

function inModel({ condition, result, left, right, reason, parts }: Explanation): ConditionExplanation {
  return {
    text: printCondition(condition),
    kind: condition.kind === "macro" ? "check" : condition.kind,
    ...(result !== undefined && { result }),
    ...(left && { left }),
    ...(right && { right }),
    ...(reason !== undefined && reason !== "decided before" && { isMissing: true }),
    ...(parts && { parts: parts.map(inModel) }),
  };
}

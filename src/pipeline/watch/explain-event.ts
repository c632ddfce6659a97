import { PlimsollError } from "../../model/error.ts";
import type { Problem } from "../../model/problem.ts";
import type { ConditionExplanation, RuleExplanation } from "../../model/rule-explanation.ts";
import { syscallFields } from "../../rules/fields/syscall/syscall-fields.ts";
import { ConditionCompiler, type Explanation } from "../../rules/language/condition-compiler.ts";
import { eventCodesOf } from "../../rules/language/event-codes.ts";
import { FormatCompiler } from "../../rules/language/format-compiler.ts";
import { printCondition } from "../../rules/language/print-condition.ts";
import type { Rule, RuleSet } from "../../rules/loading/rule-set.ts";
import type { KernelEvent } from "../../rules/state/kernel-event.ts";
import { type Generation, KernelState } from "../../rules/state/kernel-state.ts";
import { stateOfBatch } from "../../rules/state/state-of-batch.ts";
import { openCapture } from "../../sources/capture/open-capture.ts";

/** Which event of which capture a rule is held against. */
export interface ExplainOptions {
  readonly rule: string;
  readonly capture: string;
  /** `evt.num` of the event. */
  readonly event: number;
  readonly generation: Generation;
  readonly problem: (problem: Problem) => void;
  readonly signal: AbortSignal;
}

const eventLine = "*%evt.num %evt.outputtime %proc.name (%thread.tid) %evt.dir %evt.type %evt.info";

/**
 * Replays a capture up to an event and tells what each part of a rule's condition gives for it. Errors: `usage` when there is no such
 * rule or event.
 */
export async function explainEvent(rules: RuleSet, options: ExplainOptions): Promise<RuleExplanation> {
  const rule = ruleNamed(rules, options.rule);
  const { generation, signal, problem } = options;
  const source = await openCapture(options.capture, { generation, signal, problem });
  let state = new KernelState(source.snapshot, generation);
  let last = 0;
  for await (const batch of source.events(signal)) {
    state = stateOfBatch(state, batch);
    for (let index = 0; index < batch.count; index++) {
      const isJudged = state.advance(batch, index);
      last = state.event.number;
      if (last < options.event) continue;
      if (last === options.event && isJudged) return explanationOf(rule, state.event, generation);
      throw noSuchEvent(options, "rules do not see it: it only feeds the state");
    }
  }
  throw noSuchEvent(options, `the last one is ${last}`);
}

function noSuchEvent({ event, capture }: ExplainOptions, why: string): PlimsollError {
  return new PlimsollError("usage", `event ${event} of ${capture} cannot be explained: ${why}`, {
    hint: `\`plimsoll events --capture ${capture}\` lists the events; the first column is the number.`,
  });
}

/** The rule of this name whose source is `syscall`. Error: `usage`. */
function ruleNamed({ rules }: RuleSet, name: string): Rule {
  const rule = rules.find((candidate) => candidate.name === name);
  if (rule?.source === "syscall") return rule;
  const why = rule ? `is about events of ${rule.source}, and a capture holds those of syscall` : "does not exist";
  throw new PlimsollError("usage", `the rule ${JSON.stringify(name)} ${why}`, {
    hint: "`plimsoll rules list` prints all names.",
  });
}

function explanationOf(rule: Rule, event: KernelEvent, generation: Generation): RuleExplanation {
  const catalogue = syscallFields({ generation });
  const formats = new FormatCompiler<KernelEvent>(catalogue, { generation });
  const explanation = new ConditionCompiler<KernelEvent>(catalogue, { generation }).explain(rule.resolved, event);
  const isAboutType = eventCodesOf(rule.resolved).has(event.code);
  const isMatch = explanation.result === true && rule.isEnabled && isAboutType;
  return {
    rule: rule.name,
    priority: rule.priority,
    isMatch,
    remarks: [
      ...(rule.isEnabled ? [] : ["the rule is not enabled"]),
      ...(isAboutType ? [] : [`its condition is never about events of type ${event.type.name}`]),
    ],
    event: { number: event.number, type: event.type.name, line: formats.compile(eventLine).render(event).text },
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

import { standardInput } from "../../io/files/standard-input.ts";
import { PlimsollError } from "../../model/error.ts";
import type { JsonEvent } from "../../model/events/json-event.ts";
import type { RuleExplanation } from "../../model/events/rule-explanation.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { isoTime } from "../../rules/alerts/alert-time.ts";
import { JsonRuleEvent } from "../../rules/fields/json/json-rule-event.ts";
import { namesComparedByRules } from "../../rules/fields/syscall/compared-names.ts";
import { syscallFields } from "../../rules/fields/syscall/syscall-fields.ts";
import { eventCodesOf } from "../../rules/language/event-codes.ts";
import type { FieldCatalogue, RuleEvent } from "../../rules/language/field.ts";
import { FormatCompiler } from "../../rules/language/format-compiler.ts";
import type { Rule, RuleSet } from "../../rules/loading/rule-set.ts";
import { type Generation, KernelState } from "../../rules/state/kernel-state.ts";
import { stateOfBatch } from "../../rules/state/state-of-batch.ts";
import { openCapture } from "../../sources/capture/open-capture.ts";
import { type JsonLinesFormat, readJsonLines } from "../../sources/json-lines/read-json-lines.ts";
import { readK8sAuditFile } from "../../sources/k8s-audit/read-k8s-audit-file.ts";
import { openInput } from "../open-input.ts";
import { ComparedDomainNames, type DomainNameOptions } from "./compared-domain-names.ts";
import { explanationOf } from "./explanation-of.ts";
import { jsonCatalogue, ruleSourcesFor } from "./rule-sources.ts";

/** The place of the event that a rule is evaluated against; the path `-` is stdin. */
export type ExplainInput =
  | { readonly kind: "capture"; readonly path: string }
  | { readonly kind: "k8s-audit-file"; readonly path: string }
  | { readonly kind: "json"; readonly path: string; readonly format: JsonLinesFormat };

/** The event that a rule is evaluated against. */
export interface ExplainOptions {
  readonly rule: string;
  readonly input: ExplainInput;
  /** `evt.num` of the event: its place in the input, from 1. */
  readonly event: number;
  readonly generation: Generation;
  readonly domainNames: DomainNameOptions;
  readonly problem: (problem: Problem) => void;
  readonly signal: AbortSignal;
}

const kernelEventLine = "*%evt.num %evt.outputtime %proc.name (%thread.tid) %evt.dir %evt.type %evt.info";
const auditEventLine = "*%evt.num %evt.time.iso8601 %ka.user.name %ka.verb %ka.uri %ka.response.code";
/** The bytes that are shown of any other object. */
const shownBytes = 2000;

/**
 * Reads up to an event and tells what each part of a rule's condition gives for it. Errors: `usage` when there is no
 * such rule or event, or the rule is about others; those of opening the input.
 */
export async function explainEvent(rules: RuleSet, options: ExplainOptions): Promise<RuleExplanation> {
  const rule = rules.rules.find(({ name }) => name === options.rule);
  if (!rule) throw wrongRule(options.rule, "does not exist");
  const { input } = options;
  const only = input.kind === "capture" ? "syscall" : input.kind === "k8s-audit-file" ? "k8s_audit" : undefined;
  if (only !== undefined ? rule.source !== only : rule.source === "syscall") {
    const held = only === undefined ? "contains no such events" : `contains events of ${only}`;
    throw wrongRule(rule.name, `is about events of ${rule.source}, but ${nameOf(input)} ${held}`);
  }
  return only === "syscall" ? explainKernelEvent(rule, options) : explainJsonEvent(rule, options);
}

async function explainKernelEvent(rule: Rule, options: ExplainOptions): Promise<RuleExplanation> {
  const { generation, signal, problem, input } = options;
  using compared = new ComparedDomainNames(options.domainNames);
  const source = await openCapture(input.path, { generation, signal, problem });
  let state = new KernelState(source.snapshot, generation);
  let last = 0;
  for await (const batch of source.events(signal)) {
    state = stateOfBatch(state, batch);
    for (let index = 0; index < batch.count; index++) {
      const isJudged = state.advance(batch, index);
      const { event } = state;
      last = event.number;
      if (last < options.event) continue;
      if (last !== options.event || !isJudged)
        throw noSuchEvent(options, "rules do not see it, because it only updates the state");
      await compared.use(namesComparedByRules([{ ...rule, isEnabled: true }]), signal);
      const isAboutType = eventCodesOf(rule.resolved).has(event.code);
      const catalogue = syscallFields({ generation, ...(compared.names && { domainNames: compared.names }) });
      return explanationOf(rule, {
        event,
        number: last,
        type: event.type.name,
        line: rendered(kernelEventLine, { event, catalogue }),
        catalogue,
        generation,
        ...(!isAboutType && { obstacle: `its condition never matches events of type ${event.type.name}` }),
      });
    }
  }
  throw noSuchEvent(options, `the last one is ${last}`);
}

async function explainJsonEvent(rule: Rule, options: ExplainOptions): Promise<RuleExplanation> {
  const catalogue = jsonCatalogue(rule.source);
  if (!catalogue) throw wrongRule(rule.name, `is about events of ${rule.source}, which is not a known source`);
  let last = 0;
  let start: bigint | undefined;
  for await (const batch of jsonEvents(options)) {
    for (const event of batch) {
      last = event.number;
      start ??= event.time;
      if (last < options.event) continue;
      const isAbout = ruleSourcesFor(event.source).includes(rule.source);
      const judged = new JsonRuleEvent(1, event, { start });
      return explanationOf(rule, {
        event: judged,
        number: last,
        type: event.source,
        line: event.source === "k8s_audit" ? rendered(auditEventLine, { event: judged, catalogue }) : jsonLine(judged),
        catalogue,
        generation: options.generation,
        ...(!isAbout && { obstacle: `it is about events of ${rule.source}, but this is an event of ${event.source}` }),
      });
    }
  }
  throw noSuchEvent(options, `the last one is ${last}`);
}

function jsonEvents({ input, problem, signal }: ExplainOptions): AsyncIterable<readonly JsonEvent[]> {
  const context = { problem, signal };
  if (input.kind === "json") {
    return readJsonLines(openInput(input.path, signal), { format: input.format, name: nameOf(input), context });
  }
  return readK8sAuditFile(input.path === "-" ? standardInput() : input.path, { name: nameOf(input), context });
}

function rendered<E extends RuleEvent>(
  format: string,
  { event, catalogue }: { readonly event: E; readonly catalogue: FieldCatalogue<E> },
): string {
  return new FormatCompiler<E>(catalogue).compile(format).render(event).text;
}

function jsonLine({ event, text }: JsonRuleEvent): string {
  const shown = Buffer.from(text.slice(0, shownBytes), "latin1").toString("utf8");
  return `${event.number} ${isoTime(event.time)} ${shown}`;
}

function nameOf({ path }: ExplainInput): string {
  return path === "-" ? "stdin" : path;
}

function noSuchEvent({ event, input }: ExplainOptions, why: string): PlimsollError {
  const hint =
    input.kind === "capture"
      ? `\`plimsoll events --capture ${input.path}\` lists the events; the first column is the number.`
      : "The number is that of the event in its input, from 1.";
  return new PlimsollError("usage", `event ${event} of ${nameOf(input)} cannot be explained: ${why}`, { hint });
}

function wrongRule(name: string, why: string): PlimsollError {
  return new PlimsollError("usage", `the rule ${JSON.stringify(name)} ${why}`, {
    hint: "`plimsoll rules list` prints all names.",
  });
}

import { kernelEventTypes, syscallNames } from "../../model/events/kernel-event-table.ts";
import { cleanText } from "../language/byte-string.ts";
import { type Check, type Condition, ConditionError, type Operand } from "../language/condition.ts";
import { eventCodesOf } from "../language/event-codes.ts";
import { parseCondition } from "../language/parse-condition.ts";
import { printCondition } from "../language/print-condition.ts";
import { walkChecks } from "./check-condition.ts";
import type { List, Macro, Rule, RuleSet } from "./rule-set.ts";

/** What rule files define, in the form of `falco -L` with JSON output. */
export interface RuleDescription {
  readonly required_engine_version: string;
  readonly required_plugin_versions: RuleSet["requiredPlugins"];
  readonly rules: readonly DescribedItem[];
  readonly macros: readonly DescribedItem[];
  readonly lists: readonly DescribedItem[];
}

/** `info` is as the files say it, `details` what comes of it. Names in details are sorted. */
export interface DescribedItem {
  readonly info: Readonly<Record<string, unknown>>;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Describes all rules, macros and lists, also those that are off. `plugins` is always empty, since there are none. */
export function describeRules(rules: RuleSet): RuleDescription {
  const known = {
    macros: new Set(rules.macros.map(({ name }) => name)),
    lists: new Set(rules.lists.map(({ name }) => name)),
  };
  return {
    required_engine_version: rules.requiredEngineVersion,
    required_plugin_versions: rules.requiredPlugins,
    rules: rules.rules.map((rule) => describeRule(rule, known)),
    macros: rules.macros.map((macro) => describeMacro(macro, known)),
    lists: rules.lists.map(describeList),
  };
}

interface Known {
  readonly macros: ReadonlySet<string>;
  readonly lists: ReadonlySet<string>;
}

function describeRule(rule: Rule, known: Known): DescribedItem {
  const { written, extraFields = [] } = rule;
  const exceptions = written?.exceptions ?? [];
  const formatted = extraFields.filter(({ isRaw }) => !isRaw);
  return {
    info: {
      name: rule.name,
      condition: rule.condition,
      description: rule.description,
      output: written?.output ?? rule.output,
      priority: rule.priority,
      source: rule.source,
      enabled: rule.isEnabled,
      tags: rule.tags,
      capture: written?.capture ?? false,
      capture_duration: written?.captureDuration ?? 0,
    },
    details: {
      ...namesIn(rule.condition, known),
      ...partsOf(rule.resolved),
      events: eventNames(rule.resolved, rule.source),
      output_compiled: rule.output,
      // A field that stands in the output twice is there twice.
      output_fields: [...(written?.outputFields ?? []), ...extraFields.map(({ format }) => format)].sort(),
      exception_names: sorted(exceptions.map(({ name }) => name)),
      exception_fields: sorted(exceptions.flatMap(({ fields, hasValues }) => (hasValues ? fields : []))),
      exception_operators: sorted(exceptions.flatMap(({ operators }) => operators)),
      ...(formatted.length > 0 && {
        extra_output_formatted_fields: Object.fromEntries(formatted.map(({ name, format }) => [name, format])),
      }),
      plugins: [],
    },
  };
}

function describeMacro({ name, condition, resolved, isUsed }: Macro, known: Known): DescribedItem {
  return {
    info: { name, condition },
    details: {
      used: isUsed,
      ...namesIn(condition, known),
      ...partsOf(resolved),
      events: eventNames(resolved, "syscall"),
      plugins: [],
    },
  };
}

function describeList({ name, items, written, isUsed }: List): DescribedItem {
  const isOwn = new Set(items);
  return {
    info: { name, items: written.filter((item) => isOwn.has(item)) },
    details: {
      used: isUsed,
      lists: sorted(written.filter((item) => !isOwn.has(item))),
      items_compiled: items,
      plugins: [],
    },
  };
}

/**
 * The macros and lists that a condition itself names. A condition that cannot be parsed before its lists are put in
 * does not name any.
 */
function namesIn(text: string, known: Known): { readonly macros: string[]; readonly lists: string[] } {
  const macros: string[] = [];
  const lists: string[] = [];
  try {
    const condition = parseCondition(text);
    walkMacros(condition, (name) => macros.push(cleanText(name)));
    walkChecks(condition, ({ right }) => {
      if (right?.kind === "list") for (const text of right.texts) lists.push(cleanText(text));
    });
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
  }
  return {
    macros: sorted(macros.filter((name) => known.macros.has(name))),
    lists: sorted(lists.filter((name) => known.lists.has(name))),
  };
}

function walkMacros(condition: Condition, visit: (name: string) => void): void {
  if (condition.kind === "macro") visit(condition.name);
  else if (condition.kind === "not") walkMacros(condition.operand, visit);
  else if (condition.kind !== "check") for (const operand of condition.operands) walkMacros(operand, visit);
}

function partsOf(condition: Condition): Readonly<Record<string, unknown>> {
  const fields: string[] = [];
  const operators: string[] = [];
  walkChecks(condition, (check) => {
    operators.push(operatorOf(check));
    for (const operand of [check.left, check.right]) if (operand) fields.push(...fieldNames(operand));
  });
  return {
    condition_compiled: cleanText(printCondition(condition)),
    condition_fields: sorted(fields),
    condition_operators: sorted(operators),
  };
}

function operatorOf({ operator, modifier }: Check): string {
  return modifier === undefined ? operator : `${operator} ${modifier}`;
}

/** Fields with their arguments, `proc.aname[2]`, also those inside of transformers. */
function fieldNames(operand: Operand): string[] {
  if (operand.kind === "transformer" || operand.kind === "fields") return operand.operands.flatMap(fieldNames);
  if (operand.kind !== "field") return [];
  return [cleanText(operand.argument ? `${operand.name}[${operand.argument}]` : operand.name)];
}

const namedSyscalls = new Set(
  kernelEventTypes.flatMap(({ syscalls = [] }) => (syscalls === "generic" ? [] : syscalls)),
);
const genericSyscalls = Object.values(syscallNames).filter((name) => !namedSyscalls.has(name));

/**
 * The names of the events that can satisfy a condition. Asynchronous events always can; an event of a plugin has one
 * name.
 */
function eventNames(condition: Condition, source: string): string[] {
  if (source !== "syscall") return ["asyncevent", "pluginevent"];
  const names = new Set(["asyncevent"]);
  let isGeneric = false;
  const codes = codesOf(condition);
  for (const code of codes) {
    const type = kernelEventTypes[code];
    if (type?.syscalls === "generic") isGeneric = true;
    else if (type) names.add(type.name);
  }
  if (isGeneric) for (const name of genericNames(condition, codes)) names.add(name);
  return [...names].sort();
}

/** A macro that is in no rule may compare event types in a way that rules cannot; it does not mention them then. */
function codesOf(condition: Condition): ReadonlySet<number> {
  try {
    return eventCodesOf(condition);
  } catch (error) {
    if (error instanceof ConditionError) return new Set(kernelEventTypes.keys());
    throw error;
  }
}

/**
 * System calls without an event of their own share one; unless every event will do, the condition names those that it
 * is about.
 */
function genericNames(condition: Condition, codes: ReadonlySet<number>): readonly string[] {
  if (codes.size === kernelEventTypes.length) return genericSyscalls;
  const named = new Set<string>();
  walkChecks(condition, ({ left, right }) => {
    if (left.kind !== "field" || left.name !== "evt.type") return;
    if (right?.kind === "value") named.add(right.text);
    else if (right?.kind === "list") for (const text of right.texts) named.add(text);
  });
  const found = genericSyscalls.filter((name) => named.has(name));
  return found.length > 0 ? found : genericSyscalls;
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

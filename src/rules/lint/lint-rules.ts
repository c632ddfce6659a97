import { type Check, type Condition, ConditionError } from "../language/condition.ts";
import { eventCodesOf } from "../language/event-codes.ts";
import type { FieldCatalogue } from "../language/field.ts";
import { parseCondition } from "../language/parse-condition.ts";
import { printCondition } from "../language/print-condition.ts";
import type { AppendedCondition, Rule, RuleSet, SourcePlace } from "../loading/rule-set.ts";
import type { RuleSource } from "../loading/rule-source.ts";
import { certainties, implies } from "./implies.ts";
import { type LintCode, type LintFinding, shortened } from "./lint-finding.ts";
import { neverMatches } from "./never-matches.ts";
import { ConditionSimplifier, type PlainCondition } from "./plain-condition.ts";

/** What linting needs beside the rules. */
export interface LintOptions {
  /** The source of a rule; without it contradictions between values of fields are not looked for. */
  readonly source?: (name: string) => RuleSource | undefined;
}

const maxEventTypes = 100;

/** What could be better about rules that load, by the order of rules, then macros, then lists. */
export function lintRules(rules: RuleSet, options: LintOptions = {}): readonly LintFinding[] {
  const simplifier = new ConditionSimplifier();
  const catalogues = new Map<string, FieldCatalogue<never> | undefined>();
  for (const { source } of rules.rules) {
    if (!catalogues.has(source)) catalogues.set(source, options.source?.(source)?.catalogue);
  }
  const plain = new Map(rules.rules.map((rule) => [rule, simplifier.simplify(rule.resolved)]));
  return [
    ...rules.rules.flatMap((rule) => [
      ...disabled(rule),
      ...neverMatches(rule, {
        condition: plain.get(rule),
        simplifier,
        catalogue: catalogues.get(rule.source),
      }),
      ...costs(rule),
      ...missingValues(rule),
      ...appendTraps({ ...rule, kind: "rule", appended: rule.written?.appended ?? [] }),
    ]),
    ...shadowed(rules.rules, plain),
    ...rules.macros.flatMap((macro) => [
      ...(macro.isUsed ? [] : [unused("macro", macro)]),
      ...appendTraps({ ...macro, kind: "macro" }),
    ]),
    ...rules.lists.flatMap((list) => (list.isUsed ? [] : [unused("list", list)])),
  ];
}

function unused(
  kind: "macro" | "list",
  { name, place }: { readonly name: string; readonly place: SourcePlace },
): LintFinding {
  return {
    code: `unused-${kind}`,
    severity: "advice",
    item: name,
    message: `${kind} '${name}' is not used`,
    hint: "Remove the definition, or correct its name in the conditions that should use it.",
    place,
  };
}

function disabled({ name, isEnabled, place }: Rule): LintFinding[] {
  if (isEnabled) return [];
  const message = `rule '${name}' is disabled`;
  const hint = "Enable the rule with 'override: {enabled: replace}' and 'enabled: true', or remove it.";
  return [{ code: "disabled-rule", severity: "advice", item: name, message, hint, place }];
}

/** Rules of one source, in order, that match only when an earlier one does. */
function shadowed(rules: readonly Rule[], plain: ReadonlyMap<Rule, PlainCondition>): LintFinding[] {
  const earlier: { readonly rule: Rule; readonly condition: PlainCondition }[] = [];
  const findings: LintFinding[] = [];
  for (const rule of rules) {
    const condition = plain.get(rule);
    if (!rule.isEnabled || !condition) continue;
    const certain = certainties(condition);
    const first = earlier.find((other) => other.rule.source === rule.source && implies(certain, other.condition));
    if (first) {
      const isSame = implies(certainties(first.condition), condition);
      findings.push({
        code: "shadowed-rule",
        severity: "warning",
        item: rule.name,
        message: `rule '${rule.name}' matches ${isSame ? "exactly the events" : "only events"} that the earlier rule '${first.rule.name}' matches`,
        hint: "With rule_matching 'first', this rule never alerts; with 'all', both rules alert. Change its condition, move it up, or remove a rule.",
        place: rule.place,
      });
    }
    // A rule that counts, or waits for others, does not alert whenever it matches.
    if (!rule.extension?.threshold && !rule.extension?.sequence) earlier.push({ rule, condition });
  }
  return findings;
}

/** Fields whose texts are long, or that are put together from many parts for each event. */
const longFields =
  /^(?:proc\.(?:p?cmdline|args|pargs|env|acmdline|aargs|aenv|cmdlenargs|exeline)|evt\.(?:args|buffer|info|arg)\b)/;

function costs(rule: Rule): LintFinding[] {
  const { name, place } = rule;
  const finding = (
    code: LintCode,
    severity: LintFinding["severity"],
    texts: { message: string; hint: string },
  ): LintFinding => ({
    code,
    severity,
    item: name,
    ...texts,
    place,
  });
  const findings: LintFinding[] = [];
  const count = eventCount(rule) ?? 0;
  const isBroad = count > maxEventTypes;
  if (isBroad) {
    const message = `rule '${name}' is evaluated for ${count} event types`;
    findings.push(
      finding("no-event-type", "warning", { message, hint: "Restrict the condition to event types with evt.type." }),
    );
  }
  const seen = new Set<string>();
  for (const check of checksOf(rule.resolved)) {
    const text = printCondition(check);
    if (seen.has(text)) continue;
    seen.add(text);
    if (check.operator === "exists" && check.left.kind === "field" && check.left.name === "evt.type") {
      const message = `rule '${name}' checks 'evt.type exists', which is true for every event`;
      findings.push(finding("event-type-exists", "warning", { message, hint: "Specify the intended event types." }));
    }
    const why = costOf(check, isBroad);
    if (why) {
      const message = `rule '${name}' has a costly check, '${shortened(text)}'`;
      findings.push(finding("costly-check", isBroad ? "warning" : "advice", { message, hint: why }));
    }
  }
  return findings;
}

/** What to do about a check that costs much; `undefined` when it does not. */
function costOf({ left, operator, right }: Check, isBroad: boolean): string | undefined {
  const texts = right?.kind === "value" ? [right.text] : right?.kind === "list" ? right.texts : [];
  if (operator === "regex" && texts.some((text) => /^\^?\.[*+]|\.[*+]\$?$/.test(text))) {
    return "Use 'contains', 'startswith' or 'endswith' instead of an expression that begins or ends with a wildcard.";
  }
  if (!isBroad) return undefined;
  const isLong = left.kind === "field" && longFields.test(left.name);
  const scansAll =
    operator === "regex" ||
    (/glob$/.test(operator) && texts.some((text) => text.startsWith("*"))) ||
    /contains$/.test(operator);
  return isLong && scansAll ? "The check is evaluated for every event: put an evt.type check before it." : undefined;
}

/** Fields that every event of their source has. */
const certainFields =
  /^(?:evt\.(?:type|num|time|rawtime|datetime|category|cpu|source|pluginname|is_)|proc\.(?:name|pid|exe|exepath|cmdline)$|thread\.tid|user\.uid|group\.gid|container\.id$)/;

function missingValues({ name, place, resolved }: Rule): LintFinding[] {
  const seen = new Set<string>();
  walkPositive(resolved, (check) => {
    if (check.operator === "!=" && check.modifier === undefined && check.left.kind === "field") {
      if (!certainFields.test(check.left.name)) seen.add(printCondition(check));
    }
  });
  return Array.from(seen, (text) => ({
    code: "missing-value",
    severity: "advice",
    item: name,
    message: `rule '${name}' does not match if '${shortened(text)}' has no value to compare`,
    hint: `Use 'not … = …' if events without the value should match too.`,
    place,
  }));
}

/** Calls `visit` for each check that is not inside of a `not`. */
function walkPositive(condition: Condition, visit: (check: Check) => void): void {
  if (condition.kind === "check") visit(condition);
  else if (condition.kind === "and" || condition.kind === "or") {
    for (const operand of condition.operands) walkPositive(operand, visit);
  }
}

function checksOf(condition: Condition): Check[] {
  const checks: Check[] = [];
  const open: Condition[] = [condition];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === "check") checks.push(next);
    else if (next.kind === "not") open.push(next.operand);
    else if (next.kind !== "macro") for (const operand of next.operands) open.push(operand);
  }
  return checks.reverse();
}

interface Appendable {
  readonly kind: "rule" | "macro";
  readonly name: string;
  readonly condition: string;
  readonly appended: readonly AppendedCondition[];
}

/** The appended part is text: `or x` after `a and b` is true for any x, `and x` after `a or b` narrows only b. */
function appendTraps({ kind, name, condition, appended }: Appendable): LintFinding[] {
  const findings: LintFinding[] = [];
  let before = condition;
  for (const { text, place } of appended.toReversed()) {
    if (!before.endsWith(` ${text}`)) break;
    before = before.slice(0, -text.length - 1);
    const word = /^\s*(and|or)\b/.exec(text)?.[1];
    const top = topOperator(before);
    if (word === "or" && top === "and") {
      const message = `${kind} '${name}' gets 'or …' appended to several conditions joined by 'and', which bypasses all of them`;
      const hint = "Replace the condition with one that groups its parts with parentheses, or use an exception.";
      findings.push({ code: "appended-or", severity: "warning", item: name, message, hint, place });
    }
    if (word === "and" && top === "or") {
      const message = `${kind} '${name}' gets 'and …' appended to alternatives joined by 'or', which narrows only the last one`;
      const hint = "Replace the condition with one that has its alternatives in parentheses, or use an exception.";
      findings.push({ code: "appended-and", severity: "warning", item: name, message, hint, place });
    }
  }
  return findings.reverse();
}

/**
 * Which operator joins the parts of a text outside of all parentheses; `undefined` when none does, or when it cannot be
 * read alone.
 */
function topOperator(text: string): "and" | "or" | undefined {
  try {
    const condition = parseCondition(text, { maxDepth: 1000 });
    if (condition.kind !== "and" && condition.kind !== "or") return undefined;
    return isInParentheses(text) ? undefined : condition.kind;
  } catch (error) {
    if (error instanceof ConditionError) return undefined;
    throw error;
  }
}

/** Whether the first parenthesis closes at the end. */
function isInParentheses(text: string): boolean {
  const trimmed = text.trim();
  if (!trimmed.startsWith("(")) return false;
  let depth = 0;
  let quote = "";
  for (let index = 0; index < trimmed.length; index++) {
    const character = trimmed.charAt(index);
    if (quote !== "") {
      if (character === "\\") index++;
      else if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === "(") depth++;
    else if (character === ")" && --depth === 0) return index === trimmed.length - 1;
  }
  return false;
}

/** The number of event types that can match; `undefined` where events do not have types. */
function eventCount({ source, resolved }: Rule): number | undefined {
  return source === "syscall" ? eventCodesOf(resolved).size : undefined;
}

import type { Condition, Operand } from "../language/condition.ts";
import { eventCodesOf } from "../language/event-codes.ts";
import type { FieldCatalogue } from "../language/field.ts";
import { printCondition } from "../language/print-condition.ts";
import type { Rule } from "../loading/rule-set.ts";
import { type Comparison, findContradiction } from "./find-contradiction.ts";
import { currentCodes, type KnownValues, knownValues } from "./known-values.ts";
import { type LintFinding, shortened } from "./lint-finding.ts";
import type { ConditionSimplifier, PlainCheck, PlainCondition } from "./plain-condition.ts";

/** That a rule, or an alternative of it, is true for no event. */
export function neverMatches(
  rule: Rule,
  {
    condition,
    simplifier,
    catalogue,
  }: {
    condition: PlainCondition | undefined;
    simplifier: ConditionSimplifier;
    catalogue: FieldCatalogue<never> | undefined;
  },
): LintFinding[] {
  const { name, place, resolved } = rule;
  const options = { simplifier, catalogue, codes: currentCodesOf(rule, resolved) };
  const why = whyNever({ condition, ...options });
  if (why === undefined) return condition ? deadAlternatives(rule, { condition, ...options }) : [];
  return [
    {
      code: "never-matches",
      severity: "error",
      item: name,
      message: `rule '${name}' can never match: ${why}`,
      hint: `Correct the condition, which expands to: ${shortened(printCondition(resolved))}`,
      place,
    },
  ];
}

interface Possibilities {
  readonly simplifier: ConditionSimplifier;
  readonly catalogue: FieldCatalogue<never> | undefined;
  /** The codes of the events that can match, where events have codes. */
  readonly codes: ReadonlySet<number> | undefined;
}

/** Why a condition is true for no event; `undefined` when it may be. */
function whyNever({
  condition,
  simplifier,
  catalogue,
  codes,
}: Possibilities & { readonly condition: PlainCondition | undefined }): string | undefined {
  if (codes?.size === 0) return "no event type passes all checks of evt.type";
  const comparisonOf = ({ check }: PlainCheck): Comparison => (catalogue ? comparison(check.left, catalogue) : "other");
  const valuesOf = ({ check }: PlainCheck): KnownValues | undefined => codes && knownValues(check.left, codes);
  return condition && findContradiction(condition, { simplifier, comparisonOf, valuesOf });
}

/** The outermost alternatives of a condition that are true for no event, while others may be. */
function deadAlternatives(
  rule: Rule,
  { condition, ...options }: Possibilities & { readonly condition: PlainCondition },
): LintFinding[] {
  if (condition.kind === "check") return [];
  return condition.parts.flatMap((part) => {
    const written = conditionOf(part);
    if (condition.kind === "or" && hasPositiveCheck(part) && !isSwitchedOff(part)) {
      const why = whyNever({ ...options, condition: part, codes: currentCodesOf(rule, written, options.codes) });
      if (why !== undefined) return [deadAlternative(rule, { written, why })];
    }
    return deadAlternatives(rule, { ...options, condition: part });
  });
}

function deadAlternative({ name, place }: Rule, { written, why }: { written: Condition; why: string }): LintFinding {
  return {
    code: "dead-alternative",
    severity: "warning",
    item: name,
    message: `rule '${name}' has an alternative that can never match: ${why}`,
    hint: `Correct or remove the alternative: ${shortened(printCondition(written))}`,
    place,
  };
}

/** A negation says what is left out, so that it may well leave out what cannot be. */
function hasPositiveCheck(condition: PlainCondition): boolean {
  return condition.kind === "check" ? !condition.isNegated : condition.parts.some(hasPositiveCheck);
}

/** A check of `evt.num` or with an empty list is how rules leave a part to be switched on by their users. */
function isSwitchedOff(condition: PlainCondition): boolean {
  if (condition.kind !== "check") return condition.parts.some(isSwitchedOff);
  const { left, right } = condition.check;
  return (left.kind === "field" && left.name === "evt.num") || (right?.kind === "list" && right.texts.length === 0);
}

function conditionOf(plain: PlainCondition): Condition {
  if (plain.kind !== "check") return { kind: plain.kind, operands: plain.parts.map(conditionOf), place: nowhere };
  return plain.isNegated ? { kind: "not", operand: plain.check, place: nowhere } : plain.check;
}

const nowhere = { index: 0, line: 1, column: 1 };

/** The codes of the events that rules see now and that can satisfy a condition, among `those` when given. */
function currentCodesOf(
  { source }: Rule,
  condition: Condition,
  those: ReadonlySet<number> = currentCodes,
): ReadonlySet<number> | undefined {
  if (source !== "syscall") return undefined;
  const codes = eventCodesOf(condition);
  return new Set([...those].filter((code) => codes.has(code)));
}

/** How a left side compares, as far as its values can be reasoned about. */
function comparison(left: Operand, catalogue: FieldCatalogue<never>): Comparison {
  if (left.kind === "transformer") {
    const [inner] = left.operands;
    const isText = ["tolower", "toupper", "basename"].includes(left.name) && inner !== undefined;
    return isText && comparison(inner, catalogue) === "text" ? "text" : "other";
  }
  if (left.kind !== "field") return "other";
  const field = catalogue.resolve(left.name, left.argument);
  if (!field || field.isList || field.comparison || field.typeIn) return "other";
  if (["CHARBUF", "FSPATH", "FSRELPATH"].includes(field.type)) return "text";
  return /^(?:U?INT(?:8|16|32|64)|PID|UID|GID|FD)$/.test(field.type) ? "number" : "other";
}

import { kernelEventTypes, syscallNames } from "../../model/events/kernel-event-table.ts";
import { type Check, type Condition, ConditionError, type Operand } from "./condition.ts";
import { parseUnsigned64 } from "./parse-value.ts";
import { maxTreeDepth } from "./print-condition.ts";
import { constantsOf } from "./value-warnings.ts";

// The system calls without a code of their own share these two.
const genericCodes = [0, 1];

const codesByName = new Map<string, number[]>();
for (const [code, { name }] of kernelEventTypes.entries()) {
  if (genericCodes.includes(code)) continue;
  const codes = codesByName.get(name);
  if (codes === undefined) codesByName.set(name, [code]);
  else codes.push(code);
}
const systemCalls = new Set(Object.values(syscallNames));

const all: ReadonlySet<number> = new Set(kernelEventTypes.keys());
const none: ReadonlySet<number> = new Set();

/**
 * The codes (indexes of `kernelEventTypes`) of the events that can satisfy a condition, as far as `evt.type` and
 * `evt.num` tell. Negation is pushed down to the checks; checks of other fields allow every code either way. A
 * `ConditionError` for a comparison of `evt.type` with another field, or through a transformer.
 */
export function eventCodesOf(condition: Condition): ReadonlySet<number> {
  return codesOf(condition, false, 0);
}

function codesOf(condition: Condition, isNegated: boolean, depth: number): ReadonlySet<number> {
  if (depth > maxTreeDepth) throw new ConditionError(`exceeded max depth limit of ${maxTreeDepth}`, condition.place);
  switch (condition.kind) {
    case "not":
      return codesOf(condition.operand, !isNegated, depth + 1);
    case "and":
    case "or": {
      const sets = condition.operands.map((operand) => codesOf(operand, isNegated, depth + 1));
      const isIntersection = (condition.kind === "and") !== isNegated;
      return sets.reduce((left, right) => (isIntersection ? intersection(left, right) : union(left, right)));
    }
    case "macro":
      return all;
    case "check": {
      const codes = codesOfCheck(condition);
      if (codes === undefined) return all;
      return isNegated ? difference(all, codes) : codes;
    }
  }
}

// `undefined`: the check does not mention the code, nor does its negation.
function codesOfCheck(check: Check): ReadonlySet<number> | undefined {
  const { left, operator, modifier, right } = check;
  if (operator === "exists") return isEventType(left) ? all : undefined;
  const isAlways = resultForEveryNumber(check);
  if (isAlways !== undefined) return isAlways ? all : none;
  if (modifier !== undefined || !["=", "==", "!=", "in"].includes(operator)) return undefined;
  if (left.kind === "transformer" && mentionsEventType(left)) {
    throw new ConditionError("event code search does not support `evt.type` checks with transformers", check.place);
  }
  if (!isEventType(left)) return undefined;
  const names = constantsOf(right);
  if (names === undefined) {
    throw new ConditionError(
      "right-hand field comparisons on `evt.type`/`syscall.type` checks are not supported by event code search",
      check.place,
    );
  }
  const codes = codesNamed(names);
  return operator === "!=" ? difference(all, codes) : codes;
}

function isEventType(operand: Operand): boolean {
  return (
    operand.kind === "field" &&
    (operand.name === "evt.type" || operand.name === "syscall.type") &&
    operand.argument === undefined
  );
}

function mentionsEventType(operand: Operand): boolean {
  if (operand.kind !== "transformer" && operand.kind !== "fields") return isEventType(operand);
  return operand.operands.some(mentionsEventType);
}

function codesNamed(names: readonly string[]): ReadonlySet<number> {
  const codes = new Set<number>();
  for (const name of names) {
    const known = codesByName.get(name) ?? (systemCalls.has(name) ? genericCodes : []);
    for (const code of known) codes.add(code);
  }
  return codes;
}

// `evt.num` is never below 1: what a comparison of it with constants gives for every event, when it is the same for
// all.
function resultForEveryNumber({ left, operator, modifier, right }: Check): boolean | undefined {
  if (left.kind !== "field" || left.name !== "evt.num" || left.argument !== undefined) return undefined;
  if (modifier !== undefined || right === undefined) return undefined;
  if (operator === "in") {
    if (right.kind !== "list") return undefined;
    return right.texts.every((text) => parseUnsigned64(text) === 0n) ? false : undefined;
  }
  const value = right.kind === "value" ? parseUnsigned64(right.text) : undefined;
  if (value === undefined) return undefined;
  switch (operator) {
    case "=":
    case "==":
    case "<=":
      return value === 0n ? false : undefined;
    case "!=":
    case ">":
      return value === 0n ? true : undefined;
    case "<":
      return value <= 1n ? false : undefined;
    case ">=":
      return value <= 1n ? true : undefined;
    default:
      return undefined;
  }
}

function intersection(left: ReadonlySet<number>, right: ReadonlySet<number>): ReadonlySet<number> {
  if (left === all) return right;
  return right === all ? left : new Set([...left].filter((code) => right.has(code)));
}

function union(left: ReadonlySet<number>, right: ReadonlySet<number>): ReadonlySet<number> {
  return left === all || right === all ? all : new Set([...left, ...right]);
}

function difference(left: ReadonlySet<number>, right: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...left].filter((code) => !right.has(code)));
}

import { checkOperator } from "./check-operator.ts";
import { ConditionError } from "./condition.ts";
import type { FieldType, FieldValue } from "./field.ts";
import type { Generation } from "./generation.ts";
import { asciiLower, compileGlob } from "./glob.ts";
import { networkTest } from "./ip-address.ts";
import { parseHex, parseNetwork, parseValue } from "./parse-value.ts";
import { PathPrefixes } from "./path-prefixes.ts";
import { compileRegex } from "./posix-regex.ts";

/** How a value is judged. */
export interface Comparison {
  readonly type: FieldType;
  /** As in a condition, with its modifier: `=`, `in`, `startswith oneof`. */
  readonly operator: string;
  readonly generation?: Generation;
}

type Matcher = (value: FieldValue) => boolean;

/**
 * A test whether a value that is there compares with the given ones. The values are byte strings, as a condition has
 * them. Throws a `ConditionError`, in Falco's words, when the type does not know the operator, or a value is none of
 * the type.
 */
export function compileMatcher(comparison: Comparison, values: readonly string[]): Matcher {
  const { type, generation = "head" } = comparison;
  const [operator = "", modifier] = comparison.operator.split(" ");
  checkOperator(operator, { type, isList: false }, modifier);
  if (operator === "exists") return () => true;
  if (modifier === undefined) return matcherOf(operator, type, { values, generation });
  return modified(
    modifier,
    values.map((value) => matcherOf(operator, type, { values: [value], generation })),
  );
}

/** The same for a list of values: all of them are among the given ones (`in`), or at least one (`intersects`). */
export function compileListMatcher(
  comparison: Comparison,
  values: readonly string[],
): (value: readonly FieldValue[]) => boolean {
  const { type, operator } = comparison;
  checkOperator(operator, { type, isList: true });
  if (operator === "exists") return () => true;
  const isAmong = matcherOf("in", type, { values, generation: "head" });
  return operator === "in" ? (list) => list.every(isAmong) : (list) => list.some(isAmong);
}

function modified(modifier: string, matchers: readonly Matcher[]): Matcher {
  if (matchers.length === 0) return () => false;
  if (modifier === "anyof") return (value) => matchers.some((matches) => matches(value));
  if (modifier === "allof") return (value) => matchers.every((matches) => matches(value));
  return (value) => {
    let count = 0;
    for (const matches of matchers) if (matches(value) && ++count > 1) return false;
    return count === 1;
  };
}

interface Expected {
  readonly values: readonly string[];
  readonly generation: Generation;
}

function matcherOf(operator: string, type: FieldType, { values, generation }: Expected): Matcher {
  if (type === "IPNET" || type === "IPV4NET" || type === "IPV6NET") return networkMatcher(operator, type, values);
  if (operator === "bcontains" || operator === "bstartswith") return binaryMatcher(operator, values[0] ?? "");
  const parsed = values.map((value) => parseValue(value, type));
  if (operator === "in" || operator === "intersects") return setMatcher(parsed);
  const [expected] = parsed;
  switch (operator) {
    case "=":
    case "==":
      return (value) => value === expected;
    case "!=":
      return (value) => value !== expected;
    case "pmatch":
      return prefixMatcher(values);
  }
  if (expected === undefined) return () => false;
  if (typeof expected !== "string") return orderMatcher(operator, expected);
  return operator === "regex" ? regexMatcher(expected, generation) : textMatcher(operator, expected);
}

function setMatcher(values: readonly FieldValue[]): Matcher {
  if (values.length === 1) {
    const [only] = values;
    return (value) => value === only;
  }
  const set = new Set(values);
  return (value) => set.has(value);
}

function networkMatcher(operator: string, type: FieldType, values: readonly string[]): Matcher {
  const tests = values.map((value) => {
    const { address, prefix } = parseNetwork(value, type);
    return networkTest(address, prefix);
  });
  const isInside: Matcher = (value) => tests.some((test) => test(value as string));
  return operator === "!=" ? (value) => !isInside(value) : isInside;
}

function binaryMatcher(operator: string, value: string): Matcher {
  const bytes = parseHex(value);
  if (bytes === undefined) {
    throw new ConditionError("filter error: bcontains and bstartswith operator support hex strings only");
  }
  parseValue(bytes, "BYTEBUF");
  return textMatcher(operator.slice(1), bytes);
}

function prefixMatcher(paths: readonly string[]): Matcher {
  const prefixes = new PathPrefixes<true>();
  for (const path of paths) prefixes.add(path, true);
  return (value) => prefixes.match(value as string) === true;
}

// The library of 0.40 takes an expression that does not compile for one that never matches.
function regexMatcher(pattern: string, generation: Generation): Matcher {
  try {
    return compileRegex(pattern) as Matcher;
  } catch (error) {
    if (generation === "0.40" && error instanceof ConditionError) return () => false;
    throw error;
  }
}

function orderMatcher(operator: string, expected: FieldValue): Matcher {
  switch (operator) {
    case "<":
      return (value) => value < expected;
    case "<=":
      return (value) => value <= expected;
    case ">":
      return (value) => value > expected;
    default:
      return (value) => value >= expected;
  }
}

function textMatcher(operator: string, expected: string): Matcher {
  switch (operator) {
    case "contains":
      return (value) => (value as string).includes(expected);
    case "startswith":
      return (value) => (value as string).startsWith(expected);
    case "endswith":
      return (value) => (value as string).endsWith(expected);
    case "icontains":
      return caselessMatcher(expected);
    case "glob":
      return compileGlob(expected) as Matcher;
    case "iglob":
      return compileGlob(expected, true) as Matcher;
    default:
      return orderMatcher(operator, expected);
  }
}

function caselessMatcher(expected: string): Matcher {
  const lower = asciiLower(expected);
  // Lower case of all of Latin 1 costs less than that of ASCII alone, and differs only in letters that are not looked
  // for.
  if (/^[\0-\x7f]*$/.test(lower)) return (value) => (value as string).toLowerCase().includes(lower);
  return (value) => asciiLower(value as string).includes(lower);
}

/** The comparison of two values of a type, where both come from the event; as of a value with a single other one. */
export function compilePairMatcher(operator: string): (left: FieldValue, right: FieldValue) => boolean {
  switch (operator) {
    case "=":
    case "==":
    case "in":
    case "intersects":
      return (left, right) => left === right;
    case "!=":
      return (left, right) => left !== right;
    case "<":
      return (left, right) => left < right;
    case "<=":
      return (left, right) => left <= right;
    case ">":
      return (left, right) => left > right;
    case ">=":
      return (left, right) => left >= right;
    case "bcontains":
    case "bstartswith":
      return (left, right) => textMatcher(operator.slice(1), right as string)(left);
    default:
      return (left, right) => textMatcher(operator, right as string)(left);
  }
}

import { RE2JS } from "re2js";
import { trimEnd } from "../../model/text/trim-end.ts";

const operators = [
  "eq",
  "noteq",
  "gt",
  "gte",
  "lt",
  "lte",
  "has",
  "nothave",
  "regex",
  "valid_elements",
  "bitmask",
] as const;

/** How a found value is compared with the wanted one. */
export type CompareOperator = (typeof operators)[number];

/** What a comparison says, and the sentence that kube-bench prints for what would pass. */
export interface Comparison {
  readonly passes: boolean;
  readonly expected: string;
}

/** True for a known operator: an unknown one can never pass, which an author never intends. */
export function isCompareOperator(text: string): text is CompareOperator {
  return (operators as readonly string[]).includes(text);
}

/** Why a pattern of a definition is none, in the words of the RE2 syntax; undefined when it is one. */
export function patternError(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Compares as kube-bench does; `name` is what was looked for. Source: kube-bench, `check/test.go`. */
export function compareValues(
  op: CompareOperator,
  { name, found, wanted }: { readonly name: string; readonly found: string; readonly wanted: string },
): Comparison {
  switch (op) {
    case "eq":
      return { passes: equals(found, wanted), expected: `'${name}' is equal to '${wanted}'` };
    case "noteq":
      return { passes: !equals(found, wanted), expected: `'${name}' is not equal to '${wanted}'` };
    case "gt":
    case "gte":
    case "lt":
    case "lte":
      return compareNumbers(op, { name, found, wanted });
    case "has":
      return { passes: found.includes(wanted), expected: `'${name}' has '${wanted}'` };
    case "nothave":
      return { passes: !found.includes(wanted), expected: `'${name}' does not have '${wanted}'` };
    case "regex":
      return {
        passes: patternError(wanted) === undefined && RE2JS.compile(wanted).matcher(found).find(),
        expected: `'${name}' matched by regex expression '${wanted}'`,
      };
    case "valid_elements":
      return { passes: allValid(found, wanted), expected: `'${name}' contains valid elements from '${wanted}'` };
    case "bitmask":
      return compareModes({ name, found, wanted });
  }
}

/** The elements of a comma list, without a comma at its end. */
export function listElements(text: string): readonly string[] {
  const clean = trimEnd(text.trim(), ",");
  return clean === "" ? [] : clean.split(",").map((element) => element.trim());
}

/** True when each is allowed; of nothing with nothing too, of nothing with something not. */
export function allElementsValid(elements: readonly string[], allowed: readonly string[]): boolean {
  if (elements.length === 0 || allowed.length === 0) return elements.length === allowed.length;
  return elements.every((element) => allowed.includes(element));
}

/** An integer as Go reads it from text; undefined when it is none. */
export function integerOf(text: string): bigint | undefined {
  const clean = text.trim();
  if (clean.length > 20 || !/^[+-]?\d+$/.test(clean)) return undefined;
  const value = BigInt(clean.replace(/^\+/, ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function equals(found: string, wanted: string): boolean {
  const lower = found.toLowerCase();
  return (lower === "true" || lower === "false" ? lower : found) === wanted;
}

function allValid(found: string, wanted: string): boolean {
  return allElementsValid(listElements(found), listElements(wanted));
}

function compareNumbers(
  op: "gt" | "gte" | "lt" | "lte",
  { name, found, wanted }: { readonly name: string; readonly found: string; readonly wanted: string },
): Comparison {
  const [a, b] = [integerOf(found), integerOf(wanted)];
  if (a === undefined || b === undefined) {
    return { passes: false, expected: `Invalid Number(s) used for comparison: '${found}' '${wanted}'` };
  }
  switch (op) {
    case "gt":
      return { passes: a > b, expected: `'${name}' is greater than ${wanted}` };
    case "gte":
      return { passes: a >= b, expected: `'${name}' is greater or equal to ${wanted}` };
    case "lt":
      return { passes: a < b, expected: `'${name}' is lower than ${wanted}` };
    case "lte":
      return { passes: a <= b, expected: `'${name}' is lower or equal to ${wanted}` };
  }
}

/** Modes are octal masks, not numbers: 577 is wider than 644. */
function compareModes({
  name,
  found,
  wanted,
}: {
  readonly name: string;
  readonly found: string;
  readonly wanted: string;
}): Comparison {
  const [mode, most] = [octal(found), octal(wanted)];
  if (mode === undefined) return { passes: false, expected: `Not numeric value - flag: ${found}` };
  if (most === undefined) return { passes: false, expected: `Not numeric value - flag: ${wanted}` };
  return {
    passes: (most & mode) === mode,
    expected: `${name} has permissions ${found}, expected ${wanted} or more restrictive`,
  };
}

function octal(text: string): bigint | undefined {
  const match = /^([+-]?)([0-7]{1,22})$/.exec(text);
  if (!match) return undefined;
  const value = BigInt(`0o${match[2]}`) * (match[1] === "-" ? -1n : 1n);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

import { RE2JS, RE2JSException } from "re2js";
import { EvaluationFault } from "../values/fault.ts";
import type { Meter } from "../values/meter.ts";
import { ListValue } from "../values/value.ts";
import { indexOf } from "./integers.ts";
import { type Overload, overload } from "./overload.ts";

const longestPattern = 2000;
const largestProgram = 20_000;
const mostRemembered = 256;

/** Regular expressions, as RE2 has them: in time that is linear in the text. */
export const patternFunctions: readonly Overload[] = [
  overload(".matches", {
    takes: ["string", "string"],
    gives: "bool",
    run: ([text, pattern], meter) => matches(text, pattern, meter),
  }),
  overload("matches", {
    takes: ["string", "string"],
    gives: "bool",
    run: ([text, pattern], meter) => matches(text, pattern, meter),
  }),
  overload(".find", {
    takes: ["string", "string"],
    gives: "string",
    run: ([text, pattern], meter) => findAll(text, pattern, { most: 1, meter })[0] ?? "",
  }),
  overload(".findAll", {
    takes: ["string", "string"],
    gives: "list",
    run: ([text, pattern], meter) => new ListValue(findAll(text, pattern, { most: Number.POSITIVE_INFINITY, meter })),
  }),
  overload(".findAll", {
    takes: ["string", "string", "int"],
    gives: "list",
    run: ([text, pattern, limit], meter) => {
      const most = limit < 0n ? Number.POSITIVE_INFINITY : indexOf(limit);
      return new ListValue(findAll(text, pattern, { most, meter }));
    },
  }),
];

const remembered = new Map<string, RE2JS>();

/** @throws EvaluationFault when a pattern is none, or is larger than the limits. */
export function compilePattern(pattern: string): RE2JS {
  const known = remembered.get(pattern);
  if (known) return known;
  if (pattern.length > longestPattern)
    throw new EvaluationFault(`the pattern is longer than ${longestPattern} characters`);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new EvaluationFault(error.message);
  }
  if (compiled.programSize() > largestProgram) throw new EvaluationFault("the compiled pattern is too large");
  if (remembered.size >= mostRemembered) remembered.clear();
  remembered.set(pattern, compiled);
  return compiled;
}

// A step of the automaton for one character costs about a hundredth of a unit for each instruction.
function pay(text: string, pattern: RE2JS, meter: Meter): void {
  meter.spend(10 + Math.ceil((text.length * pattern.programSize()) / 100));
}

function compilePaid(pattern: string, meter: Meter): RE2JS {
  if (!remembered.has(pattern)) meter.spend(100 + pattern.length);
  return compilePattern(pattern);
}

function matches(text: string, pattern: string, meter: Meter): boolean {
  const compiled = compilePaid(pattern, meter);
  pay(text, compiled, meter);
  return compiled.matcher(text).find();
}

function findAll(text: string, pattern: string, { most, meter }: { most: number; meter: Meter }): string[] {
  const compiled = compilePaid(pattern, meter);
  pay(text, compiled, meter);
  const matcher = compiled.matcher(text);
  const found: string[] = [];
  while (found.length < most && matcher.find()) {
    meter.spend(1);
    const match = matcher.group() ?? "";
    // An expression that matches little may still read to the end of the text for every match.
    pay(text.slice(matcher.end()), compiled, meter);
    found.push(match);
  }
  return found;
}

import { compileNode } from "./compile-expression.ts";
import type { Evaluate } from "./frame.ts";
import { allFunctions, kubernetesFunctions } from "./functions/function-libraries.ts";
import type { StaticType } from "./static-type.ts";
import { parseExpression } from "./syntax/parse-expression.ts";
import { AbortFault, CompileFault, EvaluationFault } from "./values/fault.ts";
import { valueFromJson } from "./values/json-value.ts";
import { Meter } from "./values/meter.ts";
import type { Value } from "./values/value.ts";

/** What an expression may use. */
export interface ExpressionOptions {
  /** Names of the variables. */
  readonly variables: readonly string[];
  /** The functions of Kubernetes, as for policies that are to run in a cluster as well, or all (default). */
  readonly functions?: "kubernetes" | "all";
  /** Names are looked up in it first: `a.b`. */
  readonly container?: string;
  /** True to read macros as calls of functions. */
  readonly withoutMacros?: boolean;
  /** True to find out about unknown names and wrong types only where an evaluation comes to them. */
  readonly isUnchecked?: boolean;
}

/** What an evaluation works on. */
export interface EvaluationInput {
  /** Plain JSON, or values from `valueFromJson`; by the names of the variables. */
  readonly values: Readonly<Record<string, unknown>>;
  /**
   * Pays for the evaluation, maybe together with others; without it, it has one of its own with {@link usualCostLimit}.
   */
  readonly meter?: Meter;
}

/**
 * What an evaluation gives: a value, or why there is none. `isUnknown`: the expression does not have an answer, because
 * it cost more than its limit or needs an unknown value; that is not a property of the evaluated object.
 */
export type Outcome = { readonly value: Value } | { readonly error: string; readonly isUnknown: boolean };

/** An expression that can be evaluated any number of times. */
export interface Expression {
  readonly source: string;
  /** Type of its value, as far as it is known before. */
  readonly type: StaticType;
  evaluate(input: EvaluationInput): Outcome;
}

/** An expression, or why the text is none, and where; lines and columns from 1. */
export type CompiledExpression =
  | { readonly expression: Expression }
  | { readonly error: string; readonly line: number; readonly column: number };

/** As Kubernetes has it for one expression of a policy. It is reached in well under a second. */
export const usualCostLimit = 1_000_000;

/** For one check over all that a run looks at: about ten seconds. */
export const usualRunLimit = 100_000_000;

/** How a check of expressions runs over many objects. */
export interface RunOptions {
  /** What all evaluations of the check may cost together; {@link usualRunLimit} when it is absent. */
  readonly costLimit?: number;
}

/**
 * Compiles an expression of CEL (google/cel-spec, doc/langdef.md) with the libraries of Kubernetes. Evaluation is free
 * of side effects and the same on every machine; it is bound by what it costs and not by a clock, so the same input
 * always ends at the same place.
 */
export function compileExpression(source: string, options: ExpressionOptions): CompiledExpression {
  const environment = {
    variables: new Set(options.variables),
    functions: options.functions === "kubernetes" ? kubernetesFunctions : allFunctions,
    container: options.container ?? "",
    isChecked: options.isUnchecked !== true,
  };
  try {
    const node = parseExpression(source, {
      withoutMacros: options.withoutMacros ?? false,
      withoutExtensions: options.functions === "kubernetes",
    });
    const { evaluate, type } = compileNode(node, environment);
    return { expression: { source, type, evaluate: (input) => run(evaluate, input) } };
  } catch (fault) {
    if (!(fault instanceof CompileFault)) throw fault;
    return { error: fault.message, ...placeOf(source, fault.offset) };
  }
}

function run(evaluate: Evaluate, { values, meter = new Meter(usualCostLimit) }: EvaluationInput): Outcome {
  const known = new Map<string, Value>();
  try {
    const value = evaluate({
      meter,
      locals: [],
      variable: (name) => {
        const found = known.get(name);
        if (found !== undefined) return found;
        if (!Object.hasOwn(values, name)) throw new EvaluationFault(`no such attribute: ${name}`);
        const value = valueFromJson(values[name]);
        known.set(name, value);
        return value;
      },
    });
    return { value };
  } catch (fault) {
    if (fault instanceof EvaluationFault) return { error: fault.message, isUnknown: false };
    if (fault instanceof AbortFault) return { error: fault.message, isUnknown: true };
    throw fault;
  }
}

function placeOf(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

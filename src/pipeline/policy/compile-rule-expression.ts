import { compileExpression, usualCostLimit } from "../../checks/expressions/expression.ts";
import { Meter } from "../../checks/expressions/values/meter.ts";
import type { CompileExpression } from "../../policy/rules/rule-expression.ts";

const longestSource = 10_000;

/**
 * A condition of a rule in CEL, over `finding` and `target`. Its evaluation is bounded by a cost, so the same input
 * always ends at the same place.
 */
export const compileRuleExpression: CompileExpression = (source) => {
  if (source.length > longestSource) return { error: `the expression is longer than ${longestSource} characters` };
  const compiled = compileExpression(source, { variables: ["finding", "target"] });
  if ("error" in compiled) {
    const { error, line, column } = compiled;
    return { error: `line ${line}, column ${column} of the expression: ${error}` };
  }
  const { expression } = compiled;
  const { kind } = expression.type;
  if (kind !== "bool" && kind !== "any") return { error: `the expression gives ${kind}, not a boolean` };
  return {
    source,
    evaluate(values, budget) {
      const limit = Math.min(usualCostLimit, budget.left);
      const meter = new Meter(limit);
      const outcome = expression.evaluate({ values: { ...values }, meter });
      budget.left -= limit - Math.max(0, meter.left);
      if ("error" in outcome) return { missing: `a result of the expression (${outcome.error})` };
      return typeof outcome.value === "boolean" ? outcome.value : { missing: "a boolean result of the expression" };
    },
  };
};

import type { Expression } from "../syntax/rule-syntax.ts";

/** False when a condition cannot hold in a file without any of the strings of its rule. */
export function canHoldWithoutStrings(condition: Expression): boolean {
  switch (condition.kind) {
    case "boolean":
      return condition.value;
    case "string":
      return false;
    case "and":
      return condition.operands.every(canHoldWithoutStrings);
    case "or":
      return condition.operands.some(canHoldWithoutStrings);
    case "of": {
      const { quantity, set } = condition;
      if (!set.every((name) => name.startsWith("$"))) return true;
      if (!("value" in quantity)) return quantity.kind === "none";
      return !(quantity.value.kind === "integer" && quantity.value.value > 0);
    }
    case "binary": {
      const { operator, left, right } = condition;
      const isCounted = left.kind === "count" && right.kind === "integer";
      if (!isCounted) return true;
      return !((operator === ">" && right.value >= 0) || ((operator === ">=" || operator === "==") && right.value > 0));
    }
    default:
      return true;
  }
}

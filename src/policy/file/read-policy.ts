import { readYamlShape, type YamlShape } from "../../io/documents/yaml-shape.ts";
import type { CompileExpression } from "../rules/rule-expression.ts";
import { type Threshold, thresholds } from "../threshold.ts";
import type { Policy } from "./policy.ts";
import { readRules } from "./read-rules.ts";

const hint = "docs/policy.md describes all keys.";

/**
 * Reads a policy, YAML; `file` is its name in errors. Without `compile`, expressions are refused. An empty file is an empty policy. Error: `PlimsollError`
 * `file-malformed` with line and column.
 */
export function readPolicy(text: string, file: string, compile?: CompileExpression): Policy {
  const shape = readYamlShape(text, { file, hint, columns: true });
  if (shape.value === null) return {};
  const member = shape.members(["failOn", "rules"]);
  const failOn = member("failOn");
  const rules = member("rules");
  return { ...(failOn && { failOn: thresholdOf(failOn) }), ...(rules && { rules: readRules(rules, compile) }) };
}

function thresholdOf(shape: YamlShape): Threshold {
  return thresholds.find((each) => each === shape.value) ?? shape.refuse(`is not one of ${thresholds.join(", ")}`);
}

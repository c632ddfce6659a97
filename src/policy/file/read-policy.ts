import { readYamlShape, type YamlShape } from "../../io/documents/yaml-shape.ts";
import type { CompileExpression } from "../rules/rule-expression.ts";
import { type Threshold, thresholds } from "../threshold.ts";
import type { Policy } from "./policy.ts";
import { readPolicyWaivers } from "./read-policy-waivers.ts";
import { readRules } from "./read-rules.ts";

const hint = "docs/policy.md describes all keys.";

/** What a policy file needs beside its text; without it, expressions and `extends` are refused. */
export interface PolicyReading {
  readonly compile?: CompileExpression;
  /** The policy that `extends` names, or why it does not count. Error: any of the named file. */
  readonly inherit?: (name: string) => Policy | { readonly error: string };
}

/**
 * Reads a policy, YAML; `file` is its name in errors. An empty file is an empty policy. Error: `PlimsollError`
 * `file-malformed` with line and column.
 */
export function readPolicy(text: string, file: string, { compile, inherit }: PolicyReading = {}): Policy {
  const shape = readYamlShape(text, { file, hint, columns: true });
  if (shape.value === null) return {};
  const member = shape.members(["extends", "failOn", "rules", "waivers", "allowWaivers"]);
  const names = member("extends");
  const failOn = member("failOn");
  const rules = member("rules");
  const waivers = member("waivers");
  const allowWaivers = member("allowWaivers")?.truth();
  return {
    ...(names && { inherited: readInherited(names, inherit) }),
    ...(failOn && { failOn: thresholdOf(failOn) }),
    ...(rules && { rules: readRules(rules, compile) }),
    ...(waivers && { waivers: readPolicyWaivers(waivers) }),
    ...(allowWaivers !== undefined && { allowWaivers }),
  };
}

const mostInherited = 10;

function readInherited(shape: YamlShape, inherit: PolicyReading["inherit"]): readonly Policy[] {
  const names = Array.isArray(shape.value) ? shape.list() : [shape];
  if (names.length > mostInherited) shape.refuse(`has more than ${mostInherited} policies`);
  return names.map((name) => {
    const policy = inherit?.(name.text()) ?? name.refuse("is not available here");
    return "error" in policy ? name.refuse(policy.error) : policy;
  });
}

function thresholdOf(shape: YamlShape): Threshold {
  return thresholds.find((each) => each === shape.value) ?? shape.refuse(`is not one of ${thresholds.join(", ")}`);
}

import type { YamlShape } from "../../io/documents/yaml-shape.ts";
import type { Severity } from "../../model/findings/finding.ts";
import {
  environments,
  findingKinds,
  type NumberRange,
  type PolicyRule,
  type RuleConditions,
  type RuleEffect,
} from "../rules/policy-rule.ts";
import type { CompileExpression, RuleExpression } from "../rules/rule-expression.ts";
import { thresholds } from "../threshold.ts";
import { listOf, readPathPatterns, readPatterns } from "./read-patterns.ts";

const effects: readonly RuleEffect[] = ["deny", "warn", "allow"];
const severities: readonly Severity[] = [...thresholds, "unknown"];
const mostRules = 1000;

/** Reads `rules` of a policy. Error: `file-malformed` with the place. */
export function readRules(shape: YamlShape, compile: CompileExpression | undefined): readonly PolicyRule[] {
  const rules = shape.list();
  if (rules.length > mostRules) shape.refuse(`has more than ${mostRules} rules`);
  const names = new Set<string>();
  return rules.map((each) => {
    const rule = readRule(each, compile);
    if (names.has(rule.name)) each.refuse(`has the name of an earlier rule, ${JSON.stringify(rule.name)}`);
    names.add(rule.name);
    return rule;
  });
}

function readRule(shape: YamlShape, compile: CompileExpression | undefined): PolicyRule {
  const member = shape.members(["name", "when", "action", "grace", "reason", "allowOverride"]);
  const name = member("name")?.text().trim() ?? "";
  if (name === "") shape.refuse("has no name");
  const action = member("action");
  if (!action) shape.refuse(`has no "action": ${effects.join(", ")}`);
  const effect = oneOf(action, effects);
  const grace = member("grace");
  if (grace && effect !== "deny") grace.refuse('applies only to "action: deny"');
  const reason = member("reason")?.text();
  const allowOverride = member("allowOverride")?.truth();
  return {
    name,
    when: readConditions(member("when") ?? shape.refuse('has no "when"'), compile),
    action: effect,
    ...(grace && { grace: days(grace) }),
    ...(reason !== undefined && { reason }),
    ...(allowOverride !== undefined && { allowOverride }),
  };
}

/** How the value of each condition is read. */
type Readers = {
  readonly [Key in keyof RuleConditions]-?: (shape: YamlShape, compile?: CompileExpression) => RuleConditions[Key];
};

const readers: Readers = {
  kind: (shape) => listOf(shape, (one) => oneOf(one, findingKinds)),
  id: readPatterns,
  severity: (shape) => {
    return Array.isArray(shape.value) ? shape.list().map((one) => oneOf(one, severities)) : oneOf(shape, thresholds);
  },
  fixAvailable: (shape) => shape.truth(),
  age: (shape) => range(shape, days),
  epss: (shape) => range(shape, (one) => upTo(one, 1)),
  knownExploited: (shape) => shape.truth(),
  cvss: readCvss,
  package: readPackage,
  path: readPathPatterns,
  layer: readPatterns,
  baseImage: (shape) => shape.truth(),
  environment: (shape) => listOf(shape, (one) => oneOf(one, environments)),
  image: readPatterns,
  expression: readExpression,
};

/** The keys of `when`. */
export const conditionKeys = Object.keys(readers) as readonly (keyof RuleConditions)[];

function readConditions(shape: YamlShape, compile: CompileExpression | undefined): RuleConditions {
  const member = shape.members(conditionKeys);
  const entries = conditionKeys.flatMap((key) => {
    const value = member(key);
    return value ? [[key, readers[key](value, compile)]] : [];
  });
  if (entries.length === 0) shape.refuse(`has no condition; conditions: ${conditionKeys.join(", ")}`);
  return Object.fromEntries(entries);
}

function readExpression(shape: YamlShape, compile?: CompileExpression): RuleExpression {
  const compiled = compile?.(shape.text()) ?? shape.refuse("is not available here");
  return "error" in compiled ? shape.refuse(`is not a condition in CEL: ${compiled.error}`) : compiled;
}

function readCvss(shape: YamlShape): NonNullable<RuleConditions["cvss"]> {
  const member = shape.members(["min", "max", "vector"]);
  const vector = member("vector");
  const bounds = rangeOf(member("min"), member("max"), (one) => upTo(one, 10));
  if (!vector) return Object.keys(bounds).length > 0 ? bounds : shape.refuse("needs min, max or vector");
  const metrics = [...vector.mapping()].map(([metric, values]) => {
    if (!/^[A-Za-z]{1,3}$/.test(metric)) values.refuse("is not a CVSS metric such as AV");
    return [metric, listOf(values, (one) => one.scalarText())];
  });
  if (metrics.length === 0) vector.refuse("has no metric");
  return { ...bounds, vector: Object.fromEntries(metrics) };
}

function readPackage(shape: YamlShape): NonNullable<RuleConditions["package"]> {
  const member = shape.members(["type", "name"]);
  const type = member("type");
  const name = member("name");
  if (!type && !name) shape.refuse("needs type or name");
  return { ...(type && { type: readPatterns(type) }), ...(name && { name: readPatterns(name) }) };
}

function range(shape: YamlShape, read: (shape: YamlShape) => number): NumberRange {
  const member = shape.members(["min", "max"]);
  const bounds = rangeOf(member("min"), member("max"), read);
  return Object.keys(bounds).length > 0 ? bounds : shape.refuse("needs min or max");
}

function rangeOf(
  min: YamlShape | undefined,
  max: YamlShape | undefined,
  read: (shape: YamlShape) => number,
): NumberRange {
  const bounds = { ...(min && { min: read(min) }), ...(max && { max: read(max) }) };
  if (max && bounds.min !== undefined && bounds.max !== undefined && bounds.min > bounds.max) {
    max.refuse("is less than min");
  }
  return bounds;
}

function upTo(shape: YamlShape, most: number): number {
  const value = shape.seconds();
  return value <= most ? value : shape.refuse(`is more than ${most}`);
}

/** `7d` as a number. */
function days(shape: YamlShape): number {
  const [, number] = /^(\d{1,5})d$/.exec(String(shape.value)) ?? [];
  return number === undefined ? shape.refuse("is not a number of days such as 7d") : Number(number);
}

function oneOf<Value extends string>(shape: YamlShape, values: readonly Value[]): Value {
  return values.find((each) => each === shape.value) ?? shape.refuse(`is not one of ${values.join(", ")}`);
}

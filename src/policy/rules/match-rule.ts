import type { Severity } from "../../model/findings/finding.ts";
import { fitsWildcard } from "../../model/packages/wildcard.ts";
import { reaches } from "../threshold.ts";
import { expressionValues } from "./expression-values.ts";
import type { FindingFacts, PolicyContext } from "./finding-facts.ts";
import type { NumberRange, RuleConditions } from "./policy-rule.ts";
import type { CostBudget } from "./rule-expression.ts";

/** Whether conditions hold, or the fact whose absence leaves that open. */
export type Match = boolean | { readonly missing: string };

/** What a policy is evaluated with: the target, and what all expressions together may still cost. */
export interface Evaluation extends PolicyContext {
  readonly budget: CostBudget;
}

type Vulnerability = NonNullable<FindingFacts["vulnerability"]>;

/**
 * Whether all conditions hold for a finding. A condition on vulnerabilities does not hold for a check. A condition on a
 * missing fact leaves the match open, unless another condition does not hold.
 */
export function matchRule(when: RuleConditions, facts: FindingFacts, context: Evaluation): Match {
  return all(conditionsOf(when, facts, context));
}

/** The same for the target itself; undefined for conditions on findings. */
export function matchTarget(when: RuleConditions, context: PolicyContext): boolean | undefined {
  const { environment: _environment, image: _image, ...ofFindings } = when;
  return Object.keys(ofFindings).length > 0 ? undefined : holdsForTarget(when, context);
}

function holdsForTarget({ environment, image }: RuleConditions, context: PolicyContext): boolean {
  if (environment && !environment.includes(context.environment)) return false;
  return !image || context.images.some((name) => fits(name, image));
}

function* conditionsOf(when: RuleConditions, facts: FindingFacts, context: Evaluation): Iterable<Match> {
  const { kind, id, severity, path } = when;
  yield holdsForTarget(when, context);
  if (kind) yield kind.includes(facts.kind);
  if (id) yield facts.ids.some((each) => fits(each, id));
  if (severity) yield hasSeverity(facts.severity, severity);
  if (path) {
    const paths = facts.paths.map((each) => each.replace(/^\/+/, ""));
    yield paths.length === 0 ? { missing: "path" } : paths.some((each) => fits(each, path));
  }
  yield* ofVulnerability(when, facts.vulnerability);
  // The most expensive condition last: it is not evaluated where another one does not hold.
  if (when.expression) yield when.expression.evaluate(expressionValues(facts, context), context.budget);
}

function* ofVulnerability(when: RuleConditions, found: Vulnerability | undefined): Iterable<Match> {
  const { fixAvailable, age, epss, knownExploited, cvss, package: wanted, layer, baseImage } = when;
  if ([fixAvailable, age, epss, knownExploited, cvss, wanted, layer, baseImage].every((one) => one === undefined))
    return;
  if (!found) {
    yield false;
    return;
  }
  if (fixAvailable !== undefined) yield found.fixAvailable === fixAvailable;
  if (age) yield within(found.ageInDays, age, "publication date");
  if (epss) yield within(found.epss, epss, "EPSS score");
  if (knownExploited !== undefined) {
    yield found.knownExploited === undefined ? { missing: "KEV catalogue" } : found.knownExploited === knownExploited;
  }
  if (cvss && (cvss.min !== undefined || cvss.max !== undefined)) yield within(found.score, cvss, "CVSS score");
  for (const [metric, values] of Object.entries(cvss?.vector ?? {})) yield hasMetric(found.vectors, metric, values);
  if (wanted?.type) yield fits(found.package.type, wanted.type);
  if (wanted?.name) yield fits(found.package.name, wanted.name);
  if (layer) yield found.layer?.digest === undefined ? { missing: "layer" } : fits(found.layer.digest, layer);
  if (baseImage !== undefined) yield found.layer ? found.layer.base === baseImage : { missing: "layer" };
}

function all(conditions: Iterable<Match>): Match {
  let open: Match = true;
  for (const condition of conditions) {
    if (condition === false) return false;
    if (condition !== true && open === true) open = condition;
  }
  return open;
}

function fits(text: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fitsWildcard(text, pattern));
}

/** `unknown` could be any severity, unless a list names it. */
function hasSeverity(severity: Severity, wanted: NonNullable<RuleConditions["severity"]>): Match {
  if (typeof wanted !== "string" && wanted.includes(severity)) return true;
  if (severity === "unknown") return { missing: "severity" };
  return typeof wanted === "string" && reaches(severity, wanted);
}

function within(value: number | undefined, { min, max }: NumberRange, missing: string): Match {
  if (value === undefined) return { missing };
  return value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY);
}

/** By the first vector that has the metric. */
function hasMetric(vectors: readonly string[], metric: string, values: readonly string[]): Match {
  const start = `${metric}:`;
  for (const vector of vectors) {
    const part = vector.split("/").find((each) => each.startsWith(start));
    if (part !== undefined) return values.includes(part.slice(start.length));
  }
  return { missing: `CVSS metric ${metric}` };
}

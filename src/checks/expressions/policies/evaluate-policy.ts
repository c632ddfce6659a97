import { type Expression, type Outcome, usualCostLimit } from "../expression.ts";
import { AbortFault, EvaluationFault } from "../values/fault.ts";
import { LazyMap } from "../values/json-value.ts";
import { Meter } from "../values/meter.ts";
import type { Value } from "../values/value.ts";
import type { Policy, Validation } from "./policy.ts";

/** A request that a policy decides on. */
export interface PolicyRequest {
  /**
   * By the names of the variables: `object`, `oldObject`, `request`, `params`, `namespaceObject` … Plain JSON, or
   * values.
   */
  readonly values: Readonly<Record<string, unknown>>;
}

/** A validation that does not hold. */
export interface PolicyFailure {
  /** Index of the validation, from 0; undefined for a condition without a value. */
  readonly index: number | undefined;
  readonly expression: string;
  readonly message: string;
  readonly reason: string | undefined;
}

/** What a policy decides. */
export interface PolicyDecision {
  /** `skipped`: a condition does not hold. `unknown`: it cost more than its limit, or needs an unknown value. */
  readonly outcome: "skipped" | "allowed" | "denied" | "unknown";
  readonly failures: readonly PolicyFailure[];
  /** Why expressions have no value: with the failure policy `Ignore` it is allowed all the same. */
  readonly errors: readonly string[];
  /** What it cost, in units of a `Meter`. */
  readonly cost: number;
}

// As Kubernetes has them: for one policy and one request, and for its conditions.
const costOfPolicy = 10_000_000;
const longestMessage = 5 * 1024;

/**
 * Decides as an API server does (admissionregistration.k8s.io/v1), and evaluates all validations, also behind one that
 * fails.
 */
export function evaluatePolicy(policy: Policy, request: PolicyRequest): PolicyDecision {
  return new Evaluation(policy, request).decide();
}

class Evaluation {
  readonly #policy: Policy;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #variables = new Map<number, Outcome>();
  readonly #errors: string[] = [];
  readonly #failures: PolicyFailure[] = [];
  #isUnknown = false;
  #left = costOfPolicy;

  constructor(policy: Policy, { values }: PolicyRequest) {
    this.#policy = policy;
    this.#values = values;
  }

  get #cost(): number {
    return costOfPolicy - this.#left;
  }

  decide(): PolicyDecision {
    if (!this.#conditionsHold()) return { outcome: "skipped", failures: [], errors: [], cost: this.#cost };
    if (this.#errors.length === 0) {
      for (const [index, validation] of this.#policy.validations.entries()) this.#validate(validation, index);
    }
    const outcome = this.#failures.length > 0 ? "denied" : this.#isUnknown ? "unknown" : "allowed";
    return { outcome, failures: this.#failures, errors: this.#errors, cost: this.#cost };
  }

  /** False when one of them does not hold; one without a value matters only when all others hold. */
  #conditionsHold(): boolean {
    const failed: { source: string; outcome: Outcome }[] = [];
    for (const { expression } of this.#policy.conditions) {
      const outcome = this.#run(expression);
      if ("value" in outcome && outcome.value === false) return false;
      if (!("value" in outcome) || outcome.value !== true) failed.push({ source: expression.source, outcome });
    }
    for (const { source, outcome } of failed) this.#noValue(source, { outcome, index: undefined });
    return true;
  }

  #validate(validation: Validation, index: number): void {
    const { source } = validation.expression;
    const outcome = this.#run(validation.expression);
    if (!("value" in outcome) || typeof outcome.value !== "boolean") {
      this.#noValue(source, { outcome, index });
    } else if (!outcome.value) {
      this.#failures.push({ index, expression: source, message: this.#message(validation), reason: validation.reason });
    }
  }

  #noValue(source: string, { outcome, index }: { outcome: Outcome; index: number | undefined }): void {
    const error = "error" in outcome ? outcome.error : "the result is not a bool";
    const message = `expression '${source.trim()}' resulted in error: ${error}`;
    this.#errors.push(message);
    if ("error" in outcome && outcome.isUnknown) this.#isUnknown = true;
    else if (this.#policy.failurePolicy === "Fail")
      this.#failures.push({ index, expression: source, message, reason: undefined });
  }

  #message({ expression, message, messageExpression }: Validation): string {
    const usual = message?.trim() || `failed expression: ${expression.source.trim()}`;
    if (!messageExpression) return usual;
    const outcome = this.#run(messageExpression);
    const made = "value" in outcome && typeof outcome.value === "string" ? outcome.value.trim() : "";
    return made === "" || made.length > longestMessage || made.includes("\n") ? usual : made;
  }

  #run(expression: Expression, variableCount: number = this.#policy.variables.length): Outcome {
    const meter = new Meter(Math.min(usualCostLimit, this.#left));
    const before = meter.left;
    const names = this.#policy.variables.slice(0, variableCount).map(({ name }) => name);
    const variables = new LazyMap(names, (name) => this.#variable(names.lastIndexOf(name)));
    const outcome = expression.evaluate({ values: { ...this.#values, variables }, meter });
    this.#left -= before - Math.max(meter.left, 0);
    return outcome;
  }

  /** A variable sees those that come before it. */
  #variable(index: number): Value {
    const variable = this.#policy.variables[index];
    if (!variable) throw new EvaluationFault("no such variable");
    let outcome = this.#variables.get(index);
    if (!outcome) {
      outcome = this.#run(variable.expression, index);
      this.#variables.set(index, outcome);
    }
    if ("value" in outcome) return outcome.value;
    const message = `composited variable "${variable.name}" fails to evaluate: ${outcome.error}`;
    throw outcome.isUnknown ? new AbortFault(message) : new EvaluationFault(message);
  }
}

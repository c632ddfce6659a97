import type { CheckResult } from "../../../model/checks/check.ts";
import type { JsonObject } from "../../../model/objects/json-object.ts";
import type { CheckTitle } from "../../check-title.ts";
import type { Expression } from "../expression.ts";

/** An expression of a policy, under its name where it has one. */
export interface NamedExpression {
  readonly name: string;
  readonly expression: Expression;
}

/** What must hold for what a policy is about. */
export interface Validation {
  readonly expression: Expression;
  /** The fault when it does not hold, in the words of the author. */
  readonly message: string | undefined;
  readonly messageExpression: Expression | undefined;
  /** `Invalid`, `Forbidden` …, as the author set it. */
  readonly reason: string | undefined;
}

/** A policy of the family of Kubernetes' ValidatingAdmissionPolicy. */
export interface Policy {
  readonly kind: "ValidatingAdmissionPolicy" | "ValidatingPolicy";
  readonly name: string;
  readonly title: CheckTitle;
  readonly severity: CheckResult["severity"];
  /** From its annotations; empty when the author says nothing. */
  readonly why: string;
  readonly matchConstraints: JsonObject;
  readonly conditions: readonly NamedExpression[];
  readonly variables: readonly NamedExpression[];
  readonly validations: readonly Validation[];
  /** What an expression that has no value does: deny (`Fail`), or nothing. */
  readonly failurePolicy: "Fail" | "Ignore";
  readonly paramKind: { readonly apiVersion: string; readonly kind: string } | undefined;
  /** Kinds whose pods it judges as well, when it is about pods alone. Set for Kyverno's policies. */
  readonly controllers: ReadonlySet<string>;
  /** Why the policy cannot be evaluated: expressions that do not compile. */
  readonly mistakes: readonly string[];
}

/** Where a policy applies, and with what. */
export interface PolicyBinding {
  readonly policyName: string;
  readonly matchResources: JsonObject;
  readonly paramRef: JsonObject | undefined;
}

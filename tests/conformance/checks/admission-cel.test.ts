import { expect, test } from "vitest";
import { compileExpression, type Outcome } from "../../../src/checks/expressions/expression.ts";
import { doubleText } from "../../../src/checks/expressions/functions/number-text.ts";
import { policiesFrom, policyChecks } from "../../../src/checks/expressions/policies/policy-checks.ts";
import { ListValue, UnsignedValue, type Value } from "../../../src/checks/expressions/values/value.ts";
import { manifestResource } from "../../../src/checks/manifests/manifest-resource.ts";
import type { JsonObject } from "../../../src/model/objects/json-object.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface ExpressionCase {
  id: number;
  expression: string;
  type: "b" | "i" | "u" | "d" | "s" | "l";
  value?: string;
  compile_error?: boolean;
  runtime_error?: boolean;
  message?: string;
}

const variables = ["object", "oldObject", "request", "params", "namespaceObject", "variables", "authorizer"];

describeWithCorpus("expressions as an API server of Kubernetes 1.34 evaluates them", () => {
  const cases = corpusBytes("hardening/admission/cel-kubernetes.jsonl")
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ExpressionCase);
  const data = corpusJson<JsonObject>("hardening/admission/cel-object.json");

  test("they compile, fail and evaluate alike", () => {
    const different = cases.filter((one) => resultOf(one) !== expectedOf(one));
    expect(cases).toHaveLength(159);
    // 197: the keys of a map, which have no order there.
    expect(different.map(({ id }) => id)).toEqual([197]);
  });

  function resultOf({ id, expression }: ExpressionCase): string {
    const compiled = compileExpression(expression, { variables, functions: "kubernetes" });
    if ("error" in compiled) return "compile error";
    const metadata = data["metadata"] as JsonObject;
    const name = `cel-${id}`;
    const outcome: Outcome = compiled.expression.evaluate({
      values: {
        object: { ...data, metadata: { ...metadata, name, namespace: "default" } },
        oldObject: null,
        request: {
          resource: { group: "", version: "v1", resource: "configmaps" },
          userInfo: { username: "admin", groups: ["system:masters", "system:authenticated"] },
          operation: "CREATE",
          dryRun: true,
          name,
          namespace: "default",
        },
        namespaceObject: { metadata: { name: "default" } },
      },
    });
    return "error" in outcome ? "runtime error" : textOf(outcome.value);
  }
});

function expectedOf({ value, compile_error, runtime_error }: ExpressionCase): string {
  if (compile_error) return "compile error";
  return runtime_error ? "runtime error" : (value ?? "");
}

function textOf(value: Value): string {
  if (value instanceof ListValue) return value.items.map(textOf).join("|");
  if (value instanceof UnsignedValue) return String(value.value);
  return typeof value === "number" ? doubleText(value) : String(value);
}

interface PolicyCase {
  id: string;
  n: number;
  policy_spec: JsonObject;
  binding: JsonObject;
  http_status?: number;
  warnings?: string[];
  status?: { message: string };
  policy_rejected?: string;
  audit_annotations?: Record<string, string>;
}

describeWithCorpus("policies as an API server of Kubernetes 1.34 applies them", () => {
  const { object, params, cases } = corpusJson<{ object: JsonObject; params: JsonObject; cases: PolicyCase[] }>(
    "hardening/admission/vap-behaviour.json",
  );

  test("they reject, complain and let pass alike", () => {
    const different = cases.filter((one) => {
      const { state, message } = decide(one);
      const expected = expectedState(one);
      return state !== expected || (state === "fail" && !expectedText(one).includes(message));
    });
    expect(cases).toHaveLength(42);
    expect(different.map(({ id }) => id)).toEqual([
      // What is not known before an evaluation may be a string, as more is known of types there than here.
      "message-expression-error-falls-back",
      // The binding is refused, and with it what the policy says.
      "deny-and-warn-rejected-config",
      // An error that is ignored there is a warn here, as nobody can tell.
      "error-ignore",
      "match-condition-error-ignore",
      // Parameters that are not among the files may be in the cluster.
      "param-missing-deny",
      // What users may do is not known for a file.
      "authorizer-allowed",
    ]);
  });

  function decide({ n, policy_spec, binding }: PolicyCase): { state: string; message: string } {
    const name = `vapcase-${n}`;
    const rules = [{ apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"], operations: ["*"] }];
    const policies = policiesFrom([
      manifestResource({
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        metadata: { name },
        spec: { matchConstraints: { resourceRules: rules }, ...policy_spec },
      }),
      manifestResource({
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name },
        spec: { policyName: name, ...binding },
      }),
      manifestResource({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "vap-param", namespace: "default" },
        data: params,
      }),
      manifestResource({ apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } }),
    ]);
    const metadata = { ...(object["metadata"] as JsonObject), name, namespace: "default" };
    const resources = [manifestResource({ ...object, metadata })];
    const [observation] = policyChecks(policies).flatMap((check) => [...check.evaluate({ resources, compose: [] })]);
    return {
      state: observation?.state ?? "pass",
      message: observation?.evidence[0]?.value ?? observation?.reason ?? "",
    };
  }
});

function expectedState({
  http_status = 0,
  policy_rejected,
  warnings = [],
  audit_annotations = {},
}: PolicyCase): string {
  if (policy_rejected !== undefined) return "warn";
  const isComplaint =
    warnings.length > 0 || Object.keys(audit_annotations).some((key) => key.startsWith("validation.policy"));
  return http_status >= 400 || isComplaint ? "fail" : "pass";
}

function expectedText({ status, warnings = [], audit_annotations = {} }: PolicyCase): string {
  return [status?.message ?? "", ...warnings, ...Object.values(audit_annotations)].join(" ");
}

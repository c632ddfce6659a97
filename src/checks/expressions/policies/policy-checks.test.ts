import { describe, expect, test } from "vitest";
import type { Observation } from "../../check.ts";
import { readManifests } from "../../manifests/reading/read-manifests.ts";
import { policiesFrom, policyChecks } from "./policy-checks.ts";

const noLatest = policy("no-latest", {
  resources: ["deployments"],
  spec: `
  variables:
  - name: containers
    expression: object.spec.template.spec.containers
  validations:
  - expression: variables.containers.all(c, !c.image.endsWith(":latest"))
    messageExpression: '"latest in " + object.metadata.name'
    reason: Invalid`,
});

describe("a ValidatingAdmissionPolicy", () => {
  test("is a check with the name of the policy, which judges what its rules are about", () => {
    const [check] = policyChecks(policiesFrom(read(noLatest)));
    expect(check).toMatchObject({ id: "no-latest", severity: "medium", needs: [] });
    expect(
      observe(noLatest, deployment("api", "nginx:latest") + deployment("web", "nginx:1.27") + configMap("x", "{}")),
    ).toEqual([
      {
        resource: "Deployment api",
        state: "fail",
        location: { path: "test.yaml", line: 4, column: 13 },
        evidence: [{ subject: 'variables.containers.all(c, !c.image.endsWith(":latest"))', value: "latest in api" }],
        reason: "latest in api",
      },
      { resource: "Deployment web", state: "pass", evidence: [] },
    ]);
  });

  test("skips what a condition leaves out, even when another condition has no value", () => {
    const text = policy("p", {
      resources: ["configmaps"],
      spec: `
  matchConditions:
  - name: broken
    expression: object.data.missing == "x"
  - name: not-this
    expression: object.metadata.name != "a"
  validations:
  - expression: "false"
    message: no`,
    });
    expect(states(text, configMap("a", "{}") + configMap("b", "{missing: x}"))).toEqual(["ConfigMap b: fail"]);
  });

  test("denies by an expression without a value when its failure policy says so, and warns else", () => {
    const spec = (failurePolicy: string): string => `
  failurePolicy: ${failurePolicy}
  validations:
  - expression: object.data.size == "1"`;
    const text = (failurePolicy: string): string =>
      policy("p", { resources: ["configmaps"], spec: spec(failurePolicy) });
    expect(observe(text("Fail"), configMap("a", "{}"))).toMatchObject([
      { state: "fail", reason: `expression 'object.data.size == "1"' resulted in error: no such key: size` },
    ]);
    expect(states(text("Ignore"), configMap("a", "{}"))).toEqual(["ConfigMap a: warn"]);
  });

  test("warns where it needs what a file does not tell", () => {
    const text = policy("p", {
      resources: ["configmaps"],
      spec: `
  validations:
  - expression: request.userInfo.username != "admin"`,
    });
    expect(observe(text, configMap("a", "{}"))).toMatchObject([
      { state: "warn", reason: expect.stringContaining("the user of the request is unknown") },
    ]);
  });

  test("takes its parameters from the files, through its binding", () => {
    const text = `${policy("p", {
      resources: ["configmaps"],
      spec: `
  paramKind: {apiVersion: v1, kind: ConfigMap}
  validations:
  - expression: object.data.owner in params.data.owners.split(",")`,
    })}---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec:
  policyName: p
  paramRef: {name: owners, namespace: default, parameterNotFoundAction: Deny}
  matchResources: {objectSelector: {matchLabels: {app: x}}}
${configMap("owners", '{owners: "ann,bob"}')}`;
    const objects =
      configMap("good", "{owner: bob}", "{app: x}") +
      configMap("bad", "{owner: eve}", "{app: x}") +
      configMap("other", "{}");
    expect(states(text, objects)).toEqual(["ConfigMap good: pass", "ConfigMap bad: fail"]);
  });

  test("warns when the labels of a namespace decide and are not known", () => {
    const text = policy("p", {
      resources: ["configmaps"],
      spec: `
  validations:
  - expression: "false"`,
      constraints: "namespaceSelector: {matchExpressions: [{key: team, operator: DoesNotExist}]}",
    });
    const namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {team: x}}\n";
    expect(states(text, configMap("a", "{}"))).toEqual(["ConfigMap a: warn"]);
    expect(states(text, configMap("a", "{}") + namespace)).toEqual([]);
  });

  test("that does not compile is one warn with the place", () => {
    const text = policy("p", {
      resources: ["configmaps"],
      spec: `
  validations:
  - expression: object.data.a = "x"`,
    });
    const [observation, ...others] = observe(text, configMap("a", "{}") + configMap("b", "{}"));
    expect(others).toEqual([]);
    expect(observation).toMatchObject({
      state: "warn",
      reason: expect.stringContaining("validations[0].expression, line 1, column 15"),
    });
  });

  test("that costs too much does not keep others from being judged", () => {
    const keys = Array.from({ length: 150 }, (_, index) => `k${index}: x`).join(", ");
    const text = policy("p", {
      resources: ["configmaps"],
      spec: `
  validations:
  - expression: object.data.all(a, object.data.all(b, object.data.all(c, object.data.all(d, a != "" || b != c))))`,
    });
    expect(observe(text, configMap("a", `{${keys}}`) + configMap("b", "{x: y}"))).toMatchObject([
      { resource: "ConfigMap a", state: "warn", reason: expect.stringContaining("the cost limit is exceeded") },
      { resource: "ConfigMap b", state: "pass" },
    ]);
  });
});

test("a policy that costs too much for all resources ends with one warn", () => {
  const resources = read(Array.from({ length: 20 }, (_, index) => deployment(`d${index}`, "nginx")).join(""));
  const [check] = policyChecks(policiesFrom(read(noLatest)), { costLimit: 20 });
  const observations = [...(check?.evaluate({ resources, compose: [] }) ?? [])];
  expect(observations.length).toBeLessThan(10);
  expect(observations.at(-1)).toMatchObject({
    state: "warn",
    reason: expect.stringContaining("the policy exceeds the cost limit"),
  });
});

describe("a ValidatingPolicy of Kyverno", () => {
  const text = `
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata:
  name: labelled
  annotations: {policies.kyverno.io/severity: high, policies.kyverno.io/title: Pods have a team}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}
  validations:
  - expression: object.metadata.?labels.?team.hasValue()
    message: no team
`;

  test("about pods is about what makes pods as well", () => {
    expect(policyChecks(policiesFrom(read(text)))).toMatchObject([
      { id: "labelled", severity: "high", title: { pass: "Pods have a team", fail: "Pods have a team" } },
    ]);
    const failing = text.replace("annotations: {", "annotations: {plimsoll.dev/failTitle: Pod has no team, ");
    expect(policyChecks(policiesFrom(read(failing)))).toMatchObject([
      { title: { pass: "Pods have a team", fail: "Pod has no team" } },
    ]);
    const bare = text.replace(", policies.kyverno.io/title: Pods have a team", "");
    expect(policyChecks(policiesFrom(read(bare)))).toMatchObject([
      { title: { pass: "Policy labelled allows the object", fail: "Policy labelled denies the object" } },
    ]);
    expect(states(text, deployment("api", "nginx"))).toEqual(["Deployment api: fail"]);
  });

  test("asks for the other objects that were given", () => {
    const unique = text.replace(
      "object.metadata.?labels.?team.hasValue()",
      'resource.List("v1", "configmaps", "default").items.exists(m, m.metadata.name == object.metadata.name)',
    );
    const pod = (name: string): string =>
      `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: []}\n`;
    expect(states(unique, pod("a") + pod("b") + configMap("a", "{}"))).toEqual(["Pod a: pass", "Pod b: fail"]);
  });
});

function states(policies: string, objects: string): string[] {
  return observe(policies, objects).map(({ resource = "", state }) => `${resource}: ${state}`);
}

function observe(policies: string, objects: string): Observation[] {
  const facts = { resources: read(objects), compose: [] };
  return policyChecks(policiesFrom(read(policies))).flatMap((check) => [...check.evaluate(facts)]);
}

function read(text: string): ReturnType<typeof readManifests>["resources"] {
  return readManifests(text, {
    path: "test.yaml",
    problem: ({ message }) => {
      throw new Error(message);
    },
  }).resources;
}

function policy(
  name: string,
  { resources, spec, constraints = "" }: { resources: string[]; spec: string; constraints?: string },
): string {
  return `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: ["*"], apiVersions: [v1], resources: [${resources}], operations: [CREATE, UPDATE]}
    ${constraints}${spec}
`;
}

function deployment(name: string, image: string): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec: {template: {spec: {containers: [{name: x, image: "${image}"}]}}}
`;
}

function configMap(name: string, data: string, labels = "{}"): string {
  return `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: "", labels: ${labels}}\ndata: ${data}\n`;
}

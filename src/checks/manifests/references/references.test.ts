import { expect, test } from "vitest";
import { manifestChecks } from "../manifest-checks.ts";
import { readManifests } from "../reading/read-manifests.ts";

/** The state, resource and line of what a check sees. */
function seen(name: string, ...documents: string[]): string[] {
  const facts = readManifests(documents.join("\n---\n"), {
    path: "m.yaml",
    problem: ({ message }) => expect.fail(message),
  });
  const check = manifestChecks.find(({ id }) => id === `manifests/${name}`);
  return [...(check?.evaluate(facts) ?? expect.fail(name))].map(
    ({ state, resource, location }) => `${state} ${resource}${location?.line ? `:${location.line}` : ""}`,
  );
}

const workload = (spec: string, { name = "web", namespace = "shop" } = {}): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  template:
    metadata: {labels: {app: ${name}}}
    spec: ${spec}`;
const object = (kind: string, name: string, rest = "", { namespace = "shop", apiVersion = "v1" } = {}): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\n${rest}`;
const plain = "{containers: [{name: a, image: b}]}";
const service = (selector: string): string => object("Service", "web", `spec: {selector: ${selector}}`);

test("a service whose selector matches no pod of its namespace fails", () => {
  expect(seen("service-without-pods", service("{app: web}"), workload(plain))).toEqual(["pass Service shop/web"]);
  expect(seen("service-without-pods", service("{app: wbe}"), workload(plain))).toEqual(["fail Service shop/web:4"]);
  const elsewhere = workload(plain, { namespace: "other" });
  expect(seen("service-without-pods", service("{app: web}"), elsewhere)).toEqual(["fail Service shop/web:4"]);
});

test("pods that may be elsewhere, or come to have the labels, are no failure", () => {
  expect(seen("service-without-pods", service("{app: web}"))).toEqual([]);
  expect(seen("service-without-pods", service("{app: web}"), workload(plain, { namespace: '""' }))).toEqual([
    "pass Service shop/web",
  ]);
  expect(seen("service-without-pods", service("{app: web, role: leader}"), workload(plain))).toEqual([
    "manual Service shop/web:4",
  ]);
  const operated = object("Prometheus", "k8s", "", { apiVersion: "monitoring.coreos.com/v1" });
  expect(seen("service-without-pods", service("{prometheus: k8s}"), workload(plain), operated)).toEqual([
    "manual Service shop/web:4",
  ]);
  const ofController = service("{app: web, statefulset.kubernetes.io/pod-name: web-0}");
  expect(seen("service-without-pods", ofController, workload(plain))).toEqual(["pass Service shop/web"]);
});

test("policies and budgets that select no pod fail", () => {
  const policy = (selector: string): string => object("NetworkPolicy", "p", `spec: {podSelector: ${selector}}`);
  const budget = (selector: string): string => object("PodDisruptionBudget", "b", `spec: {selector: ${selector}}`);
  expect(seen("network-policy-without-pods", policy("{matchLabels: {app: x}}"), workload(plain))).toHaveLength(1);
  expect(seen("network-policy-without-pods", policy("{matchLabels: {app: x}}"), workload(plain))[0]).toMatch(/^fail/);
  expect(seen("network-policy-without-pods", policy("{}"))).toEqual(["pass NetworkPolicy shop/p"]);
  expect(seen("disruption-budget-without-pods", budget("{matchLabels: {app: x}}"), workload(plain))[0]).toMatch(
    /^fail/,
  );
  expect(seen("disruption-budget-without-pods", budget("{matchLabels: {app: web}}"), workload(plain))[0]).toMatch(
    /^pass/,
  );
});

test("a missing service account, config map or secret is reported where others of its kind are defined", () => {
  const pod = (fields: string): string => workload(`{containers: [{name: a, image: b}], ${fields}}`);
  const account = pod("serviceAccountName: api");
  expect(seen("missing-service-account", account)).toEqual(["manual Deployment shop/web:7"]);
  expect(seen("missing-service-account", account, object("ServiceAccount", "x"))[0]).toMatch(/^fail/);
  expect(seen("missing-service-account", account, object("ServiceAccount", "api"))[0]).toMatch(/^pass/);
  expect(seen("missing-service-account", pod("serviceAccountName: default"))[0]).toMatch(/^pass/);
  const map = (rest = ""): string => pod(`volumes: [{name: v, configMap: {name: settings${rest}}}]`);
  expect(seen("missing-config-map", map(), object("ConfigMap", "x"))[0]).toMatch(/^fail/);
  expect(seen("missing-config-map", map(), object("ConfigMap", "settings"))[0]).toMatch(/^pass/);
  expect(seen("missing-config-map", map(", optional: true"), object("ConfigMap", "x"))).toEqual([]);
  const secret = workload("{containers: [{name: a, image: b, envFrom: [{secretRef: {name: s}}]}]}");
  expect(seen("missing-secret", secret)).toEqual([]);
  expect(seen("missing-secret", secret, object("Secret", "x"))).toEqual(["manual Deployment shop/web:7"]);
  expect(seen("missing-secret", secret, object("Secret", "s"))[0]).toMatch(/^pass/);
});

test("ingresses to missing services, bindings of missing roles and accounts, and autoscalers without target fail", () => {
  const path = "{path: /, backend: {service: {name: web, port: {number: 80}}}}";
  const ingress = object("Ingress", "in", `spec: {rules: [{http: {paths: [${path}]}}]}`);
  expect(seen("missing-service", ingress, object("Service", "x"))[0]).toMatch(/^fail/);
  expect(seen("missing-service", ingress)[0]).toMatch(/^manual/);
  expect(seen("missing-service", ingress, service("{app: web}"))[0]).toMatch(/^pass/);
  const rbac = { apiVersion: "rbac.authorization.k8s.io/v1" };
  const binding = (role: string): string =>
    object("RoleBinding", "b", `roleRef: ${role}\nsubjects: [{kind: ServiceAccount, name: api}]`, rbac);
  const reader = "{kind: Role, name: reader}";
  expect(seen("missing-role", binding(reader), object("Role", "x", "", rbac))[0]).toMatch(/^fail/);
  expect(seen("missing-role", binding(reader), object("Role", "reader", "", rbac))[0]).toMatch(/^pass/);
  expect(seen("missing-role", binding("{kind: ClusterRole, name: view}"))[0]).toMatch(/^pass/);
  expect(seen("missing-subject", binding(reader), object("ServiceAccount", "x"))[0]).toMatch(/^fail/);
  expect(seen("missing-subject", binding(reader), object("ServiceAccount", "api"))[0]).toMatch(/^pass/);
  const scaler = object("HorizontalPodAutoscaler", "h", "spec: {scaleTargetRef: {kind: Deployment, name: api}}");
  expect(seen("missing-scale-target", scaler, workload(plain))[0]).toMatch(/^fail/);
  expect(seen("missing-scale-target", scaler, workload(plain, { name: "api" }))[0]).toMatch(/^pass/);
});

test("a pod without a controller fails, one that runs once or belongs to a controller does not", () => {
  const pod = (metadata: string, spec = ""): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a${metadata}}\nspec: {containers: [{name: a, image: b}]${spec}}`;
  expect(seen("naked-pod", pod(""))).toEqual(["fail Pod a:3"]);
  expect(seen("naked-pod", pod(", ownerReferences: [{kind: ReplicaSet, name: r}]"))).toEqual(["pass Pod a"]);
  expect(seen("naked-pod", pod("", ", restartPolicy: Never"))).toEqual(["pass Pod a"]);
  expect(seen("naked-pod", workload(plain))).toEqual([]);
});

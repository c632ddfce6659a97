import { expect, test } from "vitest";
import { runChecks } from "../../run-checks.ts";
import { manifestTreeSteps } from "../reading/manifest-tree-steps.ts";
import { readManifests } from "../reading/read-manifests.ts";
import { serviceAccountChecks } from "./service-account-checks.ts";

const binding = (namespace: string): string =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\nroleRef: {kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: ServiceAccount, name: api, namespace: ${namespace}}]\n---\n`;
const pod = "kind: Pod\nmetadata: {name: p}\nspec: {serviceAccountName: api, containers: [{name: c, image: d}]}\n---\n";
const config = "kind: ConfigMap\nmetadata: {name: c, namespace: other}\n---\n";

test.each([
  ["the only namespace of the files", binding("shop") + pod, true],
  ["one of several namespaces", binding("shop") + config + pod, false],
  ["default", binding("default") + config + pod, true],
])("a workload without a namespace has the account of %s", (_, text, expected) => {
  const facts = readManifests(text, { path: "m.yaml", problem: ({ message }) => expect.fail(message) });
  const failed = runChecks(serviceAccountChecks, facts).filter(
    ({ id, state }) => id === "manifests/cluster-admin-account" && state === "fail",
  );
  expect(failed.length > 0).toBe(expected);
});

const admin = binding("default").replace("name: api", "name: default");
const anonymous = "kind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: d}]}\n";

/** Whether the pod at a path counts as an administrator because of a binding in the file `repo/deploy/rbac/admin.yaml`. */
function isAdmin(path: string, text: string, bound = admin): boolean {
  const files = { "repo/deploy/rbac/admin.yaml": bound, "repo/other/config.yaml": config, [path]: text };
  const bytes = new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]));
  const steps = manifestTreeSteps(bytes, { problem: ({ message }) => expect.fail(message) });
  let step = steps.next();
  while (!step.done) step = steps.next();
  const results = runChecks(serviceAccountChecks, step.value);
  return results.some(({ id, state }) => id === "manifests/cluster-admin-account" && state === "fail");
}

test.each([
  ["repo/deploy/rbac/pod.yaml", true],
  ["repo/deploy/pod.yaml", true],
  ["repo/deploy/apps/web/pod.yaml", true],
  ["repo/deployments/pod.yaml", false],
  ["repo/examples/web/pod.yaml", false],
])("a pod without a namespace and an account has what the default account has nearby: %s", (path, expected) => {
  expect(isAdmin(path, anonymous)).toBe(expected);
});

test("the namespace default is the same as none", () => {
  const named = anonymous.replace("name: p", "name: p, namespace: default");
  expect(isAdmin("repo/examples/web/pod.yaml", named)).toBe(false);
  expect(isAdmin("repo/deploy/apps/web/pod.yaml", named)).toBe(true);
});

test("a pod that names its account has what the account has anywhere", () => {
  expect(isAdmin("repo/examples/web/pod.yaml", pod, binding("default"))).toBe(true);
});

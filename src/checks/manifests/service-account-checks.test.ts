import { expect, test } from "vitest";
import { runChecks } from "../run-checks.ts";
import { readManifests } from "./read-manifests.ts";
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

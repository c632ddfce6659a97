import { expect, test } from "vitest";
import { runChecks } from "../../run-checks.ts";
import { readManifests } from "../reading/read-manifests.ts";
import { networkPolicyChecks } from "./network-policy-checks.ts";

function uncovered(text: string, id = "network-policy-namespace"): (string | undefined)[] {
  const facts = readManifests(text, { path: "m.yaml", problem: ({ message }) => expect.fail(message) });
  return runChecks(networkPolicyChecks, facts)
    .filter((one) => one.id === `manifests/${id}` && one.state === "fail")
    .map(({ resource }) => resource);
}

const namespaces = `kind: Namespace
metadata: {name: shop, labels: {tier: gold}}
---
kind: Namespace
metadata: {name: bank}
---
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: a, image: b}]}
---
kind: Pod
metadata: {name: db, namespace: bank, labels: {app: db}}
spec: {containers: [{name: a, image: b}]}
---
`;
const clusterwide = (selector: string): string =>
  `${namespaces}apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: a}\nspec: {${selector}, ingress: [{}]}\n`;
const both = ["Namespace shop", "Namespace bank"];

test.each([
  ["endpointSelector: {}", []],
  ['endpointSelector: {matchLabels: {"k8s:io.kubernetes.pod.namespace": shop}}', ["Namespace bank"]],
  ["endpointSelector: {matchLabels: {io.kubernetes.pod.namespace: shop}}", ["Namespace bank"]],
  ['endpointSelector: {matchLabels: {"k8s:io.cilium.k8s.namespace.labels.tier": gold}}', ["Namespace bank"]],
  [
    'endpointSelector: {matchLabels: {"k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name": bank}}',
    ["Namespace shop"],
  ],
  [
    'endpointSelector: {matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: NotIn, values: [shop]}]}',
    ["Namespace shop"],
  ],
  ['endpointSelector: {matchExpressions: [{key: "any:app", operator: In, values: [db]}]}', ["Namespace shop"]],
  ["endpointSelector: {matchLabels: {app: other}}", both],
  ['endpointSelector: {matchLabels: {"reserved:health": ""}}', both],
  ["nodeSelector: {}", both],
  ["description: nothing", both],
])("a policy of the whole cluster covers what it selects: %s", (selector, expected) => {
  expect(uncovered(clusterwide(selector))).toEqual(expected);
});

test("a pod is covered by the policies of the cluster that select it", () => {
  const id = "network-policy";
  const gold = 'endpointSelector: {matchLabels: {"k8s:io.cilium.k8s.namespace.labels.tier": gold}}';
  expect(uncovered(clusterwide(gold), id)).toEqual(["Pod bank/db"]);
  expect(uncovered(clusterwide("nodeSelector: {}"), id)).toEqual(["Pod shop/web", "Pod bank/db"]);
});

test("labels of a namespace that was not given exclude nothing", () => {
  const key = "k8s:io.cilium.k8s.namespace.labels.open";
  const text = clusterwide(`endpointSelector: {matchExpressions: [{key: "${key}", operator: DoesNotExist}]}`);
  expect(uncovered(text, "network-policy")).toEqual([]);
  const withoutNamespaces = text.split("---\n").slice(2).join("---\n");
  expect(uncovered(withoutNamespaces, "network-policy")).toEqual(["Pod shop/web", "Pod bank/db"]);
});

test("a policy of Cilium limits the directions that it has rules for, or that it names", () => {
  const id = "network-policy-directions";
  const directions = (rules: string): boolean =>
    uncovered(clusterwide("endpointSelector: {}").replace("ingress: [{}]", rules), id).length === 0;
  expect(directions("ingress: [{}], egressDeny: [{}]")).toBe(true);
  expect(directions("ingress: [{}], egress: []")).toBe(false);
  expect(directions("ingress: [{}], egress: [{}], enableDefaultDeny: {egress: false}")).toBe(false);
});

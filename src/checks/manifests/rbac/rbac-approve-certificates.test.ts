import { expect, test } from "vitest";
import { runChecks } from "../../run-checks.ts";
import { readManifests } from "../reading/read-manifests.ts";
import { rbacRoleChecks } from "./rbac-role-checks.ts";

const head = (kind: string, name: string): string =>
  `---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: {name: ${name}}\n`;
const role = (name: string, ...rules: string[]): string =>
  `${head("ClusterRole", name)}rules: [${rules.map((rule) => `{apiGroups: [certificates.k8s.io], ${rule}}`).join(", ")}]\n`;
const binding = (name: string): string =>
  `${head("ClusterRoleBinding", name)}roleRef: {kind: ClusterRole, name: ${name}}\nsubjects: [{kind: ServiceAccount, name: a, namespace: b}]\n`;
const approval = "resources: [certificatesigningrequests/approval], verbs: [update]";
const signers = "resources: [signers], verbs: [approve]";

test.each([
  ["both halves in one role", role("x", approval, signers), ["ClusterRole x"]],
  ["the approval alone", role("x", approval), []],
  ["the signers alone", role("x", signers), []],
  ["a signer of another maker", role("x", approval, `${signers}, resourceNames: ["issuers.cert-manager.io/*"]`), []],
  [
    "the signer of clients",
    role("x", approval, `${signers}, resourceNames: [kubernetes.io/kube-apiserver-client]`),
    ["ClusterRole x"],
  ],
  [
    "halves in two roles of one account",
    role("x", approval) + role("y", signers) + binding("x") + binding("y"),
    ["ClusterRole x"],
  ],
  ["halves in two roles of nobody", role("x", approval) + role("y", signers) + binding("x"), []],
])("the right to approve certificates needs both halves: %s", (_, text, expected) => {
  const facts = readManifests(text, { path: "m.yaml", problem: ({ message }) => expect.fail(message) });
  const failed = runChecks(rbacRoleChecks, facts).filter(
    ({ id, state }) => id === "manifests/rbac-approve-certificates" && state === "fail",
  );
  expect(failed.map(({ resource }) => resource)).toEqual(expected);
});

test("a Role grants nothing that belongs to the cluster", () => {
  const rules = 'rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]\n';
  const failed = ["Role", "ClusterRole"].map((kind) => {
    const facts = readManifests(head(kind, "x") + rules, {
      path: "m.yaml",
      problem: ({ message }) => expect.fail(message),
    });
    return runChecks(rbacRoleChecks, facts).flatMap(({ id, state }) => (state === "fail" ? [id.slice(15)] : []));
  });
  const [ofRole = [], ofClusterRole = []] = failed;
  expect(ofClusterRole.filter((id) => !ofRole.includes(id)).toSorted()).toEqual([
    "approve-certificates",
    "create-volumes",
    "nodes-proxy",
    "webhooks",
  ]);
  expect(ofRole).toEqual(expect.arrayContaining(["all-powers", "escalate", "impersonate", "edit-bindings", "secrets"]));
});

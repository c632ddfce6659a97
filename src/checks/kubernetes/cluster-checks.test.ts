import { describe, expect, test } from "vitest";
import { clusterFacts } from "../../../tests/setup/kubernetes-facts.ts";
import type { CheckResult } from "../../model/checks/check.ts";
import type { KubernetesClusterFacts } from "../../model/checks/kubernetes-facts.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { runChecks } from "../run-checks.ts";
import { kubernetesClusterChecks } from "./kubernetes-checks.ts";

function named(name: string, rest: JsonObject = {}, namespace?: string): JsonObject {
  return { metadata: { name, ...(namespace !== undefined && { namespace }) }, ...rest };
}

function pod(name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { kind: "Pod", metadata: { name, namespace: "shop", ...metadata }, spec };
}

function binding(name: string, role: string, subjects: readonly JsonObject[]): JsonObject {
  return { kind: "ClusterRoleBinding", metadata: { name }, roleRef: { kind: "ClusterRole", name: role }, subjects };
}

const jane = { kind: "User", name: "jane" };
const rule = (group: string, resource: string, verb: string): JsonObject => ({
  apiGroups: [group],
  resources: [resource],
  verbs: [verb],
});
const admission = "admissionregistration.k8s.io";

const badRules: readonly JsonObject[] = [
  rule("", "secrets", "list"),
  rule("", "pods", "create"),
  rule("rbac.authorization.k8s.io", "clusterroles", "escalate"),
  rule("", "persistentvolumes", "create"),
  rule("", "nodes/proxy", "get"),
  rule("certificates.k8s.io", "certificatesigningrequests/approval", "update"),
  rule("certificates.k8s.io", "signers", "approve"),
  rule(admission, "mutatingwebhookconfigurations", "patch"),
  rule("", "serviceaccounts/token", "create"),
  rule("*", "things", "get"),
];

const bad = clusterFacts({
  namespaces: [named("shop"), named("kube-system")],
  clusterRoles: [{ kind: "ClusterRole", ...named("wide", { rules: badRules }) }, named("cluster-admin")],
  clusterRoleBindings: [
    binding("admins", "cluster-admin", [jane]),
    binding("wide", "wide", [
      jane,
      { kind: "Group", name: "system:masters" },
      { kind: "Group", name: "system:authenticated" },
      { kind: "Group", name: "system:unauthenticated" },
      { kind: "User", name: "system:anonymous" },
    ]),
  ],
  serviceAccounts: [{ kind: "ServiceAccount", ...named("default", {}, "shop") }],
  pods: [
    pod("api", {
      ...{ hostPID: true, hostIPC: true, hostNetwork: true },
      volumes: [{ name: "root", hostPath: { path: "/" } }],
      containers: [
        {
          name: "api",
          ports: [{ hostPort: 80 }],
          env: [{ name: "KEY", valueFrom: { secretKeyRef: { name: "k" } } }],
          securityContext: {
            ...{ privileged: true, runAsUser: 0, capabilities: { add: ["NET_RAW"] } },
            windowsOptions: { hostProcess: true },
          },
        },
        { name: "bare" },
      ],
    }),
    { kind: "Pod", ...named("other", { spec: {} }, "default") },
  ],
});

const good = clusterFacts({
  namespaces: [
    { metadata: { name: "shop", labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
    named("kube-system"),
  ],
  clusterRoles: [named("narrow", { rules: [rule("", "configmaps", "get")] }), named("cluster-admin")],
  clusterRoleBindings: [
    {
      ...binding("cluster-admin", "cluster-admin", [{ kind: "Group", name: "system:masters" }]),
      metadata: { name: "cluster-admin", labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } },
    },
    binding("narrow", "narrow", [jane]),
  ],
  serviceAccounts: [named("default", { automountServiceAccountToken: false }, "shop")],
  networkPolicies: [named("deny", {}, "shop")],
  pods: [
    pod("api", {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        { name: "api", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } },
      ],
    }),
    { kind: "Pod", ...named("calico-node-x", { spec: { hostNetwork: true } }, "kube-system") },
  ],
});

const manualOnly = [
  ...["admission-image-provenance", "namespace-separation", "users-client-certificates"],
  ...["users-service-account-tokens", "users-bootstrap-tokens", "secrets-external-store"],
].map((name) => `kubernetes/${name}`);

/** Those that apply to clusters of anybody. */
const checks = kubernetesClusterChecks.filter(({ id }) => !/\/(?:cloud-|openshift-|audit-log-collection$)/.test(id));

function results(facts: KubernetesClusterFacts): readonly CheckResult[] {
  return runChecks(checks, facts);
}

describe("a cluster", () => {
  test("that is set up well passes every check that is not left to a person", () => {
    const others = results(good).filter(({ state, id }) => state !== "pass" && !manualOnly.includes(id));
    expect(others.map(({ id, state }) => [id, state])).toEqual([["kubernetes/rbac-system-masters", "manual"]]);
  });

  test("that is set up badly fails every check that is not left to a person", () => {
    const failed = new Set(
      results(bad)
        .filter(({ state }) => state === "fail")
        .map(({ id }) => id),
    );
    const others = checks.filter(({ id }) => !failed.has(id) && !manualOnly.includes(id));
    expect(others.map(({ id }) => id)).toEqual(["kubernetes/network-plugin"]);
  });

  test("of which a kind may not be listed is one of which those checks cannot tell", () => {
    const facts = { ...good, clusterRoles: { unavailable: "the cluster does not allow to list clusterroles" } };
    const states = new Map(results(facts).map(({ id, state }) => [id, state]));
    expect(states.get("kubernetes/rbac-secrets")).toBe("warn");
    expect(states.get("kubernetes/pod-privileged")).toBe("pass");
  });
});

describe("rights", () => {
  const check = (id: string, facts: KubernetesClusterFacts) =>
    results(facts)
      .filter((result) => result.id === `kubernetes/${id}`)
      .map(({ state }) => state);
  const granted = (rules: readonly JsonObject[], options: JsonObject = {}) =>
    clusterFacts({
      clusterRoles: [named("role", { rules })],
      clusterRoleBindings: [{ ...binding("b", "role", [jane]), ...options }],
    });

  test("come from wildcards too, and not from rules for single objects", () => {
    expect(check("rbac-secrets", granted([rule("*", "*", "*")]))).toEqual(["fail"]);
    expect(check("rbac-secrets", granted([{ ...rule("", "secrets", "get"), resourceNames: ["one"] }]))).toEqual([
      "pass",
    ]);
    expect(check("rbac-secrets", granted([rule("", "secrets", "create")]))).toEqual(["pass"]);
    expect(check("rbac-nodes-proxy", granted([rule("", "nodes", "get")]))).toEqual(["pass"]);
  });

  test("that Kubernetes gives to its own components are left out", () => {
    const subjects = [{ kind: "User", name: "system:kube-controller-manager" }];
    const own = { metadata: { name: "b", labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } }, subjects };
    expect(check("rbac-secrets", granted([rule("", "secrets", "list")], own))).toEqual(["pass"]);
    const more = { ...own, subjects: [...subjects, jane] };
    expect(check("rbac-secrets", granted([rule("", "secrets", "list")], more))).toEqual(["fail"]);
  });

  test("of everybody are a default in the bindings of that name only", () => {
    const labels = { "kubernetes.io/bootstrapping": "rbac-defaults" };
    const anonymous = [{ kind: "Group", name: "system:unauthenticated" }];
    const named = (name: string, role = name) =>
      clusterFacts({ clusterRoleBindings: [{ ...binding(name, role, anonymous), metadata: { name, labels } }] });
    expect(check("rbac-unauthenticated", named("system:public-info-viewer"))).toEqual(["pass"]);
    expect(check("rbac-unauthenticated", named("system:public-info-viewer", "edit"))).toEqual(["fail"]);
    expect(check("rbac-unauthenticated", named("system:node"))).toEqual(["fail"]);
  });

  test("of a role in its namespace are those of that role", () => {
    const facts = clusterFacts({
      roles: [
        named("reader", { rules: [rule("", "secrets", "get")] }, "shop"),
        named("reader", { rules: [] }, "other"),
      ],
      roleBindings: ["shop", "other"].map((namespace) => ({
        kind: "RoleBinding",
        metadata: { name: "b", namespace },
        roleRef: { kind: "Role", name: "reader" },
        subjects: [{ kind: "ServiceAccount", name: "api" }],
      })),
    });
    const [result] = results(facts).filter(({ id }) => id === "kubernetes/rbac-secrets");
    expect(result).toMatchObject({
      state: "fail",
      resource: "RoleBinding shop/b",
      evidence: [{ value: "ServiceAccount shop/api" }, { value: "Role reader in shop" }],
    });
  });
});

describe("a namespace", () => {
  const states = (name: string, serverVersion: string, others: readonly string[] = []) => {
    const objects = clusterFacts({
      namespaces: [name, ...others].map((one) => ({ kind: "Namespace", ...named(one) })),
    });
    return results({ ...objects, serverVersion: { value: serverVersion } })
      .filter(({ id, resource }) => id === "kubernetes/admission-pod-policy" && resource === `Namespace ${name}`)
      .map(({ state }) => state);
  };

  test("of who made the cluster is theirs, and of the same name elsewhere an ordinary one", () => {
    expect(states("gke-managed-system", "v1.33.1-gke.100")).toEqual([]);
    expect(states("gke-managed-system", "v1.33.1")).toEqual(["fail"]);
    expect(states("gke-shop", "v1.33.1-gke.100")).toEqual(["fail"]);
    expect(states("openshift-shop", "v1.33.1")).toEqual(["fail"]);
    expect(states("kube-system", "v1.33.1")).toEqual([]);
  });

  test("of Rancher is its own where Rancher manages the cluster", () => {
    expect(states("cattle-fleet-system", "v1.33.1", ["cattle-system"])).toEqual([]);
    expect(states("cattle-fleet-system", "v1.33.1")).toEqual(["fail"]);
  });
});

test("pods of one controller are one workload, and those of the system are left out", () => {
  const metadata = (name: string) => ({
    labels: { "pod-template-hash": "5d7" },
    ownerReferences: [{ kind: "ReplicaSet", name: "api-5d7", controller: true }],
    name,
  });
  const spec = { containers: [{ name: "c", securityContext: { privileged: true } }] };
  const facts = clusterFacts({
    pods: [
      pod("api-5d7-a", spec, metadata("api-5d7-a")),
      pod("api-5d7-b", spec, metadata("api-5d7-b")),
      { kind: "Pod", ...named("proxy", { spec }, "kube-system") },
    ],
  });
  const found = results(facts).filter(({ id }) => id === "kubernetes/pod-privileged");
  expect(found.map(({ resource, state }) => [resource, state])).toEqual([["Deployment shop/api", "fail"]]);
});

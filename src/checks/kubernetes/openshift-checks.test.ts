import { expect, test } from "vitest";
import { clusterFacts } from "../../../tests/setup/kubernetes-facts.ts";
import type { CheckResult } from "../../model/checks/check.ts";
import type { KubernetesClusterFacts, OpenShiftFacts } from "../../model/checks/kubernetes-facts.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { runChecks } from "../run-checks.ts";
import { clusterFlavour } from "./cluster-flavour.ts";
import { kubernetesClusterChecks } from "./kubernetes-checks.ts";

const constraint = (name: string, rest: JsonObject = {}): JsonObject => ({
  kind: "SecurityContextConstraints",
  metadata: { name },
  ...rest,
});
const openShift: OpenShiftFacts = {
  components: { value: [] },
  overrides: { value: { kubeapiservers: null, etcds: { useUnsupported: true } } },
  constraints: {
    value: [
      constraint("restricted", { groups: ["system:authenticated"] }),
      constraint("privileged", {
        allowPrivilegedContainer: true,
        users: ["system:admin", "system:serviceaccount:openshift-infra:build-controller"],
        groups: ["system:cluster-admins", "system:nodes"],
      }),
      constraint("hostaccess", { allowHostPID: true, users: ["system:serviceaccount:shop:api"] }),
    ],
  },
};

function states(facts: KubernetesClusterFacts, id: string): readonly (readonly [string | undefined, string])[] {
  return results(facts)
    .filter((result) => result.id === `kubernetes/${id}`)
    .map(({ resource, state }) => [resource, state]);
}

function results(facts: KubernetesClusterFacts): readonly CheckResult[] {
  return runChecks(kubernetesClusterChecks, facts);
}

test("overrides that nobody supports fail, operator by operator", () => {
  expect(states({ ...clusterFacts(), openShift }, "openshift-unsupported-overrides")).toEqual([
    ["kubeapiservers/cluster", "pass"],
    ["etcds/cluster", "fail"],
  ]);
});

test("constraints that give the host away are for the system, whoever else they name or a role grants", () => {
  const plain = { ...clusterFacts(), openShift };
  expect(states(plain, "openshift-privileged-constraints")).toEqual([
    ["SecurityContextConstraints privileged", "pass"],
    ["SecurityContextConstraints hostaccess", "fail"],
  ]);
  const granted = clusterFacts({
    clusterRoles: [
      {
        metadata: { name: "user" },
        rules: [
          {
            ...{ apiGroups: ["security.openshift.io"], resources: ["securitycontextconstraints"] },
            ...{ resourceNames: ["privileged"], verbs: ["use"] },
          },
        ],
      },
    ],
    clusterRoleBindings: [
      {
        kind: "ClusterRoleBinding",
        metadata: { name: "b" },
        roleRef: { kind: "ClusterRole", name: "user" },
        subjects: [{ kind: "Group", name: "devs" }],
      },
    ],
  });
  expect(states({ ...granted, openShift }, "openshift-privileged-constraints")).toEqual([
    ["SecurityContextConstraints privileged", "fail"],
    ["SecurityContextConstraints hostaccess", "fail"],
  ]);
});

test("what the account may not read of OpenShift is not known", () => {
  const unseen = { unavailable: "forbidden" };
  const facts = { ...clusterFacts(), openShift: { components: unseen, overrides: unseen, constraints: unseen } };
  expect(states(facts, "openshift-unsupported-overrides")).toEqual([[undefined, "warn"]]);
  expect(states(facts, "openshift-privileged-constraints")).toEqual([[undefined, "warn"]]);
});

test("who made a cluster is told by its version, its nodes or its API", () => {
  const versioned = (version: string) => ({ ...clusterFacts(), serverVersion: { value: version } });
  expect(clusterFlavour(versioned("v1.30.1-eks-036c24b"))).toBe("eks");
  expect(clusterFlavour(versioned("v1.31.4-gke.1183000"))).toBe("gke");
  expect(clusterFlavour(versioned("v1.28.1+k3s1"))).toBe("k3s");
  expect(clusterFlavour(versioned("v1.28.1+rke2r1"))).toBe("rke2");
  expect(clusterFlavour({ ...clusterFacts(), openShift })).toBe("openshift");
  const labels = { "kubernetes.azure.com/cluster": "MC_group" };
  expect(clusterFlavour(clusterFacts({ nodes: [{ metadata: { name: "a", labels } }] }))).toBe("aks");
  expect(clusterFlavour(clusterFacts())).toBe("unknown");
});

test("settings of a cloud are for a person on that cloud, and do not apply elsewhere", () => {
  const asked = (version: string): number =>
    results({ ...clusterFacts(), serverVersion: { value: version } }).filter(
      ({ id, state }) => id.startsWith("kubernetes/cloud-") && state === "manual",
    ).length;
  expect([asked("v1.33.1"), asked("v1.33.1-eks-1"), asked("v1.33.1-gke.1")]).toEqual([0, 13, 33]);
});

test("nodes of GKE run Container-Optimized OS with containerd", () => {
  const node = (name: string, osImage: string, containerRuntimeVersion: string): JsonObject => ({
    ...{ kind: "Node", metadata: { name }, status: { nodeInfo: { osImage, containerRuntimeVersion } } },
  });
  const nodes = [
    node("a", "Container-Optimized OS from Google", "containerd://2.0.4"),
    node("b", "Ubuntu 24.04.2 LTS", "containerd://2.0.4"),
  ];
  const facts = { ...clusterFacts({ nodes }), serverVersion: { value: "v1.33.1-gke.1" } };
  expect(states(facts, "cloud-node-image").map(([, state]) => state)).toEqual(["pass", "fail"]);
});

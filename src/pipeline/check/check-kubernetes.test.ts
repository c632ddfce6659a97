import { expect, test } from "vitest";
import { clusterFacts, componentFacts, fileFacts, nodeFacts } from "../../../tests/setup/kubernetes-facts.ts";
import type { CheckReport } from "../../model/checks/check.ts";
import type { KubernetesClusterFacts, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { checkKubernetes } from "./check-kubernetes.ts";

const policy = { waivers: [], only: [], skip: [], now: new Date("2026-11-28T10:00:00Z") };

function check(
  facts: { readonly node?: KubernetesNodeFacts; readonly cluster?: KubernetesClusterFacts },
  version?: string,
): CheckReport {
  const bundle = JSON.parse(JSON.stringify(facts)) as JsonObject;
  return checkKubernetes(
    { schemaVersion: 1, collectedAt: "2026-11-28T10:00:00Z", ...bundle },
    policy,
    version === undefined ? {} : { version },
  );
}

function ids({ results }: CheckReport, id: string): readonly string[] {
  const mappings = results.find((result) => result.id === `kubernetes/${id}`)?.mappings ?? [];
  return mappings.map((mapping) => `${mapping.framework} ${mapping.version} ${mapping.id}`);
}

test("a node is held against the benchmark of its distribution and version, and the report names it", () => {
  const node = nodeFacts({ flavour: { value: "rke2" }, version: { value: "1.30.2" } });
  const report = check({ node });
  expect(report.target.name).toBe("a node of Kubernetes (RKE2 CIS Self-Assessment 1.11)");
  expect(ids(report, "kubelet-config-mode")).toEqual(["RKE2 CIS Self-Assessment 1.11 4.1.9"]);
});

test("where its version is not known, that of its cluster counts, then what the user says, else all ids stay", () => {
  const unknown = nodeFacts({ flavour: { value: "k3s" }, version: { unavailable: "nothing tells it" } });
  const cluster = { ...clusterFacts(), serverVersion: { value: "v1.31.4+k3s1" } };
  const id = (report: CheckReport) => ids(report, "pod-seccomp").concat(ids(report, "etcd-own-ca"));
  expect(id(check({ node: unknown, cluster }))).toEqual([
    "K3s CIS Self-Assessment 1.11 5.6.2",
    "K3s CIS Self-Assessment 1.11 2.7",
  ]);
  expect(() => check({ node: unknown }, "1.10")).toThrow("no benchmark is known for Kubernetes 1.10");
  expect(() => check({ node: unknown }, "new")).toThrow("no benchmark is known for Kubernetes new");
  expect(check({ node: unknown }, "1.99").target.name).toContain("K3s CIS Self-Assessment 1.12");
  expect(id(check({ node: unknown }, "v1.26.1"))).toEqual(["K3s CIS Self-Assessment 1.8 2.7"]);
  const report = check({ node: unknown });
  expect(report.target.name).toBe("a node of Kubernetes");
  expect(id(report).length).toBeGreaterThan(5);
});

test("on a machine that is not a node nothing was checked, though networks of other containers lie there", () => {
  const bare = check({ node: nodeFacts({ files: [fileFacts("cni", "0644")] }) });
  expect(bare.problems).toEqual([{ code: "not-examined", message: "no Kubernetes components found on this node" }]);
  expect(bare.verdict.decision).toBe("cannot-tell");
  expect(bare.results.filter(({ state }) => state === "fail").map(({ id }) => id)).toEqual(["kubernetes/cni-mode"]);
  const node = check({ node: nodeFacts({ files: [fileFacts("kubelet-config", "0600")] }) });
  expect(node.problems).toEqual([]);
});

test("a cluster is held against the benchmark of its cloud", () => {
  const report = check({ cluster: { ...clusterFacts(), serverVersion: { value: "v1.33.1-eks-036c24b" } } });
  expect(report.target.name).toBe("a cluster of Kubernetes (CIS Amazon EKS Benchmark 1.8.0)");
  expect(ids(report, "rbac-escalation")).toEqual(["CIS Amazon EKS Benchmark 1.8.0 4.1.8"]);
});

test("components of OpenShift are checked as its API shows them, where no node does", () => {
  const components = [componentFacts("kube-apiserver", ["--authorization-mode=AlwaysAllow"], { source: "api" })];
  const openShift = {
    components: { value: components },
    overrides: { value: {} },
    constraints: { value: [] },
  };
  const cluster = { ...clusterFacts(), serverVersion: { value: "v1.26.5+7d22122" }, openShift };
  const report = check({ cluster });
  expect(report.results.find(({ id }) => id === "kubernetes/apiserver-authorization-rbac")).toMatchObject({
    state: "fail",
    mappings: [{ framework: "CIS Red Hat OpenShift Benchmark", version: "1.8", id: "1.2.6" }],
  });
  const missing = ["kubernetes/kubelet-anonymous-auth", "kubernetes/pki-owner", "kubernetes/scheduler-profiling"];
  expect(report.results.filter(({ id }) => missing.includes(id))).toEqual([]);
  const both = check({ cluster, node: nodeFacts({ flavour: { value: "openshift" } }) });
  expect(both.results.filter(({ id }) => id === "kubernetes/apiserver-authorization-rbac")).toMatchObject([
    { state: "not-applicable" },
    { state: "fail" },
  ]);
  const controlPlane = nodeFacts({ components: [componentFacts("kube-apiserver", ["--authorization-mode=RBAC"])] });
  const there = check({ cluster, node: controlPlane });
  expect(there.results.filter(({ id }) => id === "kubernetes/apiserver-authorization-rbac")).toMatchObject([
    { state: "pass" },
  ]);
});

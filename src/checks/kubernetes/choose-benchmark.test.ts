import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { CheckResult } from "../../model/checks/check.ts";
import type { KubernetesFlavour } from "../../model/checks/kubernetes-facts.ts";
import { chooseBenchmark, withBenchmark } from "./choose-benchmark.ts";
import { cisMappings } from "./cis-ids.ts";

const result = (name: string): CheckResult => ({
  ...{ id: `kubernetes/${name}`, state: "pass", severity: "low", title: "t", evidence: [], remediation: "r" },
  mappings: [...cisMappings(name), { framework: "MITRE ATT&CK", id: "T1611" }],
});

test.each([
  ["kubeadm", "v1.29.3", "CIS Kubernetes Benchmark", "1.11"],
  ["rke", "1.26.0", "CIS Kubernetes Benchmark", "1.8"],
  ["unknown", "v1.40.0", "CIS Kubernetes Benchmark", "1.12"],
  ["eks", "v1.30.1-eks-036c24b", "CIS Amazon EKS Benchmark", "1.7.0"],
  ["gke", "v1.31.4-gke.1183000", "CIS Google GKE Benchmark", "1.9.0"],
  ["aks", "1.33.1", "CIS Azure AKS Benchmark", "1.8"],
  ["openshift", "v1.25.4+77bec7a", "CIS Red Hat OpenShift Benchmark", "1.4"],
  ["k3s", "v1.28.1+k3s1", "K3s CIS Self-Assessment", "1.10"],
  ["rke2", "1.33.1", "RKE2 CIS Self-Assessment", "1.12"],
] as const)("%s %s is held against %s %s", (flavour, version, framework, benchmark) => {
  expect(chooseBenchmark(flavour, version)).toMatchObject({ framework, version: benchmark });
});

test.each<[KubernetesFlavour, string]>([
  ["kubeadm", "1.25.9"],
  ["openshift", "1.23.0"],
  ["eks", "no version"],
])("for %s %s there is no benchmark", (flavour, version) => {
  expect(chooseBenchmark(flavour, version)).toBeUndefined();
});

test("results keep the ids of that benchmark, and those of standards that have no versions of Kubernetes", () => {
  const ids = (name: string, flavour: KubernetesFlavour, version: string): readonly string[] => {
    const benchmark = chooseBenchmark(flavour, version);
    const [narrow] = benchmark ? withBenchmark([result(name)], benchmark) : [];
    return narrow?.mappings.map((mapping) => `${mapping.framework} ${mapping.version ?? "-"} ${mapping.id}`) ?? [];
  };
  const attack = "MITRE ATT&CK - T1611";
  expect(ids("apiserver-profiling", "kubeadm", "1.26.0")).toEqual(["CIS Kubernetes Benchmark 1.8 1.2.16", attack]);
  expect(ids("apiserver-profiling", "k3s", "1.33.0")).toEqual(["K3s CIS Self-Assessment 1.12 1.2.15", attack]);
  expect(ids("apiserver-profiling", "eks", "1.33.0")).toEqual([attack]);
  expect(ids("apiserver-request-timeout", "openshift", "1.24.0")).toEqual([
    "CIS Red Hat OpenShift Benchmark 1.4 1.2.24",
    attack,
  ]);
  expect(ids("kubelet-address-deny", "kubeadm", "1.29.0")).toEqual(["CIS Kubernetes Benchmark 1.11 4.2.15", attack]);
  expect(ids("kubelet-address-deny", "rke2", "1.29.0")).toEqual([attack]);
});

test("docs/checks-kubernetes.md says which benchmark is taken from which version on", () => {
  const text = readFileSync(new URL("../../../docs/checks-kubernetes.md", import.meta.url), "utf8");
  const flavours: Readonly<Record<string, KubernetesFlavour>> = {
    ...{ "kubeadm and all others": "kubeadm", k3s: "k3s", RKE2: "rke2", EKS: "eks", AKS: "aks", GKE: "gke" },
    OpenShift: "openshift",
  };
  const rows = [...text.matchAll(/^\| ([A-Za-z0-9 ]+?) +\| ((?:CIS|K3s|RKE2) [A-Za-z -]+?) +\| (.+?) +\|$/gm)];
  expect(rows.map(([, name]) => name)).toEqual(Object.keys(flavours));
  for (const [, name = "", framework, steps = ""] of rows) {
    const listed = [...steps.matchAll(/([\d.]+) from 1\.(\d+)/g)];
    expect(listed.length).toBeGreaterThan(1);
    for (const [, version, minor] of listed) {
      const chosen = chooseBenchmark(flavours[name] ?? "unknown", `1.${minor}.0`);
      expect([name, minor, chosen?.framework, chosen?.version]).toEqual([name, minor, framework, version]);
    }
    const [, , first = ""] = listed[0] ?? [];
    expect(chooseBenchmark(flavours[name] ?? "unknown", `1.${Number(first) - 1}.0`)).toBeUndefined();
  }
});

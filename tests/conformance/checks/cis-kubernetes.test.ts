import { expect, test } from "vitest";
import { chooseBenchmark } from "../../../src/checks/kubernetes/choose-benchmark.ts";
import { kubernetesClusterChecks, kubernetesNodeChecks } from "../../../src/checks/kubernetes/kubernetes-checks.ts";
import { readDocument } from "../../../src/io/documents/read-document.ts";
import { objectsIn, textIn } from "../../../src/model/objects/json-members.ts";
import { isJsonObject } from "../../../src/model/objects/json-object.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface Control {
  readonly id: string;
  readonly subject_key: string;
  readonly assessment: "automated" | "manual";
}

interface Benchmark {
  readonly benchmark: string;
  readonly version: string;
  readonly controls: readonly Control[];
}

/** Recommendations that no check of ours looks at, with the reason. */
const withoutCheck: Readonly<Record<string, string>> = {};

describeWithCorpus("ids of the CIS Kubernetes Benchmark", () => {
  const { benchmarks } = corpusJson<{ benchmarks: Benchmark[] }>("hardening", "cis-ids", "cis-ids.json");
  const kubernetes = benchmarks.filter(({ benchmark }) => benchmark === "cis-kubernetes");
  const checks = [...kubernetesNodeChecks, ...kubernetesClusterChecks];
  const mapped = checks.flatMap(({ id, mappings }) =>
    mappings.flatMap((mapping) =>
      mapping.framework === "CIS Kubernetes Benchmark" ? [{ check: id, key: `${mapping.version} ${mapping.id}` }] : [],
    ),
  );
  const controls = kubernetes.flatMap(({ version, controls: all }) =>
    all.map((control) => ({ ...control, key: `${version} ${control.id}` })),
  );

  test("654 ids of five versions, each looked at by one check of ours", () => {
    expect(controls).toHaveLength(654);
    const known = new Set(mapped.map(({ key }) => key));
    const missing = controls.filter(
      ({ key, subject_key: subject }) => !known.has(key) && !Object.hasOwn(withoutCheck, subject),
    );
    expect(missing.map(({ key, subject_key: subject }) => `${key} ${subject}`)).toEqual([]);
    expect(mapped).toHaveLength(new Set(mapped.map(({ key }) => key)).size);
  });

  test("no id of ours is one that the benchmark does not have", () => {
    const known = new Set(controls.map(({ key }) => key));
    expect(mapped.filter(({ key }) => !known.has(key))).toEqual([]);
  });

  test("one subject is one check in all versions, and one check one subject", () => {
    const subjects = new Map(controls.map(({ key, subject_key: subject }) => [key, subject]));
    const subjectsOf = new Map<string, Set<string | undefined>>();
    for (const { check, key } of mapped) {
      subjectsOf.set(check, (subjectsOf.get(check) ?? new Set()).add(subjects.get(key)));
    }
    expect([...subjectsOf].filter(([, all]) => all.size !== 1)).toEqual([]);
    const all = [...subjectsOf.values()].flatMap((set) => [...set]);
    expect(all).toHaveLength(new Set(all).size);
  });

  test("ids of checks are unique, and every check has words of its own", () => {
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    for (const { id, why, remediation } of checks) {
      expect([id, why.endsWith(".") && remediation.endsWith(".")]).toEqual([id, true]);
    }
  });

  test("50 ids of the benchmark of EKS 1.8.0 are each looked at by one check of ours, and no others are ours", () => {
    const files = ["controlplane", "node", "policies", "managedservices"].map((target) =>
      corpusBytes("hardening", "kube-bench", "cfg", "eks-1.8.0", `${target}.yaml`).toString("utf8"),
    );
    const theirs = files.flatMap((text) => {
      const document = readDocument(text);
      const file = "value" in document && isJsonObject(document.value) ? document.value : {};
      return objectsIn(file, "groups").flatMap((group) =>
        objectsIn(group, "checks").map((check) => textIn(check, "id") || String(check["id"])),
      );
    });
    const ours = checks.flatMap(({ mappings }) =>
      mappings.flatMap(({ framework, version, id }) =>
        framework === "CIS Amazon EKS Benchmark" && version === "1.8.0" ? [id] : [],
      ),
    );
    expect(theirs).toHaveLength(50);
    expect([...ours].sort()).toEqual([...theirs].sort());
  });

  test("every version from 1.26 on leads to the benchmark to which kube-bench maps it", () => {
    const { version_mapping: mapping } = corpusJson<{ version_mapping: Readonly<Record<string, string>> }>(
      ...["hardening", "kube-bench", "version-mapping.json"],
    );
    const plain = Object.entries(mapping).filter(([version]) => /^1\.(?:2[6-9]|[3-9]\d)$/.test(version));
    expect(plain).toHaveLength(9);
    for (const [version, benchmark] of plain) {
      expect([version, `cis-${chooseBenchmark("kubeadm", version)?.version}`]).toEqual([version, benchmark]);
    }
  });
});

import { expect, test } from "vitest";
import type { Observation } from "../../src/checks/check.ts";
import { policiesFrom, policyChecks } from "../../src/checks/expressions/policies/policy-checks.ts";
import { type ManifestResource, resourceTitle } from "../../src/checks/manifests/manifest-resource.ts";
import { readManifests } from "../../src/checks/manifests/read-manifests.ts";
import { corpusBytes, describeWithCorpus } from "../setup/corpus.ts";

interface PolicyCase {
  id: string;
  policies: Record<string, string>;
  cli_test?: {
    resources: Record<string, string>;
    results: { policy: string; kind: string; resources: string[]; result: "pass" | "fail" | "skip" }[];
  };
  cluster_test?: { file: string; text: string; expect: "admit" | "reject" }[];
}

const images = "it asks registries for images, which evaluation never does";
const defaults = "an API server fills in fields that the file leaves out";
const users = "who sends the request is not known for a file: a warn";
const updates = "it is about updates: a file is judged as created";

/** Rows of results that differ, by case, with the reason. */
const differentRows: Readonly<Record<string, readonly [count: number, reason: string]>> = {
  "other-vpol/allowed-base-images": [6, images],
  "other-vpol/block-images-with-volumes": [6, images],
  "other-vpol/block-stale-images": [2, images],
  "other-vpol/check-nvidia-gpu": [2, images],
  "other-vpol/limit-configmap-for-sa": [1, users],
};

/** Steps in a cluster that differ, by case, with the reason. */
const differentSteps: Readonly<Record<string, readonly [count: number, reason: string]>> = {
  "other-vpol/allowed-base-images": [7, images],
  "other-vpol/block-cluster-admin-from-ns": [3, users],
  "other-vpol/block-images-with-volumes": [4, images],
  "other-vpol/block-large-images": [4, images],
  "other-vpol/block-stale-images": [5, images],
  "other-vpol/check-nvidia-gpu": [5, images],
  "other-vpol/check-subjectaccessreview": [6, users],
  "other-vpol/imagepullpolicy-always": [2, defaults],
  "other-vpol/restrict-clusterrole-nodesproxy": [1, defaults],
  "other-vpol/restrict-escalation-verbs-roles": [2, defaults],
  "other-vpol/restrict-pod-controller-serviceaccount-updates": [2, updates],
  "other-vpol/restrict-secret-role-verbs": [2, defaults],
  "other-vpol/restrict-storageclass": [1, defaults],
  "other-vpol/restrict-wildcard-resources": [2, defaults],
  "other-vpol/restrict-wildcard-verbs": [2, defaults],
};

describeWithCorpus("policies of Kyverno in CEL", () => {
  const cases = corpusBytes("hardening/kyverno-vpol/cases.jsonl")
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as PolicyCase);

  test("files are judged as Kyverno's command line judges them", () => {
    const different: Record<string, number> = {};
    let rows = 0;
    for (const one of cases) {
      // Some rows are about files of the test in a cluster, and need what it creates first.
      const steps = (one.cluster_test ?? []).flatMap(({ file, text }) => resourcesOf({ [file]: text }));
      const own = resourcesOf(one.cli_test?.resources ?? {});
      const others = steps.filter((step) => !own.some((resource) => resourceTitle(resource) === resourceTitle(step)));
      const resources = [...own, ...others];
      const checks = policyChecks(policiesFrom([...resourcesOf(one.policies), ...own]));
      for (const row of one.cli_test?.results ?? []) {
        rows++;
        const check = checks.find(({ id }) => id === row.policy);
        const observations = check ? [...check.evaluate({ resources, compose: [] })] : [];
        const agrees = row.resources.every((name) => {
          const titles = resources
            .filter((resource) => resource.kind === row.kind && isNamed(resource, name))
            .map(resourceTitle);
          return stateOf(observations.filter(({ resource = "" }) => titles.includes(resource))) === row.result;
        });
        if (!agrees) different[one.id] = (different[one.id] ?? 0) + 1;
      }
    }
    expect(rows).toBe(371);
    expect(different).toEqual(countsOf(differentRows));
  });

  test("files are admitted and rejected as by a cluster with the policy", () => {
    const different: Record<string, number> = {};
    let steps = 0;
    for (const one of cases) {
      const policies = policiesFrom(resourcesOf(one.policies));
      const admitted: ManifestResource[] = [];
      for (const { file, text, expect: expected } of one.cluster_test ?? []) {
        steps++;
        const resources = resourcesOf({ [file]: text });
        const checks = policyChecks({ ...policies, others: [...policies.others, ...admitted] });
        const state = stateOf(checks.flatMap((check) => [...check.evaluate({ resources, compose: [] })]));
        const decision = state === "pass" || state === "skip" ? "admit" : state === "fail" ? "reject" : state;
        if (decision !== expected) different[one.id] = (different[one.id] ?? 0) + 1;
        if (expected === "admit") admitted.push(...resources);
      }
    }
    expect(steps).toBe(445);
    expect(different).toEqual(countsOf(differentSteps));
  });

  test("all policies compile, but for those that need what evaluation never does", () => {
    const policies = cases.flatMap(({ policies: files }) => policiesFrom(resourcesOf(files)).policies);
    const broken = policies.filter(({ mistakes }) => mistakes.length > 0).map(({ name }) => name);
    expect(cases).toHaveLength(118);
    expect(policies).toHaveLength(118);
    // They ask registries for images, or an API server for what users may do.
    expect(broken.sort()).toEqual([
      "allowed-base-images",
      "block-images-with-volumes",
      "block-large-images",
      "block-stale-images",
      "check-nvidia-gpus",
      "check-subjectaccessreview",
    ]);
  });
});

function countsOf(list: Readonly<Record<string, readonly [count: number, reason: string]>>): Record<string, number> {
  return Object.fromEntries(Object.entries(list).map(([id, [count]]) => [id, count]));
}

function isNamed({ name, namespace }: ManifestResource, wanted: string): boolean {
  return wanted === name || wanted === `${namespace === "" ? "default" : namespace}/${name}`;
}

function stateOf(observations: readonly Observation[]): string {
  const states = new Set(observations.map(({ state }) => state));
  return ["fail", "warn", "pass"].find((state) => states.has(state as Observation["state"])) ?? "skip";
}

function resourcesOf(files: Readonly<Record<string, string>>): readonly ManifestResource[] {
  return Object.entries(files).flatMap(([path, text]) => readManifests(text, { path, problem: () => {} }).resources);
}

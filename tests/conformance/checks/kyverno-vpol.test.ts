import { expect, test } from "vitest";
import type { Observation } from "../../../src/checks/check.ts";
import { policiesFrom, policyChecks } from "../../../src/checks/expressions/policies/policy-checks.ts";
import { type ManifestResource, resourceTitle } from "../../../src/checks/manifests/manifest-resource.ts";
import { readManifests } from "../../../src/checks/manifests/reading/read-manifests.ts";
import { corpusBytes, describeWithCorpus } from "../../setup/corpus.ts";

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

/** What differs, by case. */
type Differences = Readonly<Record<string, { readonly reason: string; readonly ids: readonly string[] }>>;

/** Rows of results that differ, as policy, kind, resources and result, with the reason. */
const differentRows: Differences = {
  "other-vpol/allowed-base-images": {
    reason: images,
    ids: [
      "allowed-base-images Pod badpod01,badpod02,badpod03 fail",
      "allowed-base-images Pod goodpod01,goodpod02 pass",
      "allowed-base-images Deployment baddeployment01 fail",
      "allowed-base-images Deployment gooddeployment01 pass",
      "allowed-base-images CronJob badcronjob01 fail",
      "allowed-base-images CronJob goodcronjob01 pass",
    ],
  },
  "other-vpol/block-images-with-volumes": {
    reason: images,
    ids: [
      "block-images-with-volumes Pod badpod01,badpod02,badpod03 fail",
      "block-images-with-volumes Pod goodpod01,goodpod02 pass",
      "block-images-with-volumes Deployment baddeployment01 fail",
      "block-images-with-volumes Deployment gooddeployment01 pass",
      "block-images-with-volumes CronJob badcronjob01 fail",
      "block-images-with-volumes CronJob goodcronjob01 pass",
    ],
  },
  "other-vpol/block-stale-images": {
    reason: images,
    ids: ["block-stale-images Pod redis-bad fail", "block-stale-images Pod redis-good pass"],
  },
  "other-vpol/check-nvidia-gpu": {
    reason: images,
    ids: ["check-nvidia-gpus Pod badpod01 fail", "check-nvidia-gpus Pod goodpod01,goodpod02,goodpod03 pass"],
  },
  "other-vpol/limit-configmap-for-sa": {
    reason: users,
    ids: ["limit-configmap-for-sa ConfigMap any-configmap-name-good fail"],
  },
};

/** Steps in a cluster that differ, as file and expected decision, with the reason. */
const differentSteps: Differences = {
  "other-vpol/allowed-base-images": {
    reason: images,
    ids: [
      "permissions.yaml admit",
      "chainsaw-step-02-apply-1.yaml admit",
      "chainsaw-step-02-apply-2.yaml admit",
      "pod-good.yaml admit",
      "podcontroller-good.yaml admit",
      "pod-bad.yaml reject",
      "podcontroller-bad.yaml reject",
    ],
  },
  "other-vpol/block-cluster-admin-from-ns": {
    reason: users,
    ids: ["permissions.yaml admit", "chainsaw-step-03-apply-1.yaml admit", "good-pod-not-admin.yaml admit"],
  },
  "other-vpol/block-images-with-volumes": {
    reason: images,
    ids: [
      "pods-good.yaml admit",
      "pods-bad.yaml reject",
      "podcontrollers-good.yaml admit",
      "podcontrollers-bad.yaml reject",
    ],
  },
  "other-vpol/block-large-images": {
    reason: images,
    ids: [
      "pods-good.yaml admit",
      "pods-bad.yaml reject",
      "podcontrollers-good.yaml admit",
      "podcontrollers-bad.yaml reject",
    ],
  },
  "other-vpol/block-stale-images": {
    reason: images,
    ids: [
      "ns.yaml admit",
      "pods-good.yaml admit",
      "pods-bad.yaml reject",
      "podcontrollers-good.yaml admit",
      "podcontrollers-bad.yaml reject",
    ],
  },
  "other-vpol/check-nvidia-gpu": {
    reason: images,
    ids: [
      "ns.yaml admit",
      "pods-good.yaml admit",
      "pods-bad.yaml reject",
      "podcontrollers-good.yaml admit",
      "podcontrollers-bad.yaml reject",
    ],
  },
  "other-vpol/check-subjectaccessreview": {
    reason: users,
    ids: [
      "ns.yaml admit",
      "chainsaw-step-03-apply-1.yaml admit",
      "chainsaw-step-03-apply-2.yaml admit",
      "chainsaw-step-03-apply-3.yaml admit",
      "chainsaw-step-03-apply-4.yaml admit",
      "chainsaw-step-03-apply-5.yaml admit",
    ],
  },
  "other-vpol/imagepullpolicy-always": {
    reason: defaults,
    ids: ["pod-good.yaml admit", "podcontroller-good.yaml admit"],
  },
  "other-vpol/restrict-clusterrole-nodesproxy": { reason: defaults, ids: ["cr-good.yaml admit"] },
  "other-vpol/restrict-escalation-verbs-roles": {
    reason: defaults,
    ids: ["cr-good.yaml admit", "role-good.yaml admit"],
  },
  "other-vpol/restrict-pod-controller-serviceaccount-updates": {
    reason: updates,
    ids: ["cronjob-bad-update.yaml reject", "deploy-bad-update.yaml reject"],
  },
  "other-vpol/restrict-secret-role-verbs": { reason: defaults, ids: ["cr-good.yaml admit", "role-good.yaml admit"] },
  "other-vpol/restrict-storageclass": { reason: defaults, ids: ["sc-good.yaml admit"] },
  "other-vpol/restrict-wildcard-resources": { reason: defaults, ids: ["cr-good.yaml admit", "role-good.yaml admit"] },
  "other-vpol/restrict-wildcard-verbs": { reason: defaults, ids: ["cr-good.yaml admit", "role-good.yaml admit"] },
};

describeWithCorpus("policies of Kyverno in CEL", () => {
  const cases = corpusBytes("hardening/kyverno-vpol/cases.jsonl")
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as PolicyCase);

  test("files are judged as Kyverno's command line judges them", () => {
    const different: Record<string, string[]> = {};
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
        if (!agrees) addTo(different, one.id, `${row.policy} ${row.kind} ${row.resources.join(",")} ${row.result}`);
      }
    }
    expect(rows).toBe(371);
    expect(different).toEqual(idsOf(differentRows));
  });

  test("files are admitted and rejected as by a cluster with the policy", () => {
    const different: Record<string, string[]> = {};
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
        if (decision !== expected) addTo(different, one.id, `${file} ${expected}`);
        if (expected === "admit") admitted.push(...resources);
      }
    }
    expect(steps).toBe(445);
    expect(different).toEqual(idsOf(differentSteps));
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

function addTo(lists: Record<string, string[]>, key: string, item: string): void {
  const list = lists[key];
  if (list) list.push(item);
  else lists[key] = [item];
}

function idsOf(list: Differences): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(list).map(([id, { ids }]) => [id, ids]));
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

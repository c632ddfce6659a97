import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { Observation } from "../../../src/checks/check.ts";
import { namespaceChecks as clusterNamespaceChecks } from "../../../src/checks/kubernetes/namespace-checks.ts";
import { type ManifestResource, manifestResource } from "../../../src/checks/manifests/manifest-resource.ts";
import { namespaceChecks as manifestNamespaceChecks } from "../../../src/checks/manifests/namespaces/namespace-checks.ts";
import { podTemplate } from "../../../src/checks/manifests/pods/pod-template.ts";
import { podSecurityChecks } from "../../../src/checks/pod-security/pod-security-checks.ts";
import type { PodSecurityPolicy } from "../../../src/checks/pod-security/pod-security-policy.ts";
import { newestPodSecurityVersion, podSecurityRules } from "../../../src/checks/pod-security/pod-security-rules.ts";
import type { JsonObject } from "../../../src/model/objects/json-object.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { clusterFacts } from "../../setup/kubernetes-facts.ts";
import { type NamespacePolicies, namespacePolicies } from "../../setup/namespace-policies.ts";

interface Evaluated {
  from: string;
  to: string;
  allowed: boolean;
  reasons?: string[];
  details?: string[];
}

interface Fixture {
  file: string;
  level: string;
  verdict: string;
  listed_as: { level: "baseline" | "restricted"; verdict: "pass" | "fail"; versions: string[] }[];
  evaluated: Record<"baseline" | "restricted", Evaluated[]>;
}

interface MessageCase {
  id: string;
  check_fn: string;
  pod: JsonObject;
  allowed: boolean;
  reason: string;
  detail: string;
}

interface NamespaceCase {
  id: string;
  kind: "namespace";
  labels: JsonObject;
  old_labels: JsonObject | null;
  expect: { allowed: boolean; message: string | null };
}

interface WorkloadCase {
  id: string;
  kind: "workload";
  namespace: string;
  username: string;
  operation: string;
  subresource: string;
  gvk: { Kind: string };
  object: JsonObject;
  old_object: JsonObject | null;
  object_decode_error: boolean;
  old_object_decode_error: boolean;
  expect: {
    allowed: boolean;
    status: { message: string } | null;
    warnings: string[];
    audit_annotations: Record<string, string>;
  };
}

const set = ["hardening", "psa"];

describeWithCorpus("Pod Security Standards", () => {
  test("every fixture has the verdict, reasons and details of Kubernetes at both levels in every version", () => {
    const fixtures = rows<Fixture>("index.jsonl");
    let evaluations = 0;
    const wrong: string[] = [];
    for (const { file, evaluated } of fixtures) {
      const pod = manifestResource(parse(readFileSync(corpusPath(...set, file), "utf8")) as JsonObject);
      if (!pod.pod) throw new Error(`${file} has no pod`);
      for (const level of ["baseline", "restricted"] as const) {
        for (const { from, to, allowed, reasons = [], details = [] } of evaluated[level]) {
          for (let version = minor(from); version <= minor(to); version++) {
            const failures = failuresOf(pod, { level, version });
            evaluations++;
            const expected = reasons.map((reason, index) => violationText(reason, details[index] ?? ""));
            const isSame = JSON.stringify(failures) === JSON.stringify(expected);
            if (!isSame || (failures.length === 0) !== allowed) {
              wrong.push(`${file} ${level}@1.${version}: ${JSON.stringify(failures)}`);
            }
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(fixtures.length).toBe(262);
    expect(evaluations).toBe(262 * 2 * (newestPodSecurityVersion + 1));
  });

  test("every listed verdict holds, for every level and version that it is listed for", () => {
    let listed = 0;
    const wrong: string[] = [];
    for (const { file, listed_as } of rows<Fixture>("index.jsonl")) {
      const pod = manifestResource(parse(readFileSync(corpusPath(...set, file), "utf8")) as JsonObject);
      if (!pod.pod) throw new Error(`${file} has no pod`);
      for (const { level, verdict, versions } of listed_as) {
        for (const version of versions) {
          listed++;
          const isAllowed = failuresOf(pod, { level, version: minor(version) }).length === 0;
          if (isAllowed !== (verdict === "pass")) wrong.push(`${file} ${level}@${version}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(listed).toBeGreaterThan(3000);
  });

  test("every check function of Kubernetes has one of ours with the same words", () => {
    const cases = rows<MessageCase>("check-messages.jsonl");
    const wrong = cases.filter(({ check_fn, pod, reason, detail, allowed }) => {
      const { id, version, level } = ruleOf(check_fn);
      const rule = podSecurityRules({ level, version }).find((one) => one.id === id);
      if (!rule) return true;
      const violation = rule.rule(podTemplate(pod, []));
      return allowed ? violation !== undefined : violation?.reason !== reason || violation.detail !== detail;
    });
    expect(wrong.map(({ id }) => id)).toEqual([]);
    expect(cases.length).toBe(72);
  });

  // The checks look at the label that enforces alone: versions, what is audited and warned about, and what the API
  // server itself enforces where a namespace has no label, are not theirs.
  test("a namespace passes the checks of its label when the API server would refuse pods by a standard because of it", () => {
    const cases = rows<NamespaceCase>("admission-cases.jsonl").filter(({ kind }) => kind === "namespace");
    const counts = { refused: 0, privileged: 0, baseline: 0, restricted: 0 };
    for (const { id, labels, old_labels, expect: expected } of cases) {
      for (const one of [labels, ...(old_labels ? [old_labels] : [])]) {
        const { policies, errors } = namespacePolicies(one, privileged);
        const isUnreadable = errors.some(({ label }) => label === enforceLabel);
        if (isUnreadable && one === labels && !expected.allowed) expect(expected.message, id).toContain(enforceLabel);
        const level = isUnreadable ? "refused" : policies.enforce.level;
        counts[level]++;
        const isStandard = level === "baseline" || level === "restricted";
        expect(namespaceStates(one), id).toEqual({
          "manifests/pod-security-label": isStandard ? "pass" : "fail",
          "manifests/pod-security-label-restricted": level === "restricted" ? "pass" : "fail",
          "kubernetes/admission-pod-policy": isStandard ? "pass" : "fail",
        });
      }
    }
    expect(cases.length).toBe(20);
    expect(counts).toEqual({ refused: 3, privileged: 6, baseline: 11, restricted: 16 });
  });

  test("pods and their controllers are refused, warned about and noted as by an API server", () => {
    const cases = rows<WorkloadCase>("admission-cases.jsonl").filter(({ kind }) => kind === "workload");
    const env = corpusJson<{ namespaces: Record<string, JsonObject> }>(...set, "admission-env.json");
    const about = cases.filter(isAboutEvaluation);
    for (const one of about) {
      const { status, warnings, audit_annotations } = one.expect;
      expect(judge(one, env.namespaces[one.namespace] ?? {}), one.id).toEqual({
        message: status?.message ?? null,
        warnings,
        annotations: audit_annotations,
      });
    }
    expect(cases.length).toBe(26);
    expect(about.length).toBe(12);
  });
});

const enforceLabel = "pod-security.kubernetes.io/enforce";

/** What the checks of a label say of a namespace that has these, by check: of its manifest, and in a cluster. */
function namespaceStates(labels: JsonObject): Record<string, string> {
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: "test", labels } };
  const cluster = clusterFacts({ namespaces: [object] });
  return Object.fromEntries([
    ...manifestNamespaceChecks
      .filter(({ id }) => id.startsWith("manifests/pod-security-label"))
      .map((check) => [check.id, worst(check.evaluate({ resources: [manifestResource(object)], compose: [] }))]),
    ...clusterNamespaceChecks
      .filter(({ id }) => id === "kubernetes/admission-pod-policy")
      .map((check) => [check.id, worst(check.evaluate(cluster))]),
  ]);
}

/** A check of a manifest that found nothing says nothing. */
function worst(observations: Iterable<Observation>): string {
  return [...observations].find(({ state }) => state !== "pass")?.state ?? "pass";
}

const latest = { version: "latest" } as const;
const privileged: NamespacePolicies = {
  enforce: { level: "privileged", ...latest },
  audit: { level: "privileged", ...latest },
  warn: { level: "privileged", ...latest },
};

// Exemptions, sub-resources and objects that cannot be decoded are decided before anybody looks at a pod.
function isAboutEvaluation(one: WorkloadCase): boolean {
  const isExempt = one.expect.audit_annotations["exempt"] !== undefined;
  const isBroken = one.object_decode_error || one.old_object_decode_error;
  const isPlace = one.namespace !== "missing-ns" && one.subresource === "";
  return !isExempt && !isBroken && isPlace && one.operation === "CREATE";
}

function judge(one: WorkloadCase, labels: JsonObject): unknown {
  const { policies, errors } = namespacePolicies(labels, privileged);
  const isPod = one.gvk.Kind === "Pod";
  const violations = (policy: PodSecurityPolicy): string => {
    const failures = failuresOf(manifestResource({ kind: one.gvk.Kind, ...one.object }), policy);
    return failures.length === 0 ? "" : `"${policyText(policy)}": ${failures.join(", ")}`;
  };
  const enforced = isPod ? violations(policies.enforce) : "";
  const audited = violations(policies.audit);
  const warned = enforced === "" ? violations(policies.warn) : "";
  return {
    message: enforced === "" ? null : `pods "test-pod" is forbidden: violates PodSecurity ${enforced}`,
    warnings: warned === "" ? [] : [`would violate PodSecurity ${warned}`],
    annotations: {
      ...(audited === "" ? {} : { "audit-violations": `would violate PodSecurity ${audited}` }),
      ...(isPod ? { "enforce-policy": policyText(policies.enforce) } : {}),
      ...(errors.length === 0 ? {} : { error: `Failed to parse policy: ${errors.map(errorText).join(", ")}` }),
    },
  };
}

/** What the checks of a policy say of a pod, in the order in which an API server tells it; none when it keeps to it. */
function failuresOf(resource: ManifestResource, policy: PodSecurityPolicy): string[] {
  return podSecurityChecks(policy)
    .flatMap((check) => [...check.evaluate({ resources: [resource], compose: [] })])
    .flatMap(({ state, reason }) => (state === "pass" ? [] : [reason ?? ""]));
}

function violationText(reason: string, detail: string): string {
  return detail === "" ? reason : `${reason} (${detail})`;
}

/** As an API server prints it: `restricted:v1.29`, `baseline:latest`. */
function policyText({ level, version }: PodSecurityPolicy): string {
  return `${level}:${version === "latest" ? version : `v1.${version}`}`;
}

function errorText({ label, value, message }: { label: string; value: string; message: string }): string {
  return `metadata.labels[${label}]: Invalid value: ${JSON.stringify(value)}: ${message}`;
}

function minor(version: string): number {
  return Number(version.slice("1.".length));
}

/** `seccompProfileBaseline_1_19`, `runAsUser1_35`, `sysctlsV1Dot29`, `procMount1_35baseline` */
function ruleOf(name: string): { id: string; version: number; level: "baseline" | "restricted" } {
  const { base = "", version = "" } = /^(?<base>[A-Za-z]+?)_?V?1(?:_|Dot)(?<version>\d+)/.exec(name)?.groups ?? {};
  const ids: Record<string, string> = {
    capabilitiesBaseline: "capabilities_baseline",
    capabilitiesRestricted: "capabilities_restricted",
    seccompProfileBaseline: "seccompProfile_baseline",
    seccompProfileRestricted: "seccompProfile_restricted",
  };
  const id = ids[base] ?? base;
  const isBaseline = podSecurityRules({ level: "baseline", version: Number(version) }).some((rule) => rule.id === id);
  return { id, version: Number(version), level: isBaseline ? "baseline" : "restricted" };
}

function rows<Row>(file: string): Row[] {
  return corpusBytes(...set, file)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);
}

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { podTemplate, podTemplateOf } from "../../src/checks/manifests/pod-template.ts";
import { type NamespacePolicies, namespacePolicies } from "../../src/checks/pod-security/namespace-policy.ts";
import {
  evaluatePodSecurity,
  type PodSecurityPolicy,
  podSecurityMessage,
  podSecurityPolicyText,
} from "../../src/checks/pod-security/pod-security-policy.ts";
import { newestPodSecurityVersion, podSecurityRules } from "../../src/checks/pod-security/pod-security-rules.ts";
import type { JsonObject } from "../../src/model/json-object.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../setup/corpus.ts";

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
      const pod = podTemplateOf(parse(readFileSync(corpusPath(...set, file), "utf8")) as JsonObject);
      if (!pod) throw new Error(`${file} has no pod`);
      for (const level of ["baseline", "restricted"] as const) {
        for (const { from, to, allowed, reasons = [], details = [] } of evaluated[level]) {
          for (let version = minor(from); version <= minor(to); version++) {
            const failures = evaluatePodSecurity(pod, { level, version });
            evaluations++;
            const seen = { reasons: failures.map((one) => one.reason), details: failures.map((one) => one.detail) };
            const isSame = JSON.stringify(seen) === JSON.stringify({ reasons, details });
            if (!isSame || (failures.length === 0) !== allowed) {
              wrong.push(`${file} ${level}@1.${version}: ${JSON.stringify(seen)}`);
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
      const pod = podTemplateOf(parse(readFileSync(corpusPath(...set, file), "utf8")) as JsonObject);
      if (!pod) throw new Error(`${file} has no pod`);
      for (const { level, verdict, versions } of listed_as) {
        for (const version of versions) {
          listed++;
          const isAllowed = evaluatePodSecurity(pod, { level, version: minor(version) }).length === 0;
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

  test("labels of namespaces are accepted and refused as by an API server", () => {
    const cases = rows<NamespaceCase>("admission-cases.jsonl").filter(({ kind }) => kind === "namespace");
    const wrong = cases.filter(({ labels, old_labels, expect: { allowed, message } }) => {
      const { errors } = namespacePolicies(labels, privileged);
      const before = old_labels ? namespacePolicies(old_labels, privileged).errors : [];
      const isRefused = errors.length > 0 && JSON.stringify(errors) !== JSON.stringify(before);
      const text = errors.map(errorText).join(", ");
      return isRefused === allowed || (message !== null && message !== `Namespace "test" is invalid: ${text}`);
    });
    expect(wrong.map(({ id }) => id)).toEqual([]);
    expect(cases.length).toBe(20);
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
    const pod = podTemplateOf({ kind: one.gvk.Kind, ...one.object });
    const failures = pod ? evaluatePodSecurity(pod, policy) : [];
    return failures.length === 0 ? "" : `"${podSecurityPolicyText(policy)}": ${podSecurityMessage(failures)}`;
  };
  const enforced = isPod ? violations(policies.enforce) : "";
  const audited = violations(policies.audit);
  const warned = enforced === "" ? violations(policies.warn) : "";
  return {
    message: enforced === "" ? null : `pods "test-pod" is forbidden: violates PodSecurity ${enforced}`,
    warnings: warned === "" ? [] : [`would violate PodSecurity ${warned}`],
    annotations: {
      ...(audited === "" ? {} : { "audit-violations": `would violate PodSecurity ${audited}` }),
      ...(isPod ? { "enforce-policy": podSecurityPolicyText(policies.enforce) } : {}),
      ...(errors.length === 0 ? {} : { error: `Failed to parse policy: ${errors.map(errorText).join(", ")}` }),
    },
  };
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

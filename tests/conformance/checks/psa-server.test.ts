import { expect, test } from "vitest";
import { manifestResource } from "../../../src/checks/manifests/manifest-resource.ts";
import { podSecurityChecks } from "../../../src/checks/pod-security/pod-security-checks.ts";
import type { PodSecurityPolicy } from "../../../src/checks/pod-security/pod-security-policy.ts";
import type { JsonObject } from "../../../src/model/objects/json-object.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { corpusRows } from "../../setup/manifest-cases.ts";
import { type NamespacePolicies, namespacePolicies } from "../../setup/namespace-policies.ts";

interface Row {
  readonly namespace: string;
  readonly variant: string;
  readonly kind: "pod" | "deployment";
  readonly spec: JsonObject;
  readonly http_status: number;
  readonly message: string | null;
  readonly warnings: readonly string[];
  readonly audit_annotations: Readonly<Record<string, string>>;
}

const prefix = "pod-security.kubernetes.io/";
const open: PodSecurityPolicy = { level: "privileged", version: "latest" };
const defaults: NamespacePolicies = { enforce: open, audit: open, warn: open };

/** Rows that never reached Pod Security: the API server was started with `--allow-privileged=false`. */
const refusedByAnotherPolicy: readonly string[] = [
  "pss-audit/privileged/deployment",
  "pss-audit/privileged/pod",
  "pss-mix/privileged/deployment",
  "pss-mix/privileged/pod",
  "pss-none/privileged/deployment",
  "pss-none/privileged/pod",
  "pss-old/privileged/deployment",
  "pss-old/privileged/pod",
  "pss-restr/privileged/deployment",
  "pss-restr/privileged/pod",
  "pss-warn/privileged/deployment",
  "pss-warn/privileged/pod",
];

describeWithCorpus("pods and deployments that an API server of Kubernetes 1.34 was sent", () => {
  const rows = corpusRows<Row>("hardening", "admission", "pod-security-real.jsonl");
  const namespaces = corpusJson<Readonly<Record<string, { readonly labels: JsonObject }>>>(
    "hardening",
    "admission",
    "pod-security-namespaces.json",
  );
  const refused = rows.filter(({ message }) => message?.includes("disallowed by cluster policy"));
  const judged = rows.filter((row) => !refused.includes(row));

  test("they are refused, warned about and noted alike", () => {
    for (const row of judged) {
      const { message, warnings, audit_annotations } = row;
      expect(judge(row, namespaces[row.namespace]?.labels ?? {}), idOf(row)).toEqual({
        refused: message?.replace(/^.* is forbidden: /, "") ?? null,
        // A warning of HTTP: a code, an agent and a quoted text.
        warnings: warnings.map((text) => JSON.parse(text.replace(/^299 - /, "")) as string),
        annotations: audit_annotations,
      });
    }
    expect(rows).toHaveLength(104);
    expect(judged).toHaveLength(92);
  });

  test("rows that another policy refused are known", () => {
    expect(refused.map(idOf).sort()).toEqual(refusedByAnotherPolicy);
  });
});

function judge({ kind, spec }: Row, labels: JsonObject): unknown {
  const { policies } = namespacePolicies(labels, defaults);
  const object = kind === "pod" ? { kind: "Pod", spec } : { kind: "Deployment", spec: { template: { spec } } };
  const violations = (policy: PodSecurityPolicy): string | undefined => {
    const reasons = podSecurityChecks(policy)
      .flatMap((check) => [...check.evaluate({ resources: [manifestResource(object)], compose: [] })])
      .flatMap(({ state, reason = "" }) => (state === "pass" ? [] : [reason]));
    return reasons.length === 0 ? undefined : `PodSecurity "${policyText(policy)}": ${reasons.join(", ")}`;
  };
  const enforced = kind === "pod" ? violations(policies.enforce) : undefined;
  const warned = enforced === undefined ? violations(policies.warn) : undefined;
  const audited = violations(policies.audit);
  return {
    refused: enforced === undefined ? null : `violates ${enforced}`,
    warnings: warned === undefined ? [] : [`would violate ${warned}`],
    annotations: {
      ...(audited === undefined ? {} : { [`${prefix}audit-violations`]: `would violate ${audited}` }),
      ...(kind === "pod" ? { [`${prefix}enforce-policy`]: policyText(policies.enforce) } : {}),
    },
  };
}

function policyText({ level, version }: PodSecurityPolicy): string {
  return `${level}:${version === "latest" ? version : `v1.${version}`}`;
}

function idOf({ namespace, variant, kind }: Row): string {
  return `${namespace}/${variant}/${kind}`;
}

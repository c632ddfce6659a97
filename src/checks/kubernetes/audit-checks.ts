import type { KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import { textsIn } from "../../model/objects/json-members.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { Check } from "../check.ts";
import { componentOf, documentOf } from "./find-setting.ts";
import { auditOn } from "./remediations-of-makers.ts";
import { requiredSettings } from "./required-settings.ts";
import { nodeCheck } from "./setting-check.ts";

/** Requests that an audit log must at least name. */
const sensitive: readonly { readonly group: string; readonly resource: string; readonly verb: string }[] = [
  { group: "", resource: "secrets", verb: "get" },
  { group: "", resource: "configmaps", verb: "get" },
  { group: "authentication.k8s.io", resource: "tokenreviews", verb: "create" },
  { group: "", resource: "pods", verb: "create" },
  { group: "apps", resource: "deployments", verb: "update" },
  { group: "", resource: "pods/exec", verb: "create" },
  { group: "", resource: "pods/portforward", verb: "create" },
  { group: "", resource: "pods/proxy", verb: "create" },
  { group: "", resource: "services/proxy", verb: "create" },
  { group: "rbac.authorization.k8s.io", resource: "clusterrolebindings", verb: "create" },
];

/** Checks of the audit policy of the API server. */
export const auditChecks: readonly Check<KubernetesNodeFacts>[] = [
  requiredSettings("kube-apiserver", [{ flag: "audit-policy-file" }], {
    name: "audit-policy",
    title: { pass: "API server has an audit policy", fail: "API server has no audit policy" },
    severity: "medium",
    why: "Without a policy, the API server logs no requests.",
    remediation: "Write an audit policy, and set --audit-policy-file to its path.",
    remediationOn: {
      ...auditOn,
      rke2: "Write an audit policy to /etc/rancher/rke2/audit-policy.yaml, or set audit-policy-file to another path in /etc/rancher/rke2/config.yaml. Then restart RKE2.",
    },
  }),
  nodeCheck(
    {
      name: "audit-policy-coverage",
      title: {
        pass: "Audit policy covers secrets, tokens, sessions and workload changes",
        fail: "Audit policy omits secrets, tokens, sessions or workload changes",
      },
      severity: "low",
      why: "These are typical requests of an attacker, and an investigation needs them.",
      remediation: "Log these requests at level Metadata or above, before any rule that drops them.",
      remediationOn: auditOn,
    },
    (facts) => {
      const component = componentOf(facts, "kube-apiserver");
      if (!component) return [];
      const resource = "kube-apiserver";
      const document = documentOf(component, "audit-policy-file");
      if (!document) return [{ state: "not-applicable", resource, reason: "no audit policy is set", evidence: [] }];
      if ("unavailable" in document) return [{ state: "warn", resource, reason: document.unavailable, evidence: [] }];
      const { rules } = document.value;
      const known = Array.isArray(rules) ? rules.filter(isJsonObject) : [];
      const dropped = sensitive.filter((request) => ["None", undefined].includes(levelOf(known, request)));
      const evidence = dropped.map(({ verb, resource: name }) => ({
        subject: `${verb} ${name}`,
        value: "not logged",
        expected: "Metadata or more",
      }));
      if (dropped.length > 0) return [{ state: "fail", resource, evidence }];
      const subject = `${sensitive.length} kinds of requests`;
      return [{ state: "pass", resource, evidence: [{ subject, value: "logged", expected: "Metadata or more" }] }];
    },
  ),
];

/**
 * The level at which a request of anybody in any namespace is logged: that of the first rule for it. Rules for some
 * users or namespaces only are passed over. Source: Kubernetes, "Auditing", audit policy.
 */
function levelOf(
  rules: readonly JsonObject[],
  request: { readonly group: string; readonly resource: string; readonly verb: string },
): string | undefined {
  const rule = rules.find((one) => {
    const isNarrow =
      ["users", "namespaces", "nonResourceURLs"].some((key) => textsIn(one, key).length > 0) ||
      (textsIn(one, "userGroups").length > 0 && !textsIn(one, "userGroups").includes("system:authenticated"));
    const verbs = textsIn(one, "verbs");
    return !isNarrow && (verbs.length === 0 || verbs.includes(request.verb)) && isAbout(one, request);
  });
  return typeof rule?.["level"] === "string" ? rule["level"] : undefined;
}

function isAbout(rule: JsonObject, request: { readonly group: string; readonly resource: string }): boolean {
  const { resources } = rule;
  if (!Array.isArray(resources) || resources.length === 0) return true;
  const [base = "", sub] = request.resource.split("/");
  return resources.filter(isJsonObject).some((one) => {
    const group = typeof one["group"] === "string" ? one["group"] : "";
    const names = textsIn(one, "resources");
    const hasNames = textsIn(one, "resourceNames").length > 0;
    if (group !== request.group || hasNames) return false;
    const wanted = sub === undefined ? [base, "*"] : [request.resource, `${base}/*`, `*/${sub}`, "*"];
    return names.length === 0 || names.some((name) => wanted.includes(name));
  });
}

import type { Check } from "../../check.ts";
import { cwe, mitre, nsa } from "../../mappings.ts";
import { objectAt, textAt } from "../kustomize/json-path.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import { isBinding, roleRef, subjectsOf } from "../rbac/rbac-grants.ts";
import { podReferences } from "./pod-references.ts";
import { referenceCheck, referenceFailures } from "./reference-check.ts";
import { ReferenceIndex } from "./reference-index.ts";
import { routedServices } from "./routed-services.ts";

// Kubernetes makes them in every namespace, or in every cluster; OpenShift the second one.
const givenConfigMaps: ReadonlySet<string> = new Set(["kube-root-ca.crt", "openshift-service-ca.crt"]);
const givenRoles: ReadonlySet<string> = new Set(["cluster-admin", "admin", "edit", "view"]);

/** Dangling references by name. */
export const referenceChecks: readonly Check<ManifestFacts>[] = [
  referenceCheck(
    {
      id: "manifests/missing-service",
      title: { pass: "Backend service exists", fail: "Backend service does not exist" },
      severity: "medium",
      why: "Requests fail, and a user who can create services in the namespace can intercept them.",
      remediation: "Create the service, or remove the backend.",
      mappings: [cwe("706")],
    },
    (resource, facts) => {
      const services = routedServices(resource);
      return services && referenceFailures(services, facts);
    },
  ),
  referenceCheck(
    {
      id: "manifests/missing-service-account",
      title: { pass: "Service account of the pod exists", fail: "Service account of the pod does not exist" },
      severity: "medium",
      why: "The API server rejects the pod.",
      remediation: "Create the service account, or use one that exists.",
      mappings: [nsa("Authentication and authorization"), cwe("706")],
    },
    ({ pod, namespace }, facts) => {
      if (!pod) return undefined;
      const key = textAt(pod.spec, "serviceAccountName") ? "serviceAccountName" : "serviceAccount";
      const name = textAt(pod.spec, key) || "default";
      if (name === "default") return [];
      return referenceFailures([{ kind: "ServiceAccount", namespace, name, path: [...pod.path, key] }], facts);
    },
  ),
  referenceCheck(
    {
      id: "manifests/missing-config-map",
      title: { pass: "Referenced ConfigMap exists", fail: "Referenced ConfigMap does not exist" },
      severity: "low",
      why: "The pod does not start without the ConfigMap.",
      remediation: "Create the ConfigMap, or mark the reference as optional.",
      mappings: [cwe("706")],
    },
    ({ pod, namespace }, facts) => {
      const references = pod ? podReferences(pod, "ConfigMap") : [];
      const needed = references.filter(({ name }) => !givenConfigMaps.has(name));
      return needed.length === 0
        ? undefined
        : referenceFailures(
            needed.map((reference) => ({ kind: "ConfigMap", namespace, ...reference })),
            facts,
          );
    },
  ),
  referenceCheck(
    {
      id: "manifests/missing-secret",
      title: { pass: "Referenced Secret exists", fail: "Referenced Secret does not exist" },
      severity: "low",
      why: "The pod does not start without the Secret.",
      remediation: "Create the Secret, or mark the reference as optional.",
      mappings: [cwe("706")],
    },
    ({ pod, namespace }, facts) => {
      const references = pod ? podReferences(pod, "Secret") : [];
      // Secrets are commonly created elsewhere: even where the files have some, only a person can tell.
      if (references.length === 0 || !ReferenceIndex.of(facts).defines("Secret", namespace)) return undefined;
      const needed = references.map((reference) => ({ kind: "Secret", namespace, ...reference }));
      return referenceFailures(needed, facts).map((failure) => ({ ...failure, state: "manual" }));
    },
  ),
  referenceCheck(
    {
      id: "manifests/missing-role",
      title: { pass: "Role of the binding exists", fail: "Role of the binding does not exist" },
      severity: "medium",
      why: "A user who can create a role with that name decides what the bound accounts can do.",
      remediation: "Create the role, or remove the binding.",
      mappings: [nsa("Authentication and authorization"), mitre("T1098"), cwe("706")],
    },
    (binding, facts) => {
      if (!isBinding(binding)) return undefined;
      const { kind, name } = roleRef(binding);
      const isClusterScoped = kind === "ClusterRole";
      if (isClusterScoped && (givenRoles.has(name) || name.startsWith("system:"))) return [];
      const namespace = isClusterScoped ? "" : binding.namespace;
      return referenceFailures([{ kind, namespace, name, path: ["roleRef", "name"] }], facts);
    },
  ),
  referenceCheck(
    {
      id: "manifests/missing-subject",
      title: { pass: "Service account of the binding exists", fail: "Service account of the binding does not exist" },
      severity: "medium",
      why: "A user who can create service accounts in the namespace gets the role by creating one with that name.",
      remediation: "Create the service account, or remove it from the binding.",
      mappings: [nsa("Authentication and authorization"), mitre("T1098"), cwe("706")],
    },
    (binding, facts) => {
      if (!isBinding(binding)) return undefined;
      const index = ReferenceIndex.of(facts);
      const accounts = subjectsOf(binding, "").filter(
        ({ kind, namespace, name }) =>
          kind === "ServiceAccount" &&
          name !== "default" &&
          !namespace.startsWith("kube-") &&
          index.hasNamespace(namespace),
      );
      return accounts.length === 0 ? undefined : referenceFailures(accounts, facts);
    },
  ),
  referenceCheck(
    {
      id: "manifests/missing-scale-target",
      title: { pass: "Target of the autoscaler exists", fail: "Target of the autoscaler does not exist" },
      severity: "low",
      why: "The autoscaler has no effect, and the intended workload does not scale.",
      remediation: "Correct spec.scaleTargetRef, or remove the autoscaler.",
      mappings: [cwe("706")],
    },
    ({ kind, namespace, object }, facts) => {
      if (kind !== "HorizontalPodAutoscaler") return undefined;
      const target = objectAt(objectAt(object, "spec"), "scaleTargetRef");
      const reference = { kind: textAt(target, "kind") ?? "", namespace, name: textAt(target, "name") ?? "" };
      return referenceFailures([{ ...reference, path: ["spec", "scaleTargetRef", "name"] }], facts);
    },
  ),
];

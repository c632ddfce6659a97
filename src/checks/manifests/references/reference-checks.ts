import type { Check } from "../../check.ts";
import { cwe, mitre, nsa } from "../../mappings.ts";
import { objectAt, textAt } from "../json-path.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import { isBinding, roleRef, subjectsOf } from "../rbac-grants.ts";
import { podReferences } from "./pod-references.ts";
import { referenceCheck, referenceFailures } from "./reference-check.ts";
import { ReferenceIndex } from "./reference-index.ts";
import { routedServices } from "./routed-services.ts";

// Kubernetes makes them in every namespace, or in every cluster; OpenShift the second one.
const givenConfigMaps: ReadonlySet<string> = new Set(["kube-root-ca.crt", "openshift-service-ca.crt"]);
const givenRoles: ReadonlySet<string> = new Set(["cluster-admin", "admin", "edit", "view"]);

/** References by name that lead nowhere. */
export const referenceChecks: readonly Check<ManifestFacts>[] = [
  referenceCheck(
    {
      id: "manifests/missing-service",
      title: "Ingresses and routes lead to existing services",
      severity: "medium",
      why: "Requests fail, and whoever may create services in the namespace can answer them by creating one of that name.",
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
      title: "Pods run as existing service accounts",
      severity: "medium",
      why: "The API server refuses a pod whose account does not exist.",
      remediation: "Create the service account, or name one that exists.",
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
      title: "Pods use existing config maps",
      severity: "low",
      why: "A pod whose config map does not exist does not start.",
      remediation: "Create the config map, or mark the reference as optional.",
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
      title: "Pods use existing secrets",
      severity: "low",
      why: "A pod whose secret does not exist does not start.",
      remediation: "Create the secret, or mark the reference as optional.",
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
      title: "Role bindings bind existing roles",
      severity: "medium",
      why: "Whoever may create a role of that name gives the bound accounts what it grants.",
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
      title: "Role bindings bind existing service accounts",
      severity: "medium",
      why: "Whoever may create service accounts in the namespace gets the role by creating one of that name.",
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
      title: "Autoscalers scale existing workloads",
      severity: "low",
      why: "Without its target an autoscaler does nothing, and the workload that it was meant for does not grow.",
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

import type { Check } from "../../check.ts";
import { cis, cwe, mitre, nsa } from "../../mappings.ts";
import { isPodSecurityLevel } from "../../pod-security/pod-security-policy.ts";
import { objectAt, textAt } from "../kustomize/json-path.ts";
import { kindCheck, manifestCheck } from "../manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "../manifest-resource.ts";

// What belongs to a namespace, of the kinds that Kubernetes has itself.
const namespacedKinds: ReadonlySet<string> = new Set([
  "ConfigMap",
  "CronJob",
  "DaemonSet",
  "Deployment",
  "EndpointSlice",
  "Endpoints",
  "HorizontalPodAutoscaler",
  "Ingress",
  "Job",
  "Lease",
  "LimitRange",
  "NetworkPolicy",
  "PersistentVolumeClaim",
  "Pod",
  "PodDisruptionBudget",
  "PodTemplate",
  "ReplicaSet",
  "ReplicationController",
  "ResourceQuota",
  "Role",
  "RoleBinding",
  "Secret",
  "Service",
  "ServiceAccount",
  "StatefulSet",
]);
const systemNamespaces: ReadonlySet<string> = new Set(["kube-system", "kube-public", "kube-node-lease"]);
const enforce = "pod-security.kubernetes.io/enforce";

/** How resources are kept apart by namespaces. */
export const namespaceChecks: readonly Check<ManifestFacts>[] = [
  manifestCheck(
    {
      id: "manifests/default-namespace",
      title: { pass: "Resource is not in the default namespace", fail: "Resource is in the default namespace" },
      severity: "low",
      why: "Resources of one namespace share quotas, policies and roles; default collects resources without a plan.",
      remediation: "Set metadata.namespace, or set the namespace when the manifest is applied.",
      mappings: [cis("5.6.4"), cis("5.6.1"), nsa("Network separation"), cwe("653")],
    },
    {
      isAbout: (resource) => namespacedKinds.has(resource.kind),
      examine: (resource) =>
        (resource.namespace === "" || resource.namespace === "default") && !isInEveryCluster(resource)
          ? [
              {
                places: [
                  {
                    path: ["metadata", "namespace"],
                    expected: "a dedicated namespace",
                  },
                ],
              },
            ]
          : [],
    },
  ),
  manifestCheck(
    {
      id: "manifests/system-namespace",
      title: { pass: "Resource is not in a system namespace", fail: "Resource is in a system namespace" },
      severity: "low",
      why: "Workloads in system namespaces are trusted more, and many policies exclude them.",
      remediation: "Use a separate namespace.",
      mappings: [cis("5.6.1"), nsa("Network separation"), cwe("653")],
    },
    {
      isAbout: ({ pod, kind }) => pod !== undefined || kind === "Service" || kind === "ServiceAccount",
      examine: ({ namespace }) =>
        systemNamespaces.has(namespace) ? [{ places: [{ path: ["metadata", "namespace"] }] }] : [],
    },
  ),
  kindCheck(
    {
      id: "manifests/pod-security-label",
      title: {
        pass: "Namespace enforces a Pod Security Standard",
        fail: "Namespace enforces no Pod Security Standard",
      },
      severity: "medium",
      why: "Without the label, users who can create pods can create privileged pods.",
      remediation: `Set the label ${enforce} to restricted or baseline.`,
      mappings: [cis("5.2.1"), nsa("Pod security"), mitre("T1610"), cwe("1188")],
    },
    ["Namespace"],
    {
      examine(resource) {
        const level = levelOf(resource);
        const isEnforced = level === "baseline" || level === "restricted";
        if (isEnforced) return [];
        return [
          {
            places: [
              {
                path: ["metadata", "labels", enforce],
                expected: "restricted or baseline",
              },
            ],
          },
        ];
      },
    },
  ),
  kindCheck(
    {
      id: "manifests/pod-security-label-restricted",
      title: {
        pass: "Namespace enforces the restricted standard",
        fail: "Namespace does not enforce the restricted standard",
      },
      severity: "low",
      why: "The baseline standard prevents known ways to take control of the host, but allows containers to run as root.",
      remediation: `Set the label ${enforce} to restricted.`,
      mappings: [cis("5.2.1"), nsa("Pod security"), cwe("1188")],
    },
    ["Namespace"],
    {
      examine: (resource) =>
        levelOf(resource) === "restricted"
          ? []
          : [
              {
                places: [
                  {
                    path: ["metadata", "labels", enforce],
                    expected: "restricted",
                  },
                ],
              },
            ],
    },
  ),
];

/** What there is in the namespace default of every cluster, because Kubernetes puts it there. */
function isInEveryCluster({ kind, name }: ManifestResource): boolean {
  if (kind === "ServiceAccount") return name === "default";
  if (kind === "ConfigMap") return name === "kube-root-ca.crt";
  return (kind === "Service" || kind === "Endpoints" || kind === "EndpointSlice") && name === "kubernetes";
}

function levelOf({ object }: ManifestResource): string | undefined {
  const level = textAt(objectAt(objectAt(object, "metadata"), "labels"), enforce);
  return level !== undefined && isPodSecurityLevel(level) ? level : undefined;
}

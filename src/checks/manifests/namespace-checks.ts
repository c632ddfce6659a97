import type { Check } from "../check.ts";
import { cis, cwe, mitre, nsa } from "../mappings.ts";
import { isPodSecurityLevel } from "../pod-security/pod-security-policy.ts";
import { objectAt, textAt } from "./json-path.ts";
import { kindCheck, manifestCheck } from "./manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "./manifest-resource.ts";

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
      title: "Nothing is put into the namespace default",
      severity: "low",
      why: "What shares a namespace shares quotas, policies and roles; default is where all lands that was not thought about.",
      remediation: "Set metadata.namespace, or name the namespace when it is applied.",
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
                    expected: "a namespace of its own",
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
      title: "Nothing is put into the namespaces of Kubernetes itself",
      severity: "low",
      why: "What runs there is trusted more, and is left out by many policies.",
      remediation: "Use a namespace of its own.",
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
      title: "A Pod Security Standard is enforced in every namespace",
      severity: "medium",
      why: "Without the label, a cluster takes privileged pods from whoever may create pods there.",
      remediation: `Label the namespace with ${enforce}: restricted, or baseline.`,
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
      title: "The standard restricted is enforced in every namespace",
      severity: "low",
      why: "The standard baseline stops what takes the host over, and lets run as root.",
      remediation: `Label the namespace with ${enforce}: restricted.`,
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

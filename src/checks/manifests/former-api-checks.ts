import type { Check } from "../check.ts";
import { cis, cwe, mitre } from "../mappings.ts";
import { objectAt, objectsAt } from "./kustomize/json-path.ts";
import { kindCheck, manifestCheck } from "./manifest-check.ts";
import type { ManifestFacts } from "./manifest-resource.ts";

// Which minor version of Kubernetes 1 serves an API no more, and what is there instead.
// Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/.
const formerApis: Readonly<Record<string, readonly [removed: number, kinds: Readonly<Record<string, string>>]>> = {
  "extensions/v1beta1": [
    16,
    {
      DaemonSet: "apps/v1",
      Deployment: "apps/v1",
      ReplicaSet: "apps/v1",
      NetworkPolicy: "networking.k8s.io/v1",
      PodSecurityPolicy: "Pod Security Standards",
      Ingress: "networking.k8s.io/v1",
    },
  ],
  "apps/v1beta1": [16, { Deployment: "apps/v1", StatefulSet: "apps/v1" }],
  "apps/v1beta2": [
    16,
    {
      DaemonSet: "apps/v1",
      Deployment: "apps/v1",
      ReplicaSet: "apps/v1",
      StatefulSet: "apps/v1",
    },
  ],
  "networking.k8s.io/v1beta1": [22, { Ingress: "networking.k8s.io/v1", IngressClass: "networking.k8s.io/v1" }],
  "rbac.authorization.k8s.io/v1alpha1": [22, rbac()],
  "rbac.authorization.k8s.io/v1beta1": [22, rbac()],
  "admissionregistration.k8s.io/v1beta1": [
    22,
    {
      MutatingWebhookConfiguration: "admissionregistration.k8s.io/v1",
      ValidatingWebhookConfiguration: "admissionregistration.k8s.io/v1",
    },
  ],
  "apiextensions.k8s.io/v1beta1": [22, { CustomResourceDefinition: "apiextensions.k8s.io/v1" }],
  "apiregistration.k8s.io/v1beta1": [22, { APIService: "apiregistration.k8s.io/v1" }],
  "certificates.k8s.io/v1beta1": [22, { CertificateSigningRequest: "certificates.k8s.io/v1" }],
  "coordination.k8s.io/v1beta1": [22, { Lease: "coordination.k8s.io/v1" }],
  "scheduling.k8s.io/v1beta1": [22, { PriorityClass: "scheduling.k8s.io/v1" }],
  "batch/v1beta1": [25, { CronJob: "batch/v1" }],
  "batch/v2alpha1": [21, { CronJob: "batch/v1" }],
  "discovery.k8s.io/v1beta1": [25, { EndpointSlice: "discovery.k8s.io/v1" }],
  "events.k8s.io/v1beta1": [25, { Event: "events.k8s.io/v1" }],
  "autoscaling/v2beta1": [25, { HorizontalPodAutoscaler: "autoscaling/v2" }],
  "autoscaling/v2beta2": [26, { HorizontalPodAutoscaler: "autoscaling/v2" }],
  "policy/v1beta1": [
    25,
    {
      PodDisruptionBudget: "policy/v1",
      PodSecurityPolicy: "Pod Security Standards",
    },
  ],
  "node.k8s.io/v1beta1": [25, { RuntimeClass: "node.k8s.io/v1" }],
  "storage.k8s.io/v1beta1": [
    22,
    {
      CSIDriver: "storage.k8s.io/v1",
      StorageClass: "storage.k8s.io/v1",
      VolumeAttachment: "storage.k8s.io/v1",
    },
  ],
};

/** What Kubernetes gave up. */
export const formerApiChecks: readonly Check<ManifestFacts>[] = [
  manifestCheck(
    {
      id: "manifests/former-api",
      title: { pass: "Manifest uses a supported API version", fail: "Manifest uses a removed API version" },
      severity: "low",
      why: "Current clusters reject the manifest, and clusters that accept it get no fixes.",
      remediation: "Change the manifest to the current API version.",
      mappings: [cwe("477")],
    },
    {
      isAbout: ({ apiVersion }) => apiVersion !== "",
      examine({ apiVersion, kind }) {
        const [removed, kinds] = Object.hasOwn(formerApis, apiVersion) ? (formerApis[apiVersion] ?? []) : [];
        const instead = kinds && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
        if (instead === undefined) return [];
        const reason = `Kubernetes 1.${removed} and later do not serve this version`;
        return [{ places: [{ path: ["apiVersion"], expected: instead }], reason }];
      },
    },
  ),
  kindCheck(
    {
      id: "manifests/pod-security-policy",
      title: {
        pass: "PodSecurityPolicy does not allow access to the host",
        fail: "PodSecurityPolicy allows access to the host",
      },
      severity: "medium",
      why: "Users of the policy can take control of nodes. Kubernetes 1.25 removed pod security policies.",
      remediation: "Set the field to false or a narrower value, and migrate to Pod Security Standards.",
      mappings: [cis("5.2.1"), mitre("T1611"), cwe("269")],
    },
    ["PodSecurityPolicy"],
    {
      *examine({ object }) {
        const spec = objectAt(object, "spec");
        for (const field of ["privileged", "hostPID", "hostIPC", "hostNetwork"]) {
          if (spec[field] === true) yield { places: [{ path: ["spec", field], expected: "false" }] };
        }
        if (spec["allowPrivilegeEscalation"] !== false) {
          yield {
            places: [{ path: ["spec", "allowPrivilegeEscalation"], expected: "false" }],
          };
        }
        for (const field of ["allowedCapabilities", "defaultAddCapabilities"]) {
          const list = spec[field];
          if (Array.isArray(list) && list.length > 0) yield { places: [{ path: ["spec", field], expected: "[]" }] };
        }
        if (!dropsAll(spec["requiredDropCapabilities"])) {
          yield {
            places: [{ path: ["spec", "requiredDropCapabilities"], expected: "[ALL]" }],
          };
        }
        const user = objectAt(spec, "runAsUser");
        const isNonRoot =
          user["rule"] === "MustRunAsNonRoot" ||
          (user["rule"] === "MustRunAs" && objectsAt(user, "ranges").every(([, { min }]) => Number(min) > 0));
        if (!isNonRoot)
          yield {
            places: [
              {
                path: ["spec", "runAsUser", "rule"],
                expected: "MustRunAsNonRoot",
              },
            ],
          };
        const annotations = objectAt(objectAt(object, "metadata"), "annotations");
        const profile = annotations["seccomp.security.alpha.kubernetes.io/defaultProfileName"];
        if (profile !== "runtime/default" && profile !== "docker/default") {
          const path = ["metadata", "annotations", "seccomp.security.alpha.kubernetes.io/defaultProfileName"];
          yield { places: [{ path, expected: "runtime/default" }] };
        }
      },
    },
  ),
];

function dropsAll(value: unknown): boolean {
  return Array.isArray(value) && value.some((name) => name === "ALL" || name === "NET_RAW");
}

function rbac(): Readonly<Record<string, string>> {
  const version = "rbac.authorization.k8s.io/v1";
  return {
    ClusterRole: version,
    ClusterRoleBinding: version,
    Role: version,
    RoleBinding: version,
  };
}

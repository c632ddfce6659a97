import { isJsonObject } from "../../model/objects/json-object.ts";
import { objectAt, objectsAt, textAt, textsAt } from "../manifests/kustomize/json-path.ts";
import type { PodTemplate } from "../manifests/pods/pod-template.ts";
import {
  forbiddenCapabilities,
  hasBadSeccomp,
  inContext,
  inPodAndContexts,
  seccompBaseline,
  uses,
} from "./baseline-rules.ts";
import {
  containersText,
  type PodRule,
  type PodViolation,
  plural,
  quoted,
  settersText,
  sortedSet,
} from "./violation.ts";

// The restricted level of the Pod Security Standards.

const netBindService: ReadonlySet<string> = new Set(["NET_BIND_SERVICE"]);

const safeVolumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
// The order decides which type is reported for a volume that has several.
const restrictedVolumeTypes = [
  "hostPath",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "gitRepo",
  "nfs",
  "iscsi",
  "glusterfs",
  "rbd",
  "flexVolume",
  "cinder",
  "cephfs",
  "flocker",
  "fc",
  "azureFile",
  "vsphereVolume",
  "quobyte",
  "azureDisk",
  "photonPersistentDisk",
  "portworxVolume",
  "scaleIO",
  "storageos",
];

/** A rule that does not ask pods that say that they run on Windows. */
export function exceptWindows(rule: PodRule): PodRule {
  return (pod) => (pod.isWindows ? undefined : rule(pod));
}

/** A rule that does not ask pods in a user namespace of their own. */
export function exceptUserNamespace(rule: PodRule): PodRule {
  return (pod) => (pod.spec["hostUsers"] === false ? undefined : rule(pod));
}

/** Containers that do not rule out that a process gains privileges. */
export function allowPrivilegeEscalation(pod: PodTemplate): PodViolation | undefined {
  const bad = pod.containers.filter(({ securityContext }) => securityContext["allowPrivilegeEscalation"] !== false);
  if (bad.length === 0) return undefined;
  return {
    reason: "allowPrivilegeEscalation != false",
    detail: `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false`,
    places: inContext(bad, "allowPrivilegeEscalation"),
  };
}

/** Containers that keep capabilities, or add others than the one for low ports. */
export function capabilitiesRestricted(pod: PodTemplate): PodViolation | undefined {
  const keeping = pod.containers.filter(
    ({ securityContext }) => !textsAt(objectAt(securityContext, "capabilities"), "drop").includes("ALL"),
  );
  const adding = forbiddenCapabilities(pod, netBindService, "unrestricted capabilities");
  if (keeping.length === 0) return adding;
  const detail = `${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`;
  return {
    reason: "unrestricted capabilities",
    detail: adding ? `${detail}; ${adding.detail}` : detail,
    places: [...inContext(keeping, "capabilities", "drop"), ...(adding?.places ?? [])],
  };
}

/** Volumes of types that reach the host, or storage of one's choice. */
export function restrictedVolumes(pod: PodTemplate): PodViolation | undefined {
  const bad = objectsAt(pod.spec, "volumes").filter(([, volume]) => !safeVolumes.some((type) => isSet(volume[type])));
  if (bad.length === 0) return undefined;
  const types = sortedSet(
    bad.map(([, volume]) => restrictedVolumeTypes.find((type) => isSet(volume[type])) ?? "unknown"),
  );
  const names = quoted(bad.map(([, volume]) => textAt(volume, "name") ?? ""));
  return {
    reason: "restricted volume types",
    detail: `${plural("volume", bad.length)} ${names} ${uses(bad.length)} ${plural("restricted volume type", types.length)} ${quoted(types)}`,
    places: bad.map(([index]) => [...pod.path, "volumes", index]),
  };
}

/** Pods and containers that may run as root. */
export function runAsNonRoot(pod: PodTemplate): PodViolation | undefined {
  const own = (value: unknown): boolean | undefined => (typeof value === "boolean" ? value : undefined);
  const ofPod = own(pod.securityContext["runAsNonRoot"]);
  const explicit = pod.containers.filter(({ securityContext }) => own(securityContext["runAsNonRoot"]) === false);
  if (ofPod === false || explicit.length > 0) {
    return {
      reason: "runAsNonRoot != true",
      detail: `${settersText(ofPod === false, explicit)} must not set securityContext.runAsNonRoot=false`,
      places: inPodAndContexts(ofPod === false ? pod : undefined, { containers: explicit, fields: ["runAsNonRoot"] }),
    };
  }
  if (ofPod === true) return undefined;
  const implicit = pod.containers.filter(({ securityContext }) => own(securityContext["runAsNonRoot"]) === undefined);
  if (implicit.length === 0) return undefined;
  return {
    reason: "runAsNonRoot != true",
    detail: `pod or ${containersText(implicit)} must set securityContext.runAsNonRoot=true`,
    places: inContext(implicit, "runAsNonRoot"),
  };
}

/** Pods and containers that are set to run as user 0. */
export function runAsUser(pod: PodTemplate): PodViolation | undefined {
  const podDoes = pod.securityContext["runAsUser"] === 0;
  const containers = pod.containers.filter(({ securityContext }) => securityContext["runAsUser"] === 0);
  if (!podDoes && containers.length === 0) return undefined;
  return {
    reason: "runAsUser=0",
    detail: `${settersText(podDoes, containers)} must not set runAsUser=0`,
    places: inPodAndContexts(podDoes ? pod : undefined, { containers, fields: ["runAsUser"] }),
  };
}

/** Pods and containers without a seccomp profile that confines. */
export function seccompRestricted(pod: PodTemplate): PodViolation | undefined {
  const explicit = seccompBaseline(pod);
  if (explicit) return explicit;
  if (isJsonObject(pod.securityContext["seccompProfile"]) && !hasBadSeccomp(pod.securityContext)) return undefined;
  const implicit = pod.containers.filter(({ securityContext }) => !isJsonObject(securityContext["seccompProfile"]));
  if (implicit.length === 0) return undefined;
  return {
    reason: "seccompProfile",
    detail: `pod or ${containersText(implicit)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
    places: inContext(implicit, "seccompProfile", "type"),
  };
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

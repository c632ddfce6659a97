import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Check } from "../../check.ts";
import { cwe, nsa } from "../../mappings.ts";
import { type JsonPath, objectAt, objectsAt } from "../kustomize/json-path.ts";
import { selects } from "../label-selector.ts";
import type { ManifestFailure } from "../manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "../manifest-resource.ts";
import { referenceCheck } from "./reference-check.ts";
import { selectedPods } from "./selected-pods.ts";

/** Selectors that match no pod, and pods that no controller keeps. */
export const selectorChecks: readonly Check<ManifestFacts>[] = [
  referenceCheck(
    {
      id: "manifests/service-without-pods",
      title: { pass: "Service selects pods", fail: "Service selects no pods" },
      severity: "low",
      why: "The service does not respond, and a user who can create pods in the namespace can receive its traffic.",
      remediation: "Correct spec.selector, or remove the service.",
      mappings: [cwe("706")],
    },
    (resource, facts) => {
      const spec = objectAt(resource.object, "spec");
      const matchLabels = objectAt(spec, "selector");
      if (resource.kind !== "Service" || spec["type"] === "ExternalName" || Object.keys(matchLabels).length === 0)
        return undefined;
      return selectorFailures(resource, facts, { selector: { matchLabels }, path: ["spec", "selector"] });
    },
  ),
  referenceCheck(
    {
      id: "manifests/network-policy-without-pods",
      title: { pass: "Network policy selects pods", fail: "Network policy selects no pods" },
      severity: "medium",
      why: "The policy has no effect, and the intended pods are not protected.",
      remediation: "Correct spec.podSelector, or remove the policy.",
      mappings: [nsa("Network separation"), cwe("706")],
    },
    (resource, facts) =>
      resource.kind === "NetworkPolicy" ? selectorOf(resource, facts, ["spec", "podSelector"]) : undefined,
  ),
  referenceCheck(
    {
      id: "manifests/disruption-budget-without-pods",
      title: { pass: "Pod disruption budget selects pods", fail: "Pod disruption budget selects no pods" },
      severity: "low",
      why: "The budget has no effect when nodes are drained.",
      remediation: "Correct spec.selector, or remove the budget.",
      mappings: [cwe("706")],
    },
    (resource, facts) =>
      resource.kind === "PodDisruptionBudget" ? selectorOf(resource, facts, ["spec", "selector"]) : undefined,
  ),
  referenceCheck(
    {
      id: "manifests/workload-selector",
      title: { pass: "Workload selects its own pods", fail: "Workload does not select its own pods" },
      severity: "medium",
      why: "The API server rejects a workload whose selector does not match its pod template.",
      remediation: "Add the labels of the selector to the pod template.",
      mappings: [cwe("706")],
    },
    ({ kind, pod, object }) => {
      if (!pod || pod.path.length < 2) return undefined;
      const path = [...pod.path.slice(0, -2), "selector"];
      const found = path.reduce<unknown>((value, key) => (isJsonObject(value) ? value[key] : undefined), object);
      if (!isJsonObject(found)) return undefined;
      const isPlain = kind === "ReplicationController";
      const selector = isPlain ? { matchLabels: found } : found;
      if (selects(selector, objectAt(pod.metadata, "labels"))) return [];
      return [{ places: placesOf(selector, path, isPlain), reason: "labels of the pod template do not match" }];
    },
  ),
  referenceCheck(
    {
      id: "manifests/naked-pod",
      title: { pass: "Pod is managed by a controller", fail: "Pod is not managed by a controller" },
      severity: "low",
      why: "The pod is not replaced when its node fails or is drained.",
      remediation: "Use a Deployment, StatefulSet, DaemonSet or Job.",
      mappings: [cwe("1088")],
    },
    ({ kind, object, pod }) => {
      if (kind !== "Pod" || !pod) return undefined;
      const metadata = objectAt(object, "metadata");
      const annotations = objectAt(metadata, "annotations");
      const isForOneRun = pod.spec["restartPolicy"] === "Never" || pod.spec["restartPolicy"] === "OnFailure";
      const isHook = Object.hasOwn(annotations, "helm.sh/hook");
      // A kubelet starts it from a file of its node.
      const isStatic =
        Object.hasOwn(annotations, "kubernetes.io/config.mirror") ||
        objectAt(metadata, "labels")["tier"] === "control-plane";
      if (isForOneRun || isHook || isStatic || objectsAt(metadata, "ownerReferences").length > 0) return [];
      return [{ places: [{ path: ["metadata", "ownerReferences"] }], reason: "no controller owns the pod" }];
    },
  ),
];

function selectorOf(
  resource: ManifestResource,
  facts: ManifestFacts,
  path: readonly [string, string],
): ManifestFailure[] | undefined {
  const selector = objectAt(resource.object, path[0])[path[1]];
  // An empty one selects all pods; a missing one is reported by another check or by the API server.
  if (!isJsonObject(selector) || Object.keys(selector).length === 0) return [];
  return selectorFailures(resource, facts, { selector, path });
}

function selectorFailures(
  { namespace }: ManifestResource,
  facts: ManifestFacts,
  { selector, path }: { selector: JsonObject; path: JsonPath },
): ManifestFailure[] | undefined {
  const { resolution, reason } = selectedPods(selector, { namespace, facts });
  if (resolution === "found") return [];
  if (reason === undefined) return undefined;
  return [{ places: [{ path }], reason, state: resolution === "missing" ? "fail" : "manual" }];
}

function placesOf(selector: JsonObject, path: JsonPath, isPlain: boolean): { path: JsonPath }[] {
  if (isPlain) return [{ path }];
  const keys = ["matchLabels", "matchExpressions"].filter((key) => selector[key] !== undefined);
  return keys.map((key) => ({ path: [...path, key] }));
}

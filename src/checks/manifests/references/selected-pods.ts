import type { JsonObject } from "../../../model/objects/json-object.ts";
import { objectAt, objectsAt, textAt } from "../kustomize/json-path.ts";
import { selects } from "../label-selector.ts";
import type { ManifestFacts, ManifestResource } from "../manifest-resource.ts";
import { ReferenceIndex, type Resolution } from "./reference-index.ts";

/** What the pods of the resources are for a selector. */
export interface SelectedPods {
  readonly resolution: Resolution;
  /** Absent where pods are found, and where the namespace has no pods. */
  readonly reason?: string;
}

// Controllers put them on the pods that they make.
const labelsOfControllers: ReadonlySet<string> = new Set([
  "apps.kubernetes.io/pod-index",
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-completion-index",
  "batch.kubernetes.io/job-name",
  "controller-revision-hash",
  "controller-uid",
  "job-name",
  "pod-template-generation",
  "pod-template-hash",
  "statefulset.kubernetes.io/pod-name",
]);
const cache = new WeakMap<ManifestFacts, ReadonlyMap<string, readonly JsonObject[]>>();

/**
 * Whether a selector of a namespace selects a pod of the resources. It is `unknown` where the resources have no pods of
 * the namespace, where a custom resource has a label that is selected, and where the pods lack only labels that may be
 * added later.
 */
export function selectedPods(
  selector: JsonObject,
  { namespace, facts }: { namespace: string; facts: ManifestFacts },
): SelectedPods {
  const known = withoutLabelsOfControllers(selector);
  const labels = labelsByNamespace(facts);
  const fits = (candidates: readonly JsonObject[] = []): boolean => candidates.some((one) => selects(known, one));
  const own =
    namespace === "" ? [...labels.values()].flat() : [...(labels.get(namespace) ?? []), ...(labels.get("") ?? [])];
  if (fits(own)) return { resolution: "found" };
  const elsewhere = [...labels].find(([name, candidates]) => name !== namespace && fits(candidates));
  if (elsewhere) return { resolution: "missing", reason: `matching pods are in the namespace ${elsewhere[0]}` };
  if (own.length === 0) return { resolution: "unknown" };
  const index = ReferenceIndex.of(facts);
  const wanted = Object.entries(objectAt(known, "matchLabels")).map(([key, value]) => [key, String(value)] as const);
  if (wanted.some(([, value]) => index.isNamedByOperator(value)))
    return { resolution: "unknown", reason: "the operator of a custom resource may create matching pods" };
  const isNear = own.some(
    (one) =>
      wanted.some(([key, value]) => Object.hasOwn(one, key) && String(one[key]) === value) &&
      wanted.every(([key, value]) => !Object.hasOwn(one, key) || String(one[key]) === value),
  );
  return isNear
    ? { resolution: "unknown", reason: "pods have some of the labels; the others may be added at run time" }
    : { resolution: "missing", reason: "no pod in the checked files has these labels" };
}

function withoutLabelsOfControllers(selector: JsonObject): JsonObject {
  const labels = Object.entries(objectAt(selector, "matchLabels"));
  const expressions = objectsAt(selector, "matchExpressions");
  return {
    matchLabels: Object.fromEntries(labels.filter(([key]) => !labelsOfControllers.has(key))),
    matchExpressions: expressions
      .map(([, expression]) => expression)
      .filter((expression) => !labelsOfControllers.has(textAt(expression, "key") ?? "")),
  };
}

/** The labels of pods by the namespace of their resource, each set of labels once. */
function labelsByNamespace(facts: ManifestFacts): ReadonlyMap<string, readonly JsonObject[]> {
  const known = cache.get(facts);
  if (known) return known;
  const distinct = new Map<string, Map<string, JsonObject>>();
  for (const { pod, namespace } of facts.resources.filter(hasPod)) {
    const labels = objectAt(pod.metadata, "labels");
    const ofNamespace = distinct.get(namespace) ?? new Map<string, JsonObject>();
    distinct.set(namespace, ofNamespace);
    ofNamespace.set(JSON.stringify(labels), labels);
  }
  const made = new Map(Array.from(distinct, ([namespace, labels]) => [namespace, [...labels.values()]]));
  cache.set(facts, made);
  return made;
}

function hasPod(
  resource: ManifestResource,
): resource is ManifestResource & { readonly pod: NonNullable<ManifestResource["pod"]> } {
  return resource.pod !== undefined;
}

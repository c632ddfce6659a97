import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { objectAt, textAt } from "./json-path.ts";

// Where kustomize adds labels and annotations, as its built-in field specifications say.

const selectingKinds: ReadonlySet<string> = new Set(["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]);
const templateKinds: ReadonlySet<string> = new Set([...selectingKinds, "Job", "ReplicationController"]);

type Change = (value: JsonObject) => JsonObject;

/** Adds labels or annotations to an object and, with `inTemplates`, to the jobs and pods that it makes. */
export function withMetadata(
  object: JsonObject,
  field: "labels" | "annotations",
  { pairs, inTemplates }: { readonly pairs: JsonObject; readonly inTemplates: boolean },
): JsonObject {
  const add: Change = (one) => changeAt(one, ["metadata", field], (old) => ({ ...old, ...pairs }));
  const own = add(object);
  const kind = textAt(object, "kind") ?? "";
  if (!inTemplates) return own;
  if (templateKinds.has(kind)) return changeAt(own, ["spec", "template"], add);
  if (kind !== "CronJob") return own;
  return changeAt(own, ["spec", "jobTemplate"], (job) => changeAt(add(job), ["spec", "template"], add));
}

/** Adds labels to the selectors of an object, as far as it has them; those of workloads are made. */
export function withSelectors(object: JsonObject, pairs: JsonObject): JsonObject {
  const kind = textAt(object, "kind") ?? "";
  const add: Change = (old) => ({ ...old, ...pairs });
  const toExisting: Change = (selector) =>
    isJsonObject(selector["matchLabels"]) ? changeAt(selector, ["matchLabels"], add) : selector;
  if (selectingKinds.has(kind)) return changeAt(object, ["spec", "selector", "matchLabels"], add);
  switch (kind) {
    case "Service":
    case "ReplicationController":
      return isJsonObject(objectAt(object, "spec")["selector"]) ? changeAt(object, ["spec", "selector"], add) : object;
    case "Job":
    case "PodDisruptionBudget":
      return changeExisting(object, ["spec", "selector"], toExisting);
    case "CronJob":
      return changeExisting(object, ["spec", "jobTemplate", "spec", "selector"], toExisting);
    case "NetworkPolicy":
      return changeExisting(object, ["spec"], (spec) => withPeers(spec, toExisting));
    default:
      return object;
  }
}

function withPeers(spec: JsonObject, toExisting: Change): JsonObject {
  const peers = (rule: unknown, side: string): unknown => {
    if (!isJsonObject(rule) || !Array.isArray(rule[side])) return rule;
    const changed = rule[side].map((peer: unknown) =>
      isJsonObject(peer) ? changeExisting(peer, ["podSelector"], toExisting) : peer,
    );
    return { ...rule, [side]: changed };
  };
  const { ingress, egress } = spec;
  return {
    ...changeExisting(spec, ["podSelector"], toExisting),
    ...(Array.isArray(ingress) ? { ingress: ingress.map((rule) => peers(rule, "from")) } : {}),
    ...(Array.isArray(egress) ? { egress: egress.map((rule) => peers(rule, "to")) } : {}),
  };
}

function changeExisting(object: JsonObject, path: readonly string[], change: Change): JsonObject {
  let value: unknown = object;
  for (const key of path) value = isJsonObject(value) ? value[key] : undefined;
  return isJsonObject(value) ? changeAt(object, path, change) : object;
}

/** An object with the mapping at a path changed; mappings on the way that are missing are made. */
function changeAt(object: JsonObject, [key, ...rest]: readonly string[], change: Change): JsonObject {
  if (key === undefined) return change(object);
  return { ...object, [key]: changeAt(objectAt(object, key), rest, change) };
}

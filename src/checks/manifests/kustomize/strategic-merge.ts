import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { put } from "../reading/yaml-place.ts";

// Patches as kubectl and kustomize apply them: mappings are merged, null removes, `$patch: delete` and
// `$patch: replace` say otherwise, and lists whose items have a name of some kind are merged by it. Source: the
// patchMergeKey and patchStrategy of the types of Kubernetes.

const deepest = 60;
const mergeKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ["containers", ["name"]],
  ["initContainers", ["name"]],
  ["ephemeralContainers", ["name"]],
  ["volumes", ["name"]],
  ["env", ["name"]],
  ["imagePullSecrets", ["name"]],
  ["secrets", ["name"]],
  ["volumeMounts", ["mountPath"]],
  ["volumeDevices", ["devicePath"]],
  ["ports", ["containerPort", "port"]],
  ["hostAliases", ["ip"]],
  ["topologySpreadConstraints", ["topologyKey"]],
  ["resourceClaims", ["name"]],
]);

/** An object with a patch applied; undefined when the patch removes it. The object itself stays as it is. */
export function mergeStrategically(object: JsonObject, patch: JsonObject, depth = 0): JsonObject | undefined {
  if (patch["$patch"] === "delete") return undefined;
  if (patch["$patch"] === "replace" || depth > deepest) return withoutDirectives(patch);
  const merged: Record<string, unknown> = { ...object };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) continue;
    if (value === null) {
      delete merged[key];
      continue;
    }
    const own = Object.hasOwn(object, key) ? object[key] : undefined;
    const result = mergeValue(own, value, { key, depth: depth + 1 });
    if (result === undefined) delete merged[key];
    else put(merged, key, result);
  }
  return merged;
}

function mergeValue(own: unknown, value: unknown, { key, depth }: { key: string; depth: number }): unknown {
  if (isJsonObject(value)) return mergeStrategically(isJsonObject(own) ? own : {}, value, depth);
  if (!Array.isArray(value)) return value;
  const keys = mergeKeys.get(key);
  if (!keys || !Array.isArray(own)) return value.filter((item) => !isJsonObject(item) || item["$patch"] !== "delete");
  if (value.some((item) => isJsonObject(item) && item["$patch"] === "replace" && Object.keys(item).length === 1)) {
    return value.filter((item) => !isJsonObject(item) || item["$patch"] !== "replace");
  }
  return mergeLists(own, value, { keys, depth });
}

/** Items of the patch come first, in its order, as kustomize puts them: later patches count from there. */
function mergeLists(
  own: readonly unknown[],
  patch: readonly unknown[],
  { keys, depth }: { keys: readonly string[]; depth: number },
): unknown[] {
  const merged: unknown[] = [];
  const rest = [...own];
  for (const item of patch) {
    const key = isJsonObject(item) ? keys.find((name) => item[name] !== undefined) : undefined;
    if (!isJsonObject(item) || key === undefined) {
      merged.push(item);
      continue;
    }
    const isSame = (one: unknown): boolean => isJsonObject(one) && one[key] === item[key];
    const twice = merged.findIndex(isSame);
    const at = twice < 0 ? rest.findIndex(isSame) : -1;
    const before = twice < 0 ? rest[at] : merged[twice];
    const result = mergeStrategically(isJsonObject(before) ? before : {}, item, depth);
    if (at >= 0) rest.splice(at, 1);
    if (twice >= 0) merged.splice(twice, 1, ...(result ? [result] : []));
    else if (result) merged.push(result);
  }
  return [...merged, ...rest];
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith("$")));
}

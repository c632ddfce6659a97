import { objectsAt, textAt } from "../kustomize/json-path.ts";
import type { ManifestFacts } from "../manifest-resource.ts";

const cache = new WeakMap<ManifestFacts, string>();

/**
 * The namespace to which resources without one are taken to belong: the only one that the files name, with which they
 * are applied; `default` where the files name none or several.
 */
export function defaultNamespace(facts: ManifestFacts): string {
  const known = cache.get(facts);
  if (known !== undefined) return known;
  const named = new Set<string>();
  for (const { kind, name, namespace, object } of facts.resources) {
    if (namespace !== "") named.add(namespace);
    if (kind === "Namespace" && name !== "") named.add(name);
    if (kind !== "ClusterRoleBinding" && kind !== "RoleBinding") continue;
    for (const [, subject] of objectsAt(object, "subjects")) {
      const other = textAt(subject, "namespace") ?? "";
      if (other !== "") named.add(other);
    }
  }
  const [only, ...others] = named;
  const made = only !== undefined && others.length === 0 ? only : "default";
  cache.set(facts, made);
  return made;
}

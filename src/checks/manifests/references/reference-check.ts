import type { Check, CheckDescription } from "../../check.ts";
import type { JsonPath } from "../kustomize/json-path.ts";
import { failed, type ManifestFailure, passed } from "../manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "../manifest-resource.ts";
import { type Reference, ReferenceIndex } from "./reference-index.ts";

/** A check of where resources refer to. `examine` gives undefined for a resource that it cannot say anything about. */
export function referenceCheck(
  description: CheckDescription,
  examine: (resource: ManifestResource, facts: ManifestFacts) => readonly ManifestFailure[] | undefined,
): Check<ManifestFacts> {
  return {
    ...description,
    needs: [],
    *evaluate(facts) {
      for (const resource of facts.resources) {
        const failures = examine(resource, facts);
        if (failures?.length === 0) yield passed(resource);
        for (const failure of failures ?? []) yield failed(resource, failure);
      }
    },
  };
}

/** The failures of dangling references; `manual` for one whose target may be among the unchecked files. */
export function referenceFailures(
  references: readonly (Reference & { readonly path: JsonPath })[],
  facts: ManifestFacts,
): ManifestFailure[] {
  const index = ReferenceIndex.of(facts);
  return references.flatMap((reference): ManifestFailure[] => {
    const { kind, namespace, name, path } = reference;
    const resolution = index.resolve(reference);
    if (resolution === "found") return [];
    const places = [{ path, value: name }];
    const title = `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
    return resolution === "missing"
      ? [{ places, reason: `${title} does not exist` }]
      : [{ places, state: "manual", reason: `${title} is not in the checked files` }];
  });
}

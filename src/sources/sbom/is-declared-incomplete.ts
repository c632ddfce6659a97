import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";

/**
 * True for a CycloneDX document that declares itself, or a part of itself, incomplete: a composition whose aggregate is
 * `incomplete` in any form and that covers assemblies, or does not list anything in particular. `unknown` and
 * `not_specified` say nothing. SPDX has no such word. Source: CycloneDX 1.6, `compositions`.
 */
export function isDeclaredIncomplete({ compositions }: JsonObject): boolean {
  if (!Array.isArray(compositions)) return false;
  return compositions.filter(isJsonObject).some(({ aggregate, assemblies, dependencies, vulnerabilities }) => {
    const isIncomplete = typeof aggregate === "string" && aggregate.startsWith("incomplete");
    return (
      isIncomplete && (Array.isArray(assemblies) || !(Array.isArray(dependencies) || Array.isArray(vulnerabilities)))
    );
  });
}

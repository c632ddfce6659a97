import { isJsonObject, parseJson } from "../../model/json-object.ts";

/**
 * True for a CycloneDX document that says of itself, or of a part, that things are missing from it: a composition whose aggregate is
 * `incomplete` in any form and that speaks of assemblies. SPDX has no such word. Source: CycloneDX 1.6, `compositions`.
 */
export function isDeclaredIncomplete(bytes: Uint8Array): boolean {
  const document = parseJson(new TextDecoder().decode(bytes));
  const compositions = isJsonObject(document) ? document["compositions"] : undefined;
  if (!Array.isArray(compositions)) return false;
  return compositions.filter(isJsonObject).some(({ aggregate, assemblies, dependencies }) => {
    const isIncomplete = typeof aggregate === "string" && aggregate.startsWith("incomplete");
    return isIncomplete && (Array.isArray(assemblies) || !Array.isArray(dependencies));
  });
}

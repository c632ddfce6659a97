import type { FindingPackage } from "../../model/findings/finding.ts";
import type { Package } from "../../model/packages/package.ts";

/**
 * The key of a package in its place, as a finding names it: among those of {@link placeKeysOf} of the package that it
 * is about.
 */
export function placeKeyOf({ purl, layer, paths }: Pick<FindingPackage, "purl" | "layer" | "paths">): string {
  return keyOf({ purl, layer }, paths[0]);
}

/**
 * The keys that findings about a package may have. A finding about one of several programs may begin with the path of
 * any.
 */
export function placeKeysOf(found: Pick<Package, "purl" | "layer" | "paths" | "linkedPrograms">): readonly string[] {
  const ofSeveral = found.linkedPrograms && found.paths.length > 0;
  return ofSeveral ? found.paths.map((path) => keyOf(found, path)) : [placeKeyOf(found)];
}

function keyOf({ purl, layer }: Pick<Package, "purl" | "layer">, path: string | undefined): string {
  return JSON.stringify([purl, layer, path]);
}

import { rememberedFor } from "../../model/objects/remembered-for.ts";
import type { DeclaredPlace, FoundPackage } from "../../model/packages/package.ts";
import type { FileFacts } from "./layer-inventory.ts";
import { packagesOf } from "./package-key.ts";

/** Packages that stand between a project and one of its transitive packages; a longer chain is cut in the middle. */
const longestChain = 8;

/**
 * Where a file declares its packages and by way of which others the project needs them: the shortest chain from a
 * direct one. Where a file does not tell which are direct, those count that no other one requires.
 */
export const declaredPlaces: (facts: FileFacts) => ReadonlyMap<FoundPackage, DeclaredPlace> = rememberedFor(
  (facts: FileFacts): ReadonlyMap<FoundPackage, DeclaredPlace> => {
    const packages = packagesOf(facts).filter(({ declaration }) => declaration);
    if (packages.length === 0) return new Map();
    const parents = parentsOf(packages);
    return new Map(
      packages.map((found) => {
        const { requires: _requires, ...declaration } = found.declaration ?? {};
        const via = chainTo(keyOf(found), parents);
        const place = { ...declaration, path: facts.path, ...(via.length > 0 && { via }) };
        return [found, place];
      }),
    );
  },
);

/** By its key, the package on the shortest way from the project to each other one; undefined for a direct one. */
function parentsOf(packages: readonly FoundPackage[]): ReadonlyMap<string, string | undefined> {
  const requires = new Map(packages.map((found) => [keyOf(found), found.declaration?.requires ?? []]));
  const required = new Set([...requires.values()].flat());
  const isTold = packages.some(({ declaration }) => declaration?.relation === "direct");
  const isDirect = (found: FoundPackage) =>
    isTold ? found.declaration?.relation === "direct" : !required.has(keyOf(found));
  const parents = new Map<string, string | undefined>(
    packages.filter((found) => isDirect(found)).map((found) => [keyOf(found), undefined]),
  );
  // A map tells its keys in the order in which they came, also those that come meanwhile: breadth first.
  for (const key of parents.keys()) {
    for (const needed of requires.get(key) ?? []) {
      if (requires.has(needed) && !parents.has(needed)) parents.set(needed, key);
    }
  }
  return parents;
}

function chainTo(key: string, parents: ReadonlyMap<string, string | undefined>): readonly string[] {
  const chain: string[] = [];
  for (let parent = parents.get(key); parent !== undefined; parent = parents.get(parent)) chain.unshift(parent);
  if (chain.length <= longestChain) return chain;
  return [...chain.slice(0, longestChain / 2), "…", ...chain.slice(-longestChain / 2)];
}

function keyOf({ name, version }: FoundPackage): string {
  return `${name}@${version}`;
}

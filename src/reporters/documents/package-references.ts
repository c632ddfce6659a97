import type { FindingPackage } from "../../model/findings/finding.ts";
import type { Package } from "../../model/packages/package.ts";

/** A unique name for each package of a document: its package URL, numbered if it occurs more than once. */
export class PackageReferences {
  readonly #names: readonly string[];
  readonly #byPlace = new Map<string, string>();
  readonly #byUrl = new Map<string, string>();

  constructor(packages: readonly Package[]) {
    const seen = new Map<string, number>();
    this.#names = packages.map(({ purl }) => {
      const count = (seen.get(purl) ?? 0) + 1;
      seen.set(purl, count);
      return count === 1 ? purl : `${purl} (${count})`;
    });
    for (const [index, { purl, layer, paths }] of packages.entries()) {
      const name = this.at(index);
      if (!this.#byUrl.has(purl)) this.#byUrl.set(purl, name);
      for (const path of paths.length > 0 ? paths : [undefined]) {
        const key = placeKey({ purl, layer }, path);
        if (!this.#byPlace.has(key)) this.#byPlace.set(key, name);
      }
    }
  }

  /** The name of the package with this index. */
  at(index: number): string {
    const name = this.#names[index];
    if (name === undefined) throw new RangeError(`the document has no package ${index}`);
    return name;
  }

  /** The name of the package of a finding; undefined if the document does not have the package. */
  of({ purl, layer, paths: [path] }: FindingPackage): string | undefined {
    return this.#byPlace.get(placeKey({ purl, layer }, path)) ?? this.#byUrl.get(purl);
  }
}

function placeKey({ purl, layer }: Pick<Package, "purl" | "layer">, path: string | undefined): string {
  return JSON.stringify([purl, layer, path]);
}

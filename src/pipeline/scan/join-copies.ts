import type { Package } from "../../model/packages/package.ts";
import { isDistributionType } from "../../model/packages/package-type.ts";

/**
 * Some documents list a package once for each of its places, or as two scanners found it. It is one package with
 * several paths, as in all other targets: the first copy, with what the others know besides. Copies that contradict
 * each other about what decides which advisories are about them, such as the maker or the module stream, stay apart.
 */
export function joinCopies(packages: readonly Package[]): Package[] {
  const joined = new Map<string, Copies[]>();
  for (const found of packages) {
    const key = keyOf(found);
    const known = joined.get(key);
    if (!known) joined.set(key, [new Copies(found)]);
    // Bounded, for a document may hold any number of packages that contradict each other.
    else if (!known.slice(0, mostVariants).some((copies) => copies.add(found))) known.push(new Copies(found));
  }
  return [...joined.values()].flat().map((copies) => copies.package());
}

const mostVariants = 20;

/** All that copies of one package must share. */
function keyOf(found: Package): string {
  const { paths: _paths, licenses: _licenses, purl: _purl, vendor: _vendor, ...shared } = found;
  return JSON.stringify({ ...shared, architecture: undefined, module: undefined, source: undefined });
}

class Copies {
  #known: Package;
  readonly #paths: Set<string>;
  readonly #licenses: Set<string>;

  constructor(first: Package) {
    this.#known = first;
    this.#paths = new Set(first.paths);
    this.#licenses = new Set(first.licenses);
  }

  /** False when the package contradicts what is known of the others. */
  add(found: Package): boolean {
    if (!mayBeOne(this.#known, found)) return false;
    this.#known = { ...found, ...this.#known };
    for (const path of found.paths) this.#paths.add(path);
    for (const license of found.licenses ?? []) this.#licenses.add(license);
    return true;
  }

  package(): Package {
    const licenses = [...this.#licenses];
    return { ...this.#known, ...(licenses.length > 0 && { licenses }), paths: [...this.#paths].sort() };
  }
}

function mayBeOne(one: Package, other: Package): boolean {
  return (
    agrees(one.architecture, other.architecture) &&
    agrees(one.module, other.module) &&
    agrees(one.vendor, other.vendor) &&
    agrees(one.source?.name, other.source?.name) &&
    agrees(one.source?.version, other.source?.version) &&
    // The distribution's own word in a package URL has several forms.
    (isDistributionType(one.type) || one.purl === other.purl)
  );
}

function agrees(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

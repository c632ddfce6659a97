import type { FoundPackage } from "../model/package.ts";
import type { FileFacts } from "./layer-inventory.ts";
import type { VisibleFile } from "./merge-layers.ts";

/** The lowest layer from which the package was at this path in every version of the file up to the visible one. */
export function bringingLayer(file: VisibleFile, found: FoundPackage): number {
  let { layer } = file;
  if (file.below.length === 0) return layer;
  const key = packageKey(found);
  for (const lower of file.below) {
    if (!packageKeysOf(lower.facts).has(key)) break;
    layer = lower.layer;
  }
  return layer;
}

/** The packages that extractors found in a file. */
export function packagesOf(facts: FileFacts): FoundPackage[] {
  return facts.extractions.flatMap((extraction) => (extraction.kind === "package" ? [extraction.package] : []));
}

const keysOfFiles = new WeakMap<FileFacts, ReadonlySet<string>>();

/** The keys of the packages in a file. They are remembered for as long as the facts are. */
export function packageKeysOf(facts: FileFacts): ReadonlySet<string> {
  const known = keysOfFiles.get(facts);
  if (known) return known;
  const keys = new Set(packagesOf(facts).map(packageKey));
  keysOfFiles.set(facts, keys);
  return keys;
}

const keys = new WeakMap<FoundPackage, string>();

/** What identifies a package within one target. */
export function packageKey(found: FoundPackage): string {
  const known = keys.get(found);
  if (known !== undefined) return known;
  const { type, name, version, architecture, mainModule } = found;
  const key = JSON.stringify([type, name, version, architecture, mainModule]);
  keys.set(found, key);
  return key;
}

import type { FoundPackage } from "../../model/packages/package.ts";
import type { VisibleFile } from "./merge-layers.ts";
import { packageKey, packageKeysOf } from "./package-key.ts";

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

import { rememberedFor } from "../../model/objects/remembered-for.ts";
import type { FoundPackage } from "../../model/packages/package.ts";
import type { FileFacts } from "./layer-inventory.ts";

/** What identifies a package within one target. */
export const packageKey: (found: FoundPackage) => string = rememberedFor(
  ({ type, name, version, architecture, mainModule, ownProject }) =>
    JSON.stringify([type, name, version, architecture, mainModule, ownProject]),
);

/** The keys of the packages in a file. */
export const packageKeysOf: (facts: FileFacts) => ReadonlySet<string> = rememberedFor(
  (facts) => new Set(packagesOf(facts).map(packageKey)),
);

/** The packages that extractors found in a file. */
export function packagesOf(facts: FileFacts): FoundPackage[] {
  return facts.extractions.flatMap((extraction) => (extraction.kind === "package" ? [extraction.package] : []));
}

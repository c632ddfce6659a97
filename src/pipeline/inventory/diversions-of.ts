import type { Extraction } from "../../extractors/extractor.ts";
import { baseName } from "../../io/files/tree-path.ts";
import type { PackageOwner } from "../../model/packages/package.ts";
import type { FileFacts, LayerInventory } from "./layer-inventory.ts";
import type { MergedTree } from "./merge-layers.ts";
import type { RealNames } from "./real-names-of.ts";

type Diversion = Extract<Extraction, { readonly kind: "diversion" }>;

/** Where dpkg put what packages have. */
export interface Diversions {
  /** The last names of all paths that are diverted. */
  readonly lastNames: ReadonlySet<string>;
  /** Where the file lies that a package lists at a path; undefined when it is there. */
  placeOf(owner: PackageOwner, path: string): string | undefined;
  /**
   * What a layer, or the nearest one below it, has at a path that is diverted; undefined when nothing was found there.
   */
  versionAt(path: string, layer: number): Version | undefined;
}

/** A file as one layer has it. */
interface Version {
  readonly layer: number;
  readonly facts: FileFacts;
}

/**
 * The diversions of a tree. A path is meant also where its first folder is another name of the same one, as `/bin` is
 * where `/usr` is merged: dpkg keeps the two apart, but the file is one. A diversion of a path as it is goes first.
 */
export function diversionsOf({ files, layers }: Pick<MergedTree, "files" | "layers">, names: RealNames): Diversions {
  const all = files.flatMap(({ facts }) => facts.extractions.filter((one) => one.kind === "diversion"));
  const byPath = new Map(all.map((one) => [one.path, one]));
  const byRealPath = new Map<string, Diversion>();
  for (const one of all) {
    const real = names.realName(one.path);
    if (!byRealPath.has(real)) byRealPath.set(real, one);
  }
  const diversionAt = (path: string): Diversion | undefined =>
    all.length === 0 ? undefined : (byPath.get(path) ?? byRealPath.get(names.realName(path)));
  const versions = all.length === 0 ? new Map<Diversion, never>() : versionsOf(layers, diversionAt);
  return {
    lastNames: new Set(all.map(({ path }) => baseName(path))),
    placeOf({ type, name }, path) {
      const found = type === "deb" ? diversionAt(path) : undefined;
      return found === undefined || found.by === name ? undefined : found.to;
    },
    versionAt(path, layer) {
      const found = diversionAt(path);
      return found && versions.get(found)?.findLast((one) => one.layer <= layer);
    },
  };
}

/** What the layers have where files are diverted from, lowest first. */
function versionsOf(
  layers: readonly LayerInventory[],
  diversionAt: (path: string) => Diversion | undefined,
): ReadonlyMap<Diversion, readonly Version[]> {
  const versions = new Map<Diversion, Version[]>();
  for (const [layer, { files }] of layers.entries()) {
    for (const facts of files) {
      const diversion = diversionAt(facts.path);
      if (!diversion) continue;
      const known = versions.get(diversion);
      if (known) known.push({ layer, facts });
      else versions.set(diversion, [{ layer, facts }]);
    }
  }
  return versions;
}

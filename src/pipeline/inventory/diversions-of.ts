import type { Extraction } from "../../extractors/extractor.ts";
import type { PackageOwner } from "../../model/package.ts";
import type { FileFacts, LayerInventory } from "./layer-inventory.ts";
import type { MergedTree } from "./merge-layers.ts";

type Diversion = Extract<Extraction, { readonly kind: "diversion" }>;

/** Where dpkg put what packages have. */
export interface Diversions {
  /** The first folders of the places that files are diverted to. */
  readonly tops: readonly string[];
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
 * where `/usr` is merged: dpkg keeps the two apart, but the file is one. `tops` are the first folders of the paths that
 * packages list.
 */
export function diversionsOf(
  { files, resolve, layers }: Pick<MergedTree, "files" | "resolve" | "layers">,
  tops: Iterable<string>,
): Diversions {
  const all = files.flatMap(({ facts }) => facts.extractions.filter((one) => one.kind === "diversion"));
  const byPath = new Map(all.map((one) => [one.path, one]));
  const links = [...new Set([...tops, ...all.map(({ path }) => topOf(path))])].flatMap((top) => {
    const target = resolve(top);
    return target === undefined || target === top ? [] : [{ target: `${target}/`, top: `${top}/` }];
  });
  for (const one of all) {
    for (const name of otherNames(one.path, links)) if (!byPath.has(name)) byPath.set(name, one);
  }
  const versions = all.length === 0 ? new Map<Diversion, never>() : versionsOf(layers, byPath);
  return {
    tops: all.map(({ to }) => topOf(to)),
    placeOf({ type, name }, path) {
      const found = type === "deb" ? byPath.get(path) : undefined;
      return found === undefined || found.by === name ? undefined : found.to;
    },
    versionAt(path, layer) {
      const found = byPath.get(path);
      return found && versions.get(found)?.findLast((one) => one.layer <= layer);
    },
  };
}

function topOf(path: string): string {
  const slash = path.indexOf("/");
  return slash < 0 ? path : path.slice(0, slash);
}

/** A path through each folder that leads to the same file. */
function* otherNames(
  path: string,
  links: readonly { readonly target: string; readonly top: string }[],
): Generator<string> {
  const own = links.find(({ top }) => path.startsWith(top));
  const real = own ? own.target + path.slice(own.top.length) : path;
  yield real;
  for (const { target, top } of links) if (real.startsWith(target)) yield top + real.slice(target.length);
}

/** What the layers have where files are diverted from, lowest first. */
function versionsOf(
  layers: readonly LayerInventory[],
  diversions: ReadonlyMap<string, Diversion>,
): ReadonlyMap<Diversion, readonly Version[]> {
  const versions = new Map<Diversion, Version[]>();
  for (const [layer, { files }] of layers.entries()) {
    for (const facts of files) {
      const diversion = diversions.get(facts.path);
      if (!diversion) continue;
      const known = versions.get(diversion);
      if (known) known.push({ layer, facts });
      else versions.set(diversion, [{ layer, facts }]);
    }
  }
  return versions;
}

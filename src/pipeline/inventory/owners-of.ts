import type { Extraction } from "../../extractors/extractor.ts";
import { baseName } from "../../io/files/tree-path.ts";
import { rememberedFor } from "../../model/objects/remembered-for.ts";
import type { Distribution } from "../../model/packages/distribution.ts";
import type { PackageOwner } from "../../model/packages/package.ts";
import { isDistributionType } from "../../model/packages/package-type.ts";
import { bringingLayer } from "./bringing-layer.ts";
import { diversionsOf } from "./diversions-of.ts";
import { isBuiltByDistribution } from "./is-built-by-distribution.ts";
import type { LayerInventory } from "./layer-inventory.ts";
import type { MergedTree, VisibleFile } from "./merge-layers.ts";
import { packageKeysOf, packagesOf } from "./package-key.ts";
import { type RealNames, realNamesOf } from "./real-names-of.ts";

type Ownership = Extract<Extraction, { readonly kind: "ownership" }>;

/**
 * For each file that holds packages of a language, read or not: the package of the distribution that owns it. A package
 * owns its files only if it is installed (a list of files that outlived its package must not hide the files there), if
 * the distribution built it (only the language's own feed covers the contents of other packages), and if the file is
 * still the one that it brought: see {@link versionAt}. Where dpkg diverts a path, the file of a package that lists it
 * is the one at the other place, also when a layer above moved it there.
 */
export function ownersOf(
  { files, resolve, layers }: Pick<MergedTree, "files" | "resolve" | "layers">,
  distribution: Distribution | null,
): ReadonlyMap<string, PackageOwner> {
  const owners = new Map<string, PackageOwner>();
  const wanted = new Map<string, VisibleFile>();
  const since = new Map<string, number>();
  for (const file of files) {
    const { path } = file;
    if (file.facts.extractions.some(({ kind }) => kind === "unread")) wanted.set(path, file);
    for (const found of packagesOf(file.facts)) {
      const { type, name } = found;
      if (!isDistributionType(type)) wanted.set(path, file);
      else if (isBuiltByDistribution(found, distribution)) {
        const layer = bringingLayer(file, found);
        // A record in a file of its own and the list beside it share the file's name, which may be a shorter one.
        for (const key of [`${type}/${name}`, `${type}/${baseName(path)}`]) {
          // When several packages share a name, the one that brought a file is unknown, so the last one counts.
          if (layer > (since.get(key) ?? -1)) since.set(key, layer);
        }
      }
    }
  }
  if (wanted.size === 0) return owners;
  const lists = files.flatMap(({ facts }) =>
    facts.extractions.filter((list): list is Ownership => list.kind === "ownership" && since.has(keyOf(list.owner))),
  );
  const names = realNamesOf(resolve);
  const diversions = diversionsOf({ files, layers }, names);
  const filesAt = filesByName(wanted, names);
  const lastNames = new Set([...lastNamesOf(wanted), ...diversions.lastNames]);
  const above: Claim[] = [];
  for (const { owner, paths } of lists) {
    const layer = since.get(keyOf(owner)) ?? 0;
    const ofPaths = lastNamesOfPaths(paths);
    for (const [index, owned] of paths.entries()) {
      if (!lastNames.has(ofPaths[index] ?? "")) continue;
      const diverted = diversions.placeOf(owner, owned);
      for (const file of filesAt(diverted ?? owned)) {
        const moved = diverted === undefined ? undefined : diversions.versionAt(owned, layer);
        const brought = versionAt(file, layer) ?? moved;
        if (!brought) above.push({ owner, paths, since: layer, file });
        else if (hasSamePackages(file, brought)) owners.set(file.path, owner);
      }
    }
  }
  for (const { owner, file } of claimsOfCutImages(above, { layers, names })) owners.set(file.path, owner);
  return owners;
}

function keyOf({ type, name }: PackageOwner): string {
  return `${type}/${name}`;
}

/** That a file is a package's, which came into the target before the file did. */
interface Claim {
  readonly owner: PackageOwner;
  /** All that the package owns. */
  readonly paths: readonly string[];
  readonly since: number;
  readonly file: VisibleFile;
}

type Facts = Pick<VisibleFile, "facts">;

/**
 * The file as it was when its owner brought it, which is in the target since a layer. A layer above may have touched
 * it, changed its mode or written the same once more; what tells is that the same packages are in it.
 */
function versionAt(file: VisibleFile, since: number): Facts | undefined {
  return file.layer <= since ? file : file.below.find(({ layer }) => layer <= since);
}

function hasSamePackages(file: Facts, brought: Facts): boolean {
  const now = packageKeysOf(file.facts);
  const then = packageKeysOf(brought.facts);
  return now.size === then.size && [...now].every((key) => then.has(key));
}

/**
 * The claims that are good although the file lies above the database that names it. Some images have a layer for each
 * package (bootc), or got the database before the files. A claim is good there when the file's first version holds the
 * same packages and, except for rpm, no file of the owner lies in or below the database's layer: such a file shows that
 * the rest came from elsewhere.
 */
function claimsOfCutImages(
  claims: readonly Claim[],
  { layers, names }: Pick<MergedTree, "layers"> & { readonly names: RealNames },
): readonly Claim[] {
  const possible = claims.filter(({ file }) => !file.replaces && hasSamePackages(file, file.below.at(-1) ?? file));
  if (possible.length === 0) return [];
  const lists = new Map(
    possible
      .filter(({ owner }) => owner.type !== "rpm")
      .map(({ paths }) => [paths, paths.flatMap((path) => [path, names.realName(path)])]),
  );
  const linked = possible.flatMap(({ file }) => file.at ?? []);
  const first = firstLayers(layers, new Set([...[...lists.values()].flat(), ...linked]));
  const lowest = new Map(
    [...lists].map(([paths, both]) => [
      paths,
      both.reduce((low, name) => Math.min(low, first.get(name) ?? low), layers.length),
    ]),
  );
  return possible.filter(({ owner, paths, since, file }) => {
    if (file.at !== undefined && (first.get(file.at) ?? file.layer) < file.layer) return false;
    return owner.type === "rpm" || (lowest.get(paths) ?? 0) > since;
  });
}

/** The lowest layer in which something other than a folder is at each of some paths. */
function firstLayers(layers: readonly LayerInventory[], paths: ReadonlySet<string>): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const [layer, { names }] of layers.entries()) {
    for (const name of names) if (paths.has(name) && !first.has(name)) first.set(name, layer);
  }
  return first;
}

/** Whatever links and other names lead to a file that is wanted, its last name stays. */
function* lastNamesOf(wanted: ReadonlyMap<string, VisibleFile>): Generator<string> {
  for (const [path, { at }] of wanted) {
    yield baseName(path);
    if (at !== undefined) yield baseName(at);
  }
}

/** The images of a run share lists of files. */
const lastNamesOfPaths = rememberedFor((paths: readonly string[]): readonly string[] => paths.map(baseName));

/**
 * The files that a list of files means by a path: those that are called so, as they are or, where they were read by the
 * name of a link, as they lie there. Where none is, also those at the path with a first folder that is a symbolic link,
 * as `/lib` is where `/usr` is merged.
 */
function filesByName(
  wanted: ReadonlyMap<string, VisibleFile>,
  names: RealNames,
): (path: string) => readonly VisibleFile[] {
  const byName = new Map<string, VisibleFile[]>();
  for (const [path, file] of wanted) {
    for (const name of new Set([path, file.at ?? path])) {
      const same = byName.get(name);
      if (same) same.push(file);
      else byName.set(name, [file]);
    }
  }
  return (path) => byName.get(path) ?? byName.get(names.realName(path)) ?? none;
}

const none: readonly VisibleFile[] = [];

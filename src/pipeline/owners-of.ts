import type { Extraction } from "../extractors/extractor.ts";
import type { Distribution } from "../model/distribution.ts";
import type { PackageOwner } from "../model/package.ts";
import { isDistributionType } from "../model/package-type.ts";
import { bringingLayer, packageKeysOf, packagesOf } from "./bringing-layer.ts";
import { isBuiltByDistribution } from "./is-built-by-distribution.ts";
import type { MergedTree, VisibleFile } from "./merge-layers.ts";

type Ownership = Extract<Extraction, { readonly kind: "ownership" }>;

/**
 * For each file with a language's packages, read or not, the distribution's package that owns the file. Only a package that is installed owns
 * anything: a list of files that outlived its package must not hide what lies there. Nor does one that the distribution did not build:
 * no feed but the language's own speaks of what is in it. Nor is a file its any more that a layer above put in the place of what it
 * brought: see {@link isStillOwned}.
 */
export function ownersOf(
  { files, resolve }: Pick<MergedTree, "files" | "resolve">,
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
        for (const key of [`${type}/${name}`, `${type}/${path.slice(path.lastIndexOf("/") + 1)}`]) {
          // Of several that share a name it is not known which brought a file, so the last one counts.
          if (layer > (since.get(key) ?? -1)) since.set(key, layer);
        }
      }
    }
  }
  if (wanted.size === 0) return owners;
  const lists = files.flatMap(({ facts }) =>
    facts.extractions.filter((list): list is Ownership => list.kind === "ownership" && since.has(keyOf(list.owner))),
  );
  const real = realPaths(wanted, { tops: new Set(lists.flatMap((list) => [...topsOf(list.paths)])), resolve });
  for (const { owner, paths } of lists) {
    const layer = since.get(keyOf(owner)) ?? 0;
    for (const owned of paths) {
      const file = real.get(owned);
      if (file && isStillOwned(file, { since: layer, owner })) owners.set(file.path, owner);
    }
  }
  return owners;
}

function keyOf({ type, name }: PackageOwner): string {
  return `${type}/${name}`;
}

/**
 * Whether a file is what its owner brought, which is in the target since a layer. A layer above may have touched the file, changed its
 * mode or written the same once more; what tells is that the same packages are in it. Images that are cut into layers by package have
 * the files of an rpm above the database that names them, as those of bootc have; there the file's first version counts.
 */
function isStillOwned(
  file: VisibleFile,
  { since, owner }: { readonly since: number; readonly owner: PackageOwner },
): boolean {
  if (file.layer <= since) return true;
  const { below, replaces } = file;
  const brought =
    below.find(({ layer }) => layer <= since) ??
    (owner.type === "rpm" && !replaces ? (below.at(-1) ?? file) : undefined);
  if (!brought) return false;
  const now = packageKeysOf(file.facts);
  const then = packageKeysOf(brought.facts);
  return now.size === then.size && [...now].every((key) => then.has(key));
}

/**
 * Files by the names that lists of files may have for them: as they are, and with a first folder that is a symbolic link, as `/lib`
 * is where `/usr` is merged. A path as it is goes first.
 */
function realPaths(
  wanted: ReadonlyMap<string, VisibleFile>,
  { tops, resolve }: { readonly tops: ReadonlySet<string>; readonly resolve: MergedTree["resolve"] },
): ReadonlyMap<string, VisibleFile> {
  const real = new Map<string, VisibleFile>();
  for (const top of tops) {
    const target = resolve(top);
    if (target === undefined || target === top) continue;
    const folder = `${target}/`;
    for (const [path, file] of wanted) {
      if (path.startsWith(folder)) real.set(`${top}/${path.slice(folder.length)}`, file);
    }
  }
  for (const [path, file] of wanted) real.set(path, file);
  return real;
}

const knownTops = new WeakMap<readonly string[], ReadonlySet<string>>();

/** The first folders of paths. */
function topsOf(paths: readonly string[]): ReadonlySet<string> {
  const known = knownTops.get(paths);
  if (known) return known;
  const tops = new Set<string>();
  for (const path of paths) {
    const slash = path.indexOf("/");
    if (slash > 0) tops.add(path.slice(0, slash));
  }
  knownTops.set(paths, tops);
  return tops;
}

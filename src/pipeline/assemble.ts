import type { Extraction } from "../extractors/extractor.ts";
import type { Distribution } from "../model/distribution.ts";
import type { FoundPackage, Package, PackageOwner } from "../model/package.ts";
import { isDistributionType } from "../model/package-type.ts";
import { packageUrl } from "../model/package-url.ts";
import type { Problem } from "../model/problem.ts";
import { compareText } from "../versions/natural.ts";
import { isBuiltByDistribution } from "./is-built-by-distribution.ts";
import type { FileFacts } from "./layer-inventory.ts";
import type { MergedTree, VisibleFile } from "./merge-layers.ts";

/** What a merged tree holds. */
export interface TreeContents {
  readonly distribution: Distribution | null;
  /** Sorted by type, name, version and path. */
  readonly packages: readonly Package[];
  readonly problems: readonly Problem[];
}

/** Turns the facts of the visible files into packages with their place, layer, owner and package URL. */
export function assemble(
  { files, resolve }: Pick<MergedTree, "files" | "resolve">,
  exactPaths: readonly string[],
): TreeContents {
  const distribution = withRepositories(chooseDistribution(files, exactPaths), files);
  const owners = ownersOf(files, resolve, distribution);
  const packages = new Map<string, Gathered>();
  const purlOf = purlsFor(distribution);
  for (const file of files) {
    const owner = owners.get(file.path);
    for (const found of packagesOf(file.facts)) {
      const ownedBy = isDistributionType(found.type) ? undefined : owner;
      const layer = bringingLayer(file, found);
      const path = found.inside === undefined ? file.path : `${file.path}!/${found.inside}`;
      const key = JSON.stringify([packageKey(found), layer, ownedBy?.type, ownedBy?.name]);
      const known = packages.get(key);
      if (known) {
        known.paths.push(path);
        known.linked.push(found.linkedPackages);
      } else {
        const first = toPackage(found, { path, layer, ownedBy, purl: purlOf(found) });
        packages.set(key, { first, paths: [path], linked: [found.linkedPackages] });
      }
    }
  }
  return {
    distribution,
    packages: [...packages.values()].map(toWhole).sort(byIdentity),
    problems: files.flatMap(({ facts }) => facts.problems),
  };
}

type Ownership = Extract<Extraction, { readonly kind: "ownership" }>;

/** A package and all of its places. */
interface Gathered {
  readonly first: Package;
  readonly paths: string[];
  readonly linked: (readonly string[] | undefined)[];
}

/** What one of several programs contains, the package contains; what is not known of one is not known of it. */
function toWhole({ first, paths, linked }: Gathered): Package {
  if (paths.length === 1 && first.linkedPackages === undefined) return first;
  const { linkedPackages: _ofTheFirst, ...rest } = first;
  const known = linked.every((list) => list !== undefined);
  const linkedPackages = known ? [...new Set(linked.flat())].sort() : undefined;
  return { ...rest, paths: [...new Set(paths)].sort(), ...(linkedPackages && { linkedPackages }) };
}

const keys = new WeakMap<FoundPackage, string>();

/** The names that identify a package within one target. */
function packageKey(found: FoundPackage): string {
  const known = keys.get(found);
  if (known !== undefined) return known;
  const { type, name, version, architecture, mainModule } = found;
  const key = JSON.stringify([type, name, version, architecture, mainModule]);
  keys.set(found, key);
  return key;
}

const purls = new WeakMap<FoundPackage, { readonly distribution: string; readonly purl: string }>();

/** Package URLs in a distribution. Images that share a layer ask for the same ones. */
function purlsFor(distribution: Distribution | null): (found: FoundPackage) => string {
  const name = JSON.stringify(distribution);
  return (found) => {
    const known = purls.get(found);
    if (known?.distribution === name) return known.purl;
    const purl = packageUrl(found, distribution ?? undefined);
    purls.set(found, { distribution: name, purl });
    return purl;
  };
}

function packagesOf(facts: FileFacts): FoundPackage[] {
  return facts.extractions.flatMap((extraction) => (extraction.kind === "package" ? [extraction.package] : []));
}

interface PackagePlace {
  readonly path: string;
  readonly layer: number;
  readonly ownedBy: PackageOwner | undefined;
  readonly purl: string;
}

const lastPackages = new WeakMap<FoundPackage, { readonly place: PackagePlace; readonly made: Package }>();

/** Images that share a layer get the same object for the same package in the same place. */
function toPackage(found: FoundPackage, place: PackagePlace): Package {
  const { path, layer, ownedBy, purl } = place;
  const last = lastPackages.get(found);
  if (last && last.place.path === path && last.place.layer === layer) {
    if (last.place.ownedBy === ownedBy && last.place.purl === purl) return last.made;
  }
  const { inside: _inside, qualifiers: _qualifiers, ...rest } = found;
  const made = { ...rest, purl, paths: [path], layer, ...(ownedBy ? { ownedBy } : {}) };
  lastPackages.set(found, { place, made });
  return made;
}

/** The lowest layer from which the package was at this path in every version of the file up to the visible one. */
function bringingLayer(file: VisibleFile, found: FoundPackage): number {
  const key = packageKey(found);
  let layer = file.layer;
  for (const lower of file.below) {
    if (!keysOf(lower.facts).has(key)) break;
    layer = lower.layer;
  }
  return layer;
}

const keyCache = new WeakMap<FileFacts, ReadonlySet<string>>();

function keysOf(facts: FileFacts): ReadonlySet<string> {
  const known = keyCache.get(facts);
  if (known) return known;
  const keys = new Set(packagesOf(facts).map(packageKey));
  keyCache.set(facts, keys);
  return keys;
}

/**
 * For each file with a language's packages the distribution's package that owns the file. Only a package that is installed owns
 * anything: a list of files that outlived its package must not hide what lies there. Nor does one that the distribution did not build:
 * no feed but the language's own speaks of what is in it.
 */
function ownersOf(
  files: readonly VisibleFile[],
  resolve: MergedTree["resolve"],
  distribution: Distribution | null,
): ReadonlyMap<string, PackageOwner> {
  const owners = new Map<string, PackageOwner>();
  const wanted = new Set<string>();
  const installed = new Set<string>();
  for (const { path, facts } of files) {
    for (const found of packagesOf(facts)) {
      const { type, name } = found;
      if (!isDistributionType(type)) wanted.add(path);
      else if (!isBuiltByDistribution(found, distribution)) continue;
      // A record in a file of its own and the list beside it share the file's name, which may be a shorter one.
      else installed.add(`${type}/${name}`).add(`${type}/${path.slice(path.lastIndexOf("/") + 1)}`);
    }
  }
  if (wanted.size === 0) return owners;
  const lists = files.flatMap(({ facts }) =>
    facts.extractions.filter(
      (list): list is Ownership => list.kind === "ownership" && installed.has(`${list.owner.type}/${list.owner.name}`),
    ),
  );
  const real = realPaths(wanted, { tops: new Set(lists.flatMap((list) => [...topsOf(list.paths)])), resolve });
  for (const { owner, paths } of lists) {
    for (const owned of paths) {
      const path = real.get(owned);
      if (path !== undefined) owners.set(path, owner);
    }
  }
  return owners;
}

/**
 * Paths by the names that lists of files may have for them: as they are, and with a first folder that is a symbolic link, as `/lib`
 * is where `/usr` is merged. A path as it is goes first.
 */
function realPaths(
  wanted: ReadonlySet<string>,
  { tops, resolve }: { readonly tops: ReadonlySet<string>; readonly resolve: MergedTree["resolve"] },
): ReadonlyMap<string, string> {
  const real = new Map<string, string>();
  for (const top of tops) {
    const target = resolve(top);
    if (target === undefined || target === top) continue;
    const folder = `${target}/`;
    for (const path of wanted) if (path.startsWith(folder)) real.set(`${top}/${path.slice(folder.length)}`, path);
  }
  for (const path of wanted) real.set(path, path);
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

/**
 * The distribution by the most trustworthy file that tells it, in the order of the extractor's patterns: `/etc/os-release` first
 * (os-release(5)), the files from before it last. A file without a version takes it from the next one of the same distribution.
 */
function chooseDistribution(files: readonly VisibleFile[], exactPaths: readonly string[]): Distribution | null {
  const found = files.flatMap(({ path, facts }) =>
    facts.extractions.flatMap((extraction) =>
      extraction.kind === "distribution" ? [{ path, distribution: extraction.distribution }] : [],
    ),
  );
  found.sort((a, b) => exactPaths.indexOf(a.path) - exactPaths.indexOf(b.path));
  const chosen = found[0]?.distribution;
  if (!chosen) return null;
  const version = found.find(({ distribution }) => distribution.id === chosen.id && distribution.version !== undefined);
  return chosen.version === undefined && version ? { ...chosen, ...pickVersion(version.distribution) } : chosen;
}

/** The distribution with the repositories that any of the files names. */
function withRepositories(distribution: Distribution | null, files: readonly VisibleFile[]): Distribution | null {
  if (!distribution) return null;
  const names = files.flatMap(({ facts }) =>
    facts.extractions.flatMap((extraction) => (extraction.kind === "repositories" ? extraction.repositories : [])),
  );
  return names.length === 0 ? distribution : { ...distribution, repositories: [...new Set(names)].sort() };
}

function pickVersion({ version }: Distribution): { version?: string } {
  return version === undefined ? {} : { version };
}

function byIdentity(a: Package, b: Package): number {
  return (
    compareText(a.type, b.type) ||
    compareText(a.name, b.name) ||
    compareText(a.version, b.version) ||
    compareText(a.purl, b.purl) ||
    comparePaths(a, b)
  );
}

function comparePaths(a: Package, b: Package): number {
  return compareText(a.paths[0] ?? "", b.paths[0] ?? "");
}

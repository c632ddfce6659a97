import type { Distribution } from "../../model/packages/distribution.ts";
import type { DeclaredPlace, FoundPackage, Package, PackageOwner } from "../../model/packages/package.ts";
import { isDistributionType } from "../../model/packages/package-type.ts";
import { packageUrl } from "../../model/packages/package-url.ts";
import type { UnreadFiles } from "../../model/packages/unread-files.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { compareText } from "../../model/text/compare-text.ts";
import { bringingLayer } from "./bringing-layer.ts";
import { declaredPlaces } from "./declared-places.ts";
import { joinPlaces, type PackageAtPlaces } from "./join-places.ts";
import type { MergedTree, VisibleFile } from "./merge-layers.ts";
import { ownersOf } from "./owners-of.ts";
import { packageKey, packagesOf } from "./package-key.ts";
import { unreadFiles } from "./unread-files.ts";

/** What a merged tree holds. */
export interface TreeContents {
  readonly distribution: Distribution | null;
  /** Sorted by type, name, version and path. */
  readonly packages: readonly Package[];
  /** Files of packages in formats that are not read, which may hold packages that are not among these. */
  readonly unread: readonly UnreadFiles[];
  readonly problems: readonly Problem[];
}

/** How the facts of a target are to be understood. */
export interface AssembleOptions {
  /** The paths at which an extractor wants a file, in its order. */
  readonly exactPaths: readonly string[];
  /** As {@link Surroundings.isRepository}. */
  readonly isRepository?: boolean | undefined;
}

/** Turns the facts of the visible files into packages with their place, layer, owner and package URL. */
export function assemble(
  { files, resolve, layers }: Pick<MergedTree, "files" | "resolve" | "layers">,
  { exactPaths, isRepository }: AssembleOptions,
): TreeContents {
  const distribution = withRepositories(chooseDistribution(files, exactPaths), files);
  const owners = ownersOf({ files, resolve, layers }, distribution);
  const packages = new Map<string, PackageAtPlaces>();
  const purlOf = purlsFor(distribution);
  for (const file of files) {
    const owner = owners.get(file.path);
    for (const found of packagesOf(file.facts)) {
      const ownedBy = isDistributionType(found.type) ? undefined : owner;
      // A program that was recognised by its bytes is the distribution's package that owns it.
      if (ownedBy && found.type === "generic") continue;
      const layer = bringingLayer(file, found);
      const path = found.inside === undefined ? file.path : `${file.path}!/${found.inside}`;
      // JSON tells its own end, so that nothing of two keys can run together.
      const key = `${packageKey(found)}${layer}${ownedBy ? ` ${ownedBy.type} ${ownedBy.name}` : ""}`;
      const known = packages.get(key);
      const declaration = declaredPlaces(file.facts).get(found);
      if (known) known.others.push({ path, found, declaration });
      else {
        const place = { path, layer, ownedBy, purl: purlOf(found), declaration };
        packages.set(key, { first: toPackage(found, place), others: [] });
      }
    }
  }
  const sorted = [...packages.values()].map(joinPlaces).sort(byIdentity);
  return {
    distribution,
    packages: sorted,
    unread: unreadFiles(files, { packages: sorted, owners, isRepository }),
    problems: files.flatMap(({ facts }) => facts.problems),
  };
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

interface PackagePlace {
  readonly path: string;
  readonly declaration: DeclaredPlace | undefined;
  readonly layer: number;
  readonly ownedBy: PackageOwner | undefined;
  readonly purl: string;
}

const lastPackages = new WeakMap<FoundPackage, { readonly place: PackagePlace; readonly made: Package }>();

/** Images that share a layer get the same object for the same package in the same place. */
function toPackage(found: FoundPackage, place: PackagePlace): Package {
  const { path, layer, ownedBy, purl, declaration } = place;
  const last = lastPackages.get(found);
  if (last && last.place.path === path && last.place.layer === layer) {
    if (last.place.ownedBy === ownedBy && last.place.purl === purl) return last.made;
  }
  const { inside: _inside, qualifiers: _qualifiers, declaration: _declaration, ...rest } = found;
  const made: Package = {
    ...{ ...rest, purl, paths: [path], layer },
    ...(ownedBy && { ownedBy }),
    ...(declaration && { declaration }),
  };
  lastPackages.set(found, { place, made });
  return made;
}

/**
 * The distribution by the most trustworthy file that tells it, in the order of the extractor's patterns:
 * `/etc/os-release` first (os-release(5)), the files from before it last. A file without a version takes it from the
 * next one of the same distribution.
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

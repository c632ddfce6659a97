import { longestPath, parentPath } from "../../io/files/tree-path.ts";
import type { OpenFile } from "../../model/images/file.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { LayerCover } from "../../sources/image/layer-cover.ts";
import type { FileFacts, LayerInventory } from "./layer-inventory.ts";
import { addWithFolders, type LayerLookup, lookupOf, type NameKind } from "./layer-lookup.ts";
import { resolveLinks } from "./resolve-links.ts";

/** A file of the merged tree that extractors found something in. */
export interface VisibleFile {
  readonly path: string;
  readonly layer: number;
  readonly facts: FileFacts;
  /** Where its bytes are, for a file that was read under the name that a link gives it. */
  readonly at?: string;
  /** What the layers below had at the same path until some layer removed it, nearest first. */
  readonly below: readonly Version[];
  /** True when a layer below had something at the same path that a layer above it removed. */
  readonly replaces?: true;
}

/** A file as one layer has it. */
interface Version {
  readonly layer: number;
  readonly facts: FileFacts;
}

/** A file that must be read once more, because a link gives it a name that an extractor wants. */
export interface FollowUp {
  readonly layer: number;
  /** Where the bytes are in that layer. */
  readonly path: string;
  /** The name that is wanted. */
  readonly as: string;
  /** As `OpenFile.completedBy`. */
  readonly completedBy?: OpenFile;
}

/** The tree that a container would see, as far as extractors care. */
export interface MergedTree {
  readonly files: readonly VisibleFile[];
  readonly followUps: readonly FollowUp[];
  /** What was merged. */
  readonly layers: readonly LayerInventory[];
  /** A note when not all exact paths were followed, because that would take too long. */
  readonly problems: readonly Problem[];
  /** The path in the merged tree that a path names when the symbolic links among its folders are followed. */
  resolve(path: string): string | undefined;
  /**
   * Whether the location of a package is there. True where that is not known: behind a symbolic link, beyond the end of
   * a layer that could not be read whole, and for a path that no file of the layers gives as a location.
   */
  holds(location: string): boolean;
}

/**
 * Merges layers, lowest first, as overlay file systems do; see {@link LayerCover}. `exactPaths` are the paths that
 * extractors want by name; they are followed through symbolic links.
 */
export function mergeLayers(layers: readonly LayerInventory[], exactPaths: readonly string[]): MergedTree {
  const lookups = layers.map(lookupOf);
  const { paths: linked, followed, isWhole } = pathsOfLinks(lookups, new Set(exactPaths));
  const locations = new Set(lookups.flatMap(({ locations }) => locations));
  const lowest = new Set([...linked, ...locations]);
  const needed = neededPaths(lookups.slice(0, -1), lowest);
  const held = new Set<string>();
  const cover = new LayerCover();
  const files = new Map<string, { path: string; layer: number; facts: FileFacts; below: Version[]; replaces?: true }>();
  const visibleLinks = new Map<string, string>();
  const wantedLinks: FollowUp[] = [];
  const owners = new Map<string, number>();
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index];
    const lookup = lookups[index];
    if (!layer || !lookup) continue;
    for (const facts of layer.files) {
      const { path } = facts;
      const above = files.get(path);
      if (!cover.hides(path)) files.set(path, { path, layer: index, facts, below: [] });
      else if (!cover.removes(path)) above?.below.push({ layer: index, facts });
      else if (above) above.replaces = true;
    }
    for (const [path, target] of layer.hardlinks) {
      if (!cover.hides(path)) wantedLinks.push({ layer: index, path: target, as: path });
    }
    for (const path of linked) {
      const target = lookup.links.get(path);
      if (target !== undefined && !cover.hides(path)) visibleLinks.set(path, target);
    }
    for (const [path, { other }] of namesAt(index === 0 ? lowest : needed, { layer, lookup })) {
      if (locations.has(path) && !cover.hides(path)) held.add(path);
      if (other && !owners.has(path) && !cover.hides(path)) owners.set(path, index);
      cover.pend(path, !other);
    }
    cover.settle(layer);
  }
  const resolve = (path: string): string | undefined => resolveLinks(path, (link) => visibleLinks.get(link));
  const isWholeTree = layers.every(({ complete }) => complete);
  const isBehindLink = (path: string): boolean => {
    for (let place = path; place !== ""; place = parentPath(place)) {
      if (lookups.some(({ links }) => links.has(place))) return true;
    }
    return false;
  };
  return {
    holds: (location) => !isWholeTree || !locations.has(location) || held.has(location) || isBehindLink(location),
    files: [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    followUps: [...wantedLinks, ...throughSymlinks(followed, { resolve, owners, visibleLinks })],
    layers,
    problems: isWhole ? [] : [{ code: "limit-exceeded", message: "not all paths were followed through links" }],
    resolve,
  };
}

/** The paths at which names of a layer above can hide something of these layers, and those where links matter. */
function neededPaths(layers: readonly LayerLookup[], linked: ReadonlySet<string>): Set<string> {
  const needed = new Set<string>(linked);
  for (const { places } of layers) for (const path of places) needed.add(path);
  return needed;
}

/** The names of a layer that are among some paths. */
function* namesAt(
  paths: ReadonlySet<string>,
  { layer, lookup: { names } }: { readonly layer: LayerInventory; readonly lookup: LayerLookup },
): Generator<readonly [path: string, kind: NameKind]> {
  if (names && names.size > paths.size) {
    for (const path of paths) {
      const kind = names.get(path);
      if (kind) yield [path, kind];
    }
    return;
  }
  for (const name of layer.names) {
    const folder = name.endsWith("/");
    const path = folder ? name.slice(0, -1) : name;
    if (paths.has(path)) yield [path, { folder, other: !folder }];
  }
}

/** The most places that paths are followed to through links of any layer, besides a few for each exact path. */
const mostPlaces = 2_000;
const mostPlacesOfPath = 3;
/**
 * The most work of following paths, about the characters that are looked at: a path costs its length for each of its
 * folders, and something for each folder that is kept and for each look-up in a layer. 20,000 paths, twelve folders
 * deep in 127 layers, stay below.
 */
const mostWork = 400_000_000;
const workOfFolder = 200;
const workOfLookup = 8;

interface PathsOfLinks {
  readonly paths: ReadonlySet<string>;
  /** The exact paths among them, in their order. */
  readonly followed: readonly string[];
  /** False when there was too much to do for all of them. */
  readonly isWhole: boolean;
}

/**
 * The paths at which a symbolic link, or the file that it leads to, can matter: links at the top, exact paths, and
 * wherever the links of any layer lead these.
 */
function pathsOfLinks(layers: readonly LayerLookup[], exactPaths: ReadonlySet<string>): PathsOfLinks {
  const top = new Set(layers.flatMap(({ topLinks }) => topLinks).filter((path) => !exactPaths.has(path)));
  const places = new Set([...[...top].slice(0, mostPlaces), ...exactPaths]);
  const most = mostPlaces + mostPlacesOfPath * exactPaths.size;
  const paths = new Set<string>();
  const followed: string[] = [];
  let work = 0;
  for (const place of places) {
    work += workOfPlace(place, layers.length);
    if (work > mostWork) break;
    if (exactPaths.has(place)) followed.push(place);
    addWithFolders(paths, place);
    for (let link = place; link !== "" && work <= mostWork; link = parentPath(link)) {
      let known: string | undefined;
      for (const { links } of layers) {
        const target = links.get(link);
        if (target === undefined || target === known || places.size >= most) continue;
        known = target;
        const start = target.startsWith("/") ? "" : parentPath(link);
        const path = `${start}/${target}${place.slice(link.length)}`;
        work += path.length * (1 + path.length / 16);
        const next = resolveLinks(path, () => undefined);
        if (next && next.length <= longestPath) places.add(next);
      }
    }
  }
  return { paths, followed, isWhole: work <= mostWork };
}

function workOfPlace(path: string, layers: number): number {
  let folders = 1;
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) folders++;
  return folders * (path.length + workOfFolder + workOfLookup * layers);
}

/** Exact paths that lead through symbolic links to a file of another name. */
function throughSymlinks(
  exactPaths: readonly string[],
  {
    resolve,
    owners,
    visibleLinks,
  }: {
    resolve: MergedTree["resolve"];
    owners: ReadonlyMap<string, number>;
    visibleLinks: ReadonlyMap<string, string>;
  },
): FollowUp[] {
  if (visibleLinks.size === 0) return [];
  const known = new Set(exactPaths);
  return exactPaths.flatMap((as) => {
    const path = resolve(as);
    if (path === undefined || path === as || known.has(path)) return [];
    const layer = owners.get(path);
    return layer === undefined ? [] : [{ layer, path, as }];
  });
}

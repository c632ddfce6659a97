import type { Extractor } from "../extractors/extractor.ts";
import { longestPath, parentPath } from "../io/tree-path.ts";
import type { FileMatcher } from "./file-matcher.ts";
import type { LayerInventory } from "./layer-inventory.ts";
import { resolveLinks } from "./resolve-links.ts";

/** The most such links that are followed in one target. */
const mostLinks = 2_000;
/** The most files that are read for them: as many as three large applications have packages. */
const mostFiles = 20_000;

/** Files that lie in folders to which only a link gives a name that says what is in them. */
export interface LinksToOtherFolders {
  /** The files, by the names that they have through the links. */
  readonly paths: readonly string[];
  /** How many more links or files there were than are followed. */
  readonly left: number;
  /** Links of a folder that stands alone which lead to nothing in it. */
  readonly missing: readonly { readonly path: string; readonly target: string }[];
}

/**
 * The files behind symbolic links of folders whose name says what lies in them (`node_modules -> /cache/deps`, `x.dist-info ->
 * /store/5f3a`, `var/lib/dpkg/status.d`, and links above such a folder): at their own paths nobody knows them for what they are. A link
 * to a folder of such a name itself (`node_modules -> ../shared/node_modules`) is not followed, for what is there is read there.
 */
export function linksToOtherFolders(
  layers: readonly LayerInventory[],
  { matcher, standsAlone }: { readonly matcher: FileMatcher; readonly standsAlone: boolean },
): LinksToOtherFolders {
  const { named, left } = namedLinks(layers, matcher);
  if (named.length === 0) return { paths: [], left, missing: [] };
  const links = new Map(layers.flatMap(({ symlinks }) => symlinks));
  const places = new PlacesByTarget();
  for (const path of named) {
    const target = resolveLinks(path, (link) => links.get(link));
    if (!target || target === path || path.startsWith(`${target}/`)) continue;
    const saidThere = matcher.byFolder(target);
    const extractors = matcher.byFolder(path).filter((extractor) => !saidThere.includes(extractor));
    if (extractors.length > 0 || standsAlone) places.add(target, { path, extractors });
  }
  if (places.size === 0) return { paths: [], left, missing: [] };
  const files = filesAt(places, { layers, matcher });
  return { ...files, left: left + files.left, missing: standsAlone ? files.missing : [] };
}

/** The links of folders whose name says what lies in them, and the folders with a path that says it and a link in that path. */
function namedLinks(
  layers: readonly LayerInventory[],
  matcher: FileMatcher,
): { readonly named: readonly string[]; readonly left: number } {
  const named = new Set<string>();
  let left = 0;
  for (const { symlinks } of layers) {
    for (const [path] of symlinks) {
      const below = matcher.folders.filter((folder) => folder === path || folder.startsWith(`${path}/`));
      for (const folder of below) named.add(folder);
      if (below.length > 0 || named.has(path) || matcher.byFolder(path).length === 0) continue;
      if (named.size < mostLinks) named.add(path);
      else left++;
    }
  }
  return { named: [...named], left };
}

/** A folder's name that says what lies in it, and the extractors to which it says it. */
interface Place {
  readonly path: string;
  readonly extractors: readonly Extractor[];
}

/** Places by the folder that they lead to, looked up for every name in an image. */
class PlacesByTarget {
  readonly #places = new Map<string, Place[]>();
  readonly #lengths: boolean[] = [];

  add(target: string, place: Place): void {
    const known = this.#places.get(target);
    if (known) known.push(place);
    else this.#places.set(target, [place]);
    this.#lengths[target.length] = true;
  }

  get size(): number {
    return this.#places.size;
  }

  entries(): Iterable<[string, Place[]]> {
    return this.#places;
  }

  /** The targets that are a folder above a path, or the path itself. */
  *above(path: string): Generator<readonly [target: string, places: readonly Place[]]> {
    for (let end = path.indexOf("/"); ; end = path.indexOf("/", end + 1)) {
      const length = end < 0 ? path.length : end;
      if (this.#lengths[length] === true) {
        const target = path.slice(0, length);
        const places = this.#places.get(target);
        if (places) yield [target, places];
      }
      if (end < 0) return;
    }
  }
}

function filesAt(
  places: PlacesByTarget,
  { layers, matcher }: { readonly layers: readonly LayerInventory[]; readonly matcher: FileMatcher },
): LinksToOtherFolders {
  const paths = new Set<string>();
  const reached = new Set<string>();
  let left = 0;
  for (const { names } of layers) {
    for (const name of names) {
      const isFolder = name.endsWith("/");
      for (const [target, placesThere] of places.above(isFolder ? name.slice(0, -1) : name)) {
        reached.add(target);
        if (isFolder || target === name) continue;
        for (const place of placesThere) {
          const path = `${place.path}${name.slice(target.length)}`;
          if (paths.has(path) || !isReadOnlyThere(path, { place, matcher })) continue;
          if (paths.size < mostFiles) paths.add(path);
          else left++;
        }
      }
    }
  }
  const missing = [...places.entries()].flatMap(([target, placesThere]) =>
    reached.has(target) ? [] : placesThere.map(({ path }) => ({ path, target })),
  );
  return { paths: [...paths], left, missing };
}

/** True when an extractor wants a file for the folder's name, and no folder between the two says the same of it. */
function isReadOnlyThere(
  path: string,
  { place, matcher }: { readonly place: Place; readonly matcher: FileMatcher },
): boolean {
  if (path.length > longestPath) return false;
  const wantedBy = matcher.byPath(path);
  return place.extractors.some((extractor) => {
    if (!wantedBy.includes(extractor)) return false;
    for (let folder = parentPath(path); folder.length > place.path.length; folder = parentPath(folder)) {
      if (matcher.byFolder(folder).includes(extractor)) return false;
    }
    return true;
  });
}

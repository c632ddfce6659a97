import type { Extractor } from "../../extractors/extractor.ts";
import { cleanPath, longestPath, parentPath } from "../../io/files/tree-path.ts";
import { rememberedForBoth } from "../../model/objects/remembered-for.ts";
import type { FileMatcher } from "./file-matcher.ts";
import type { LayerInventory } from "./layer-inventory.ts";
import { resolveLinks } from "./resolve-links.ts";

/** The most such links that are followed in one target. */
const mostLinks = 2_000;
/** The most files that are read for them: as many as three large applications have packages. */
const mostFiles = 20_000;
/**
 * The most work that is done for them, about the characters that are looked at: each name that a link gives a file
 * costs its length, once more for each folder that is looked at in it, and something for being made.
 */
const mostWork = 400_000_000;
const workOfName = 64;

/** Files that lie in folders to which only a link gives a name that says what is in them. */
export interface LinksToOtherFolders {
  /** The files, by the names that they have through the links. */
  readonly paths: readonly string[];
  /** How many more links and files there were than are followed. */
  readonly left: number;
  /** True when there were so many that the rest was not even counted. */
  readonly isCut: boolean;
  /** Links of a folder that stands alone which lead to nothing in it, where something may be. */
  readonly missing: readonly string[];
}

/**
 * The files behind symbolic links of folders whose name identifies their contents (`node_modules -> /cache/deps`,
 * `x.dist-info -> /store/5f3a`, `var/lib/dpkg/status.d`, and links above such a folder): their own paths do not
 * identify them. A link to a folder of such a name itself (`node_modules -> ../shared/node_modules`) is not followed,
 * because that folder is read in its own place.
 */
export function linksToOtherFolders(
  layers: readonly LayerInventory[],
  { matcher, standsAlone }: { readonly matcher: FileMatcher; readonly standsAlone: boolean },
): LinksToOtherFolders {
  const { named, left } = namedLinks(layers, matcher);
  const work = new Work();
  const places = new PlacesByTarget(work);
  const links = named.size === 0 ? new Map<string, string>() : visibleLinks(layers);
  let leaves = false;
  const linkAt = (path: string): string | undefined => {
    work.spend(path.length);
    const text = work.isDone ? undefined : links.get(path);
    if (text !== undefined) leaves ||= text.startsWith("/") || cleanPath(`${parentPath(path)}/${text}`) === undefined;
    return text;
  };
  const outer = standsAlone ? new Set(named.values()) : [];
  for (const path of new Set([...named.keys(), ...outer])) {
    leaves = false;
    const target = resolveLinks(path, linkAt);
    if (work.isDone) break;
    if (!target || target === path || path.startsWith(`${target}/`)) continue;
    const saidThere = matcher.byFolder(target);
    const extractors = matcher.byFolder(path).filter((extractor) => !saidThere.includes(extractor));
    // A folder below a link may be missing, and a link that stays inside need not lead to anything.
    const isMissed = named.has(path) ? named.get(path) === path : leaves;
    if (extractors.length > 0 || standsAlone) places.add(target, { path, extractors, isMissed });
  }
  const files = filesAt(places, { layers, matcher, work });
  return { ...files, left: left + files.left, missing: standsAlone ? files.missing : [] };
}

/** Counts what is done, so that it ends in time whatever is in an image. */
class Work {
  #left = mostWork;

  spend(size: number): void {
    this.#left -= size;
  }

  get isDone(): boolean {
    return this.#left < 0;
  }

  stop(): void {
    this.#left = -1;
  }
}

/**
 * The links of folders whose name says what lies in them, and the folders with a path that says it, with a link in that
 * path.
 */
function namedLinks(
  layers: readonly LayerInventory[],
  matcher: FileMatcher,
): { readonly named: ReadonlyMap<string, string>; readonly left: number } {
  const named = new Map<string, string>();
  const more = new Set<string>();
  for (const layer of layers) {
    for (const { path, below } of namedLinksIn(matcher, layer)) {
      for (const folder of below) named.set(folder, path);
      if (below.length > 0 || named.has(path)) continue;
      if (named.size < mostLinks) named.set(path, path);
      else more.add(path);
    }
  }
  return { named, left: more.size };
}

/** A link in one layer, and the folders whose path says what lies in them that are it, or lie below it. */
interface NamedLink {
  readonly path: string;
  /** Empty for one whose own name says it. */
  readonly below: readonly string[];
}

/** Those of one layer. */
const namedLinksIn = rememberedForBoth((matcher: FileMatcher, { symlinks }: LayerInventory): readonly NamedLink[] =>
  symlinks.flatMap(([path]) => {
    const below = matcher.folders.filter((folder) => folder === path || folder.startsWith(`${path}/`));
    return below.length > 0 || matcher.byFolder(path).length > 0 ? [{ path, below }] : [];
  }),
);

/** The symbolic links of all layers, without those in place of which a layer above has something else. */
function visibleLinks(layers: readonly LayerInventory[]): Map<string, string> {
  const links = new Map<string, string>();
  for (const { names, whiteouts, symlinks } of layers) {
    if (links.size > 0) {
      for (const path of whiteouts) links.delete(path);
      for (const name of names) links.delete(name.endsWith("/") ? name.slice(0, -1) : name);
    }
    for (const [path, text] of symlinks) links.set(path, text);
  }
  return links;
}

/** A folder's name that says what lies in it, and the extractors to which it says it. */
interface Place {
  readonly path: string;
  readonly extractors: readonly Extractor[];
  /** True when packages may be missing where it leads to nothing. */
  readonly isMissed: boolean;
}

/** Places by the folder that they lead to, looked up for every name in an image. */
class PlacesByTarget {
  readonly #work: Work;
  readonly #places = new Map<string, Place[]>();
  readonly #lengths: boolean[] = [];

  constructor(work: Work) {
    this.#work = work;
  }

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
        this.#work.spend(length);
        const target = path.slice(0, length);
        const places = this.#places.get(target);
        if (places) yield [target, places];
      }
      if (end < 0) return;
    }
  }
}

interface PlaceOptions {
  readonly layers: readonly LayerInventory[];
  readonly matcher: FileMatcher;
  readonly work: Work;
}

function filesAt(places: PlacesByTarget, { layers, matcher, work }: PlaceOptions): LinksToOtherFolders {
  const paths = new Set<string>();
  const more = new Set<string>();
  const reached = new Set<string>();
  for (const [name, target, place] of namesBelow(places, layers)) {
    if (work.isDone) break;
    reached.add(target);
    if (!place) continue;
    const path = `${place.path}${name.slice(target.length)}`;
    work.spend(workOfName + path.length);
    if (paths.has(path) || !isReadOnlyThere(path, { place, matcher, work })) continue;
    (paths.size < mostFiles ? paths : more).add(path);
    if (more.size === mostFiles) work.stop();
  }
  const isCut = work.isDone;
  const missing = [...places.entries()].flatMap(([target, placesThere]) =>
    reached.has(target) || isCut ? [] : placesThere.flatMap(({ path, isMissed }) => (isMissed ? [path] : [])),
  );
  return { paths: [...paths], left: more.size, isCut, missing };
}

/**
 * Names of all layers with each target that they lie in, and for files with each place that leads there to something
 * that is read.
 */
function* namesBelow(
  places: PlacesByTarget,
  layers: readonly LayerInventory[],
): Generator<readonly [name: string, target: string, place?: Place]> {
  if (places.size === 0) return;
  for (const { names } of layers) {
    for (const name of names) {
      const isFolder = name.endsWith("/");
      for (const [target, placesThere] of places.above(isFolder ? name.slice(0, -1) : name)) {
        yield [name, target];
        if (isFolder || target === name) continue;
        for (const place of placesThere) if (place.extractors.length > 0) yield [name, target, place];
      }
    }
  }
}

/** True when an extractor wants a file for the folder's name, and no folder between the two says the same of it. */
function isReadOnlyThere(
  path: string,
  { place, matcher, work }: Pick<PlaceOptions, "matcher" | "work"> & { readonly place: Place },
): boolean {
  if (path.length > longestPath) return false;
  const wantedBy = matcher.byPath(path);
  return place.extractors.some((extractor) => {
    if (!wantedBy.includes(extractor)) return false;
    for (let folder = parentPath(path); folder.length > place.path.length; folder = parentPath(folder)) {
      work.spend(workOfName + folder.length);
      if (matcher.byFolder(folder).includes(extractor)) return false;
    }
    return true;
  });
}

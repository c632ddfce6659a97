import type { Extraction } from "../../extractors/extractor.ts";
import { parentPath } from "../../io/files/tree-path.ts";
import type { LayerInventory } from "./layer-inventory.ts";

/** What a merge looks up in a layer. */
export interface LayerLookup {
  /** Symbolic links: their texts by their paths. */
  readonly links: ReadonlyMap<string, string>;
  /** The paths of links in the layer's root. */
  readonly topLinks: readonly string[];
  /** Where its files and hard links lie, and the folders above them; each once. */
  readonly places: readonly string[];
  /** The locations of packages that its files list, see `Extraction`. */
  readonly locations: readonly string[];
  /** Its names, for a layer that was merged before. */
  readonly names: ReadonlyMap<string, NameKind> | undefined;
}

/**
 * What a name in a layer is; both for a name that was a folder before it became something else, or the other way round.
 */
export interface NameKind {
  readonly folder: boolean;
  readonly other: boolean;
}

const known = new WeakMap<LayerInventory, LayerLookup>();

/** What a merge looks up in a layer. It is remembered for as long as the layer is: the images of a run share layers. */
export function lookupOf(layer: LayerInventory): LayerLookup {
  const before = known.get(layer);
  if (before?.names) return before;
  const lookup = before ? { ...before, names: kindsOf(layer.names) } : firstLookup(layer);
  known.set(layer, lookup);
  return lookup;
}

/** Adds a path and the folders above it. */
export function addWithFolders(set: Set<string>, path: string): void {
  for (let folder = path; folder !== "" && !set.has(folder); folder = parentPath(folder)) set.add(folder);
}

function firstLookup(layer: LayerInventory): LayerLookup {
  const links = new Map(layer.symlinks);
  const places = new Set<string>();
  for (const { path } of layer.files) addWithFolders(places, path);
  for (const [path] of layer.hardlinks) addWithFolders(places, path);
  return {
    links,
    topLinks: [...links.keys()].filter((path) => !path.includes("/")),
    places: [...places],
    locations: layer.files.flatMap(({ extractions }) => extractions.flatMap(locationOf)),
    names: undefined,
  };
}

function locationOf(extraction: Extraction): string[] {
  const isLocated = extraction.kind === "package" && typeof extraction.location === "string";
  return isLocated && extraction.location ? [extraction.location] : [];
}

const folder: NameKind = { folder: true, other: false };
const other: NameKind = { folder: false, other: true };
const both: NameKind = { folder: true, other: true };

function kindsOf(names: readonly string[]): ReadonlyMap<string, NameKind> {
  const kinds = new Map<string, NameKind>();
  for (const name of names) {
    const isFolder = name.endsWith("/");
    const path = isFolder ? name.slice(0, -1) : name;
    const own = isFolder ? folder : other;
    const before = kinds.get(path);
    kinds.set(path, before === undefined || before === own ? own : both);
  }
  return kinds;
}

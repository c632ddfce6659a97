import type { Extractor } from "../../extractors/extractor.ts";
import { PlimsollError } from "../../model/error.ts";
import type { FileFinding } from "../../model/findings/file-finding.ts";
import { ImageBudget } from "../../model/images/image-budget.ts";
import type { Tree, WalkOptions } from "../../model/images/tree.ts";
import { rememberedFor } from "../../model/objects/remembered-for.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { LayerTree } from "../../sources/image/layer-tree.ts";
import { StreamLayerTree } from "../../sources/image/stream-layer-tree.ts";
import { forEachInParallel } from "../for-each-in-parallel.ts";
import { assemble, type TreeContents } from "./assemble.ts";
import { FileMatcher } from "./file-matcher.ts";
import { installedPackages } from "./installed-packages.ts";
import type { CachedLayer, InventoryCache } from "./inventory-cache.ts";
import { costOfInventory } from "./inventory-cost.ts";
import { type LayerInventory, mostProblems, takeInventory } from "./layer-inventory.ts";
import type { LayerWorkers } from "./layer-workers.ts";
import { type LinksToOtherFolders, linksToOtherFolders } from "./links-to-other-folders.ts";
import { isReadAt, type LinksToOtherNames, linksToOtherNames } from "./links-to-other-names.ts";
import { type MergedTree, mergeLayers } from "./merge-layers.ts";
import { NameBudget } from "./name-budget.ts";
import { readCompleted } from "./read-completed.ts";
import { readFollowUps, type SecondWalk } from "./read-follow-ups.ts";

/** One layer to take stock of; a folder is a single layer. */
export interface InventoryLayer {
  readonly tree: Tree;
  /** Names the bytes for the cache; absent for what cannot be cached. */
  readonly cacheKey?: string;
  /**
   * Names them together with the table by which they may be read in part, so that an inventory without proof stays
   * apart.
   */
  readonly inPartKey?: string;
  /** Stored bytes, where they are known: large layers are begun first. */
  readonly size?: number;
  /** How problems name the layer. */
  readonly name: string;
  /** Whether a walk proves the layer's digest. */
  readonly verifies: boolean;
  /** True for a folder, where names like those of whiteouts are names like any other. */
  readonly standsAlone?: boolean;
  /** The names that a folder has on this machine, as `OpenFile.above`. */
  readonly above?: readonly string[];
}

/** What several targets that are examined in one run know of the layers that they share. */
export interface SharedInventories {
  /** The inventory of a layer: a known one, one that is being taken at present, or else the one that `take` makes. */
  layer(
    key: string,
    options: {
      readonly names: NameBudget;
      readonly take: (names: NameBudget) => Promise<CachedLayer>;
      /** True when `take` puts it into the cache. */
      readonly keeps?: boolean;
    },
  ): Promise<CachedLayer>;
  /**
   * The known inventory of a layer, or the one that is being taken, once it is complete; undefined when it is unknown
   * or incomplete.
   */
  known(key: string): Promise<CachedLayer | undefined>;
  /** Takes stock of layers in other threads, and keeps what it takes in the cache; absent where there are none. */
  readonly workers?: Pick<LayerWorkers, "take"> | undefined;
  /** What a second walk over a layer finds; `wanted` names the question. */
  secondWalk(key: string, wanted: string, walk: () => Promise<SecondWalk>): Promise<SecondWalk>;
  /**
   * Told, for each target that wants it, of a layer that could not be read to its end, which elsewhere it might be: at
   * `first`, or `again` for what only the whole target asks for. It is named by its `cacheKey`.
   */
  lost(cacheKey: string, when: "first" | "again"): void;
}

/** Threads that take stock of the layers of one image. */
export type ImageWorkers = Pick<LayerWorkers, "take"> & Disposable;

/** What an inventory is taken with. */
export interface InventoryOptions extends WalkOptions {
  readonly extractors: readonly Extractor[];
  /** True for a folder of source code, where every file counts that declares packages and is not read. */
  readonly isRepository?: boolean;
  readonly cache: InventoryCache;
  /** Used in place of `cache`. */
  readonly shared?: SharedInventories | undefined;
  /** Starts threads that take stock with the same extractors and the same cache, where there can be any. */
  readonly startWorkers?: () => Promise<ImageWorkers | undefined>;
}

/**
 * The contents of a target, with the layers that were proved by their digest, and those that were read by their table
 * of contents alone.
 */
export interface Inventory extends TreeContents {
  /** Secrets and malware, in the order of layers and files; those of files that a later layer hides are marked. */
  readonly inFiles: readonly FileFinding[];
  readonly verified: readonly boolean[];
  readonly inPart: readonly boolean[];
}

/**
 * Takes stock of layers, lowest first: reads those that the cache does not know, several at once, merges them, reads
 * the few files that only a link makes interesting or that another file completes, and assembles the packages.
 *
 * Error: `cancelled`. Anything else that goes wrong with a layer, a wrong digest too, is a problem.
 */
export async function inventory(layers: readonly InventoryLayer[], given: InventoryOptions): Promise<Inventory> {
  const options = { ...given, budget: new ImageBudget() };
  const matcher = matcherOf(options.extractors);
  const results = await inventoriesOf(layers, { ...options, matcher });
  for (const [index, { cacheKey }] of layers.entries()) {
    if (cacheKey !== undefined && isLost(results[index])) options.shared?.lost(cacheKey, "first");
  }
  const inventories = results.map((result, index) => withInnerLinks(result.inventory, layers[index]));
  const links = linksToOtherNames(inventories, matcher);
  const folders = linksToOtherFolders(inventories, { matcher, standsAlone: layers.some((layer) => layer.standsAlone) });
  const merged = mergeLayers(inventories, [...matcher.exactPaths, ...links.paths, ...folders.paths]);
  const inLinks = new Set(links.paths);
  const followUps = merged.followUps.filter(
    ({ path, as }) => !inLinks.has(as) || !isReadAt(path, { path: as, matcher }),
  );
  const walked = { layers, inventories, matcher, options: { ...options, budget: new ImageBudget() } };
  const extra = await readFollowUps(followUps, walked);
  const completed = await readCompleted([...merged.files, ...extra.files], walked);
  const problems = inventories.flatMap(({ problems }, index) =>
    problems.map((problem): Problem => ({ ...problem, message: nameLayer(problem.message, layers[index]) })),
  );
  const inPart = new Set([...extra.inPart, ...completed.inPart]);
  const installed = installedPackages(completed.files, merged);
  const contents = assemble(
    { ...merged, files: installed.files },
    { exactPaths: matcher.exactPaths, isRepository: options.isRepository },
  );
  return {
    ...contents,
    inFiles: fileFindingsOf(inventories, merged),
    problems: [
      ...problems,
      ...leftOut(links, folders),
      ...outside(folders),
      ...merged.problems,
      ...extra.problems,
      ...completed.problems,
      ...installed.problems,
      ...contents.problems,
    ],
    verified: results.map(({ verified }, layer) => verified && !inPart.has(layer)),
    inPart: results.map((result, layer) => result.inPart === true || inPart.has(layer)),
  };
}

function fileFindingsOf(
  layers: readonly LayerInventory[],
  { files }: Pick<MergedTree, "files">,
): readonly FileFinding[] {
  const visible = new Map(files.map(({ path, layer }) => [path, layer]));
  return layers.flatMap((layer, index) =>
    layer.files.flatMap(({ path, extractions }) =>
      extractions.flatMap((extraction): FileFinding[] => {
        const isDeleted = visible.get(path) !== index;
        const place = { path, layer: index, ...(isDeleted && { deleted: true as const }) };
        if (extraction.kind === "secret") return [{ kind: "secret", ...extraction.secret, ...place }];
        return extraction.kind === "malware" ? [{ kind: "malware", ...extraction.malware, ...place }] : [];
      }),
    ),
  );
}

const matcherOf = rememberedFor((extractors: readonly Extractor[]) => new FileMatcher(extractors));

/** True for what was not read to its end, unless that is because it is larger than a limit. */
function isLost(taken: CachedLayer | undefined): boolean {
  return taken?.inventory.complete === false && taken.inventory.problems.at(-1)?.code !== "limit-exceeded";
}

/**
 * The same with links to absolute paths within the folder as links from its root, as which all others are understood.
 */
function withInnerLinks(inventory: LayerInventory, layer: InventoryLayer | undefined): LayerInventory {
  const { above } = layer ?? {};
  if (!above) return inventory;
  const symlinks = inventory.symlinks.map(([path, text]) => {
    const root = above.find((name) => name !== "" && `${text}/`.startsWith(`/${name}/`));
    return [path, root === undefined ? text : `/${text.slice(root.length + 2)}`] as const;
  });
  return { ...inventory, symlinks };
}

const mostNotFollowed = "too many links from other paths point to package files; most of them were not followed";

function leftOut(links: LinksToOtherNames, folders: LinksToOtherFolders): Problem[] {
  const left = links.left + folders.left;
  if (left === 0 && !folders.isCut) return [];
  const message = `${left} more links from other paths to package files were not followed`;
  return [{ code: "limit-exceeded", message: folders.isCut ? mostNotFollowed : message }];
}

/**
 * In a folder of a machine a link may lead to what lies beside it: it is there when programs look for it, and was not
 * read.
 */
function outside({ missing }: LinksToOtherFolders): Problem[] {
  return missing.slice(0, mostProblems).map((path) => ({
    code: "not-examined",
    path,
    message: `${path} is a broken link or points outside the folder, so packages may be missing`,
  }));
}

async function inventoriesOf(layers: readonly InventoryLayer[], options: TakeOptions): Promise<CachedLayer[]> {
  const names = new NameBudget();
  const { shared, cache, startWorkers } = options;
  if (shared)
    return ofEachLayer(layers, { names, take: (layer) => sharedInventory(layer, shared, { ...options, names }) });
  const known = layers.map((layer) => knownInventory(layer, cache));
  const streams = layers.map((layer, index) => (startWorkers && !known[index] ? streamOf(layer) : undefined));
  const sizes = layers.flatMap(({ size = 0 }, index) => (streams[index] ? [size] : []));
  using workers = await startForMuch(sizes, options);
  return await ofEachLayer(layers, {
    names,
    take: async (layer, index) =>
      known[index] ?? newInventory(layer, { ...options, names, workers, stream: streams[index] }),
  });
}

/** Stored bytes of layers from which on threads are faster: they take 0.1 s to start, and up to 60 MB. */
const muchToInflate = 100_000_000;

/** Threads for the layers of one image, where several have so much to inflate that it pays. */
async function startForMuch(
  sizes: readonly number[],
  { startWorkers }: Pick<InventoryOptions, "startWorkers">,
): Promise<ImageWorkers | undefined> {
  const isMuch = sizes.length > 1 && sizes.reduce((sum, size) => sum + size, 0) >= muchToInflate;
  return isMuch ? startWorkers?.() : undefined;
}

/** The bytes of a layer that another thread can walk; undefined when it is read in another way. */
function streamOf({ tree, cacheKey, inPartKey }: InventoryLayer): StreamLayerTree | undefined {
  if (cacheKey === undefined || inPartKey !== undefined) return undefined;
  if (tree instanceof StreamLayerTree) return tree;
  return tree instanceof LayerTree ? tree.asStream() : undefined;
}

function nameLayer(message: string, layer: InventoryLayer | undefined): string {
  return layer === undefined || layer.name === "" ? message : `${layer.name}: ${message}`;
}

interface TakeOptions extends InventoryOptions {
  readonly matcher: FileMatcher;
}

interface LayerOptions extends TakeOptions {
  readonly names: NameBudget;
}

interface NewLayerOptions extends LayerOptions {
  readonly workers: Pick<LayerWorkers, "take"> | undefined;
  /** The layer's, see {@link streamOf}. */
  readonly stream: StreamLayerTree | undefined;
}

async function sharedInventory(
  layer: InventoryLayer,
  shared: SharedInventories,
  options: LayerOptions,
): Promise<CachedLayer> {
  const { cacheKey, inPartKey, verifies, size = 0 } = layer;
  const { cache, names, progress, budget } = options;
  if (cacheKey === undefined) return takeHere(layer, options);
  const key = inPartKey ?? cacheKey;
  const { workers } = shared;
  const tree = workers && streamOf(layer);
  if (tree) {
    const task = { tree, key, verifies, size, budget, ...(progress ? { progress } : {}) };
    return shared.layer(key, { names, take: () => workers.take(task), keeps: true });
  }
  const take = (budget: NameBudget): Promise<CachedLayer> => takeHere(layer, { ...options, names: budget });
  if (inPartKey === undefined) return shared.layer(key, { names, take });
  const whole = async (): Promise<CachedLayer | undefined> => {
    const known = (await shared.known(cacheKey)) ?? provedInventory(layer, cache);
    return known && shared.layer(cacheKey, { names, take: () => Promise.resolve(known), keeps: true });
  };
  // Another image may have had the layer read whole meanwhile.
  return (await whole()) ?? (await preferWhole(await shared.layer(key, { names, take }), whole));
}

async function preferWhole(taken: CachedLayer, whole: () => Promise<CachedLayer | undefined>): Promise<CachedLayer> {
  return taken.inPart ? ((await whole()) ?? taken) : taken;
}

/** What the cache has of a layer. */
function knownInventory(layer: InventoryLayer, cache: InventoryCache): CachedLayer | undefined {
  const { cacheKey, inPartKey } = layer;
  if (cacheKey === undefined) return undefined;
  return provedInventory(layer, cache) ?? cache.get(inPartKey ?? cacheKey);
}

/** What the cache has of a layer that may be read in part, from when it was read whole. */
function provedInventory({ cacheKey, inPartKey }: InventoryLayer, cache: InventoryCache): CachedLayer | undefined {
  return cacheKey === undefined || inPartKey === undefined ? undefined : cache.get(cacheKey);
}

async function newInventory(layer: InventoryLayer, options: NewLayerOptions): Promise<CachedLayer> {
  const { cacheKey, inPartKey, verifies, size = 0 } = layer;
  const { workers, stream: tree, names, cache, progress, budget } = options;
  if (workers && tree && cacheKey !== undefined) {
    const task = { tree, key: cacheKey, verifies, size, budget, ...(progress ? { progress } : {}) };
    return withinBudget(await workers.take(task), names);
  }
  const taken = await takeHere(layer, options);
  if (cacheKey !== undefined && taken.inventory.complete) cache.set(inPartKey ?? cacheKey, taken);
  return taken;
}

async function takeHere(
  { tree, cacheKey, inPartKey, verifies, standsAlone = false, above }: InventoryLayer,
  { matcher, names, cache, signal, progress, budget }: LayerOptions,
): Promise<CachedLayer> {
  let isWhole = true;
  const inPart = (): void => {
    isWhole = false;
  };
  const options = {
    signal,
    names,
    budget,
    standsAlone,
    inPart,
    ...(above && { above }),
    ...(progress && { progress }),
  };
  const inventory = await takeInventory(tree, matcher, options);
  const taken = {
    inventory,
    verified: verifies && inventory.complete && isWhole,
    ...(isWhole ? {} : { inPart: true as const }),
  };
  if (cacheKey !== undefined && inPartKey !== undefined && taken.verified) cache.set(cacheKey, taken);
  return taken;
}

/**
 * What was taken in another thread, or for another place of the same layer, counted with the names of the other layers;
 * nothing but a problem where there is no room for it.
 */
function withinBudget(taken: CachedLayer, names: NameBudget): CachedLayer {
  try {
    names.keepSize(costOfInventory(taken.inventory));
    return taken;
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    const nothing = { files: [], names: [], whiteouts: [], opaques: [], symlinks: [], hardlinks: [] };
    const problems: readonly Problem[] = [{ code: "limit-exceeded", message: error.message }];
    return { inventory: { ...nothing, problems, complete: false }, verified: false };
  }
}

/** As many as Node's pool has threads: fewer leave a core idle whenever a layer waits for bytes or for the walk. */
export const layersAtOnce = 4;

/**
 * Inflating runs on the pool beside the one thread that walks, so a few layers at once keep all cores busy. The largest
 * comes first, because nothing can be done beside the last one. A layer that an image names several times is taken
 * once, and its names count at each of its places. When one fails, the others are waited for: they read from
 * files that the caller closes.
 */
async function ofEachLayer(
  layers: readonly InventoryLayer[],
  {
    names,
    take,
  }: {
    readonly names: NameBudget;
    readonly take: (layer: InventoryLayer, index: number) => Promise<CachedLayer>;
  },
): Promise<CachedLayer[]> {
  const taken = new Array<CachedLayer>(layers.length);
  const same = Map.groupBy(layers.entries(), ([index, layer]) => identityOf(layer) ?? index);
  const largestFirst = [...same.values()].sort(([a], [b]) => (b?.[1].size ?? 0) - (a?.[1].size ?? 0));
  await forEachInParallel(largestFirst, layersAtOnce, async (places) => {
    const [first] = places;
    if (!first) return;
    const [index, layer] = first;
    const inventory = await take(layer, index);
    for (const [place] of places) taken[place] = place === index ? inventory : withinBudget(inventory, names);
  });
  return taken;
}

/** The same for layers of the same bytes that are read in the same way; undefined where that is not known. */
function identityOf({ cacheKey, inPartKey, verifies }: InventoryLayer): string | undefined {
  return cacheKey === undefined ? undefined : JSON.stringify([cacheKey, inPartKey, verifies]);
}

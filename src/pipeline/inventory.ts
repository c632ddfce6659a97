import { availableParallelism } from "node:os";
import type { Extractor } from "../extractors/extractor.ts";
import { PlimsollError } from "../model/error.ts";
import type { OpenFile } from "../model/file.ts";
import type { Problem } from "../model/problem.ts";
import type { Tree, TreeEntry, WalkOptions } from "../model/tree.ts";
import { assemble, type TreeContents } from "./assemble.ts";
import { FileMatcher } from "./file-matcher.ts";
import type { InventoryCache } from "./inventory-cache.ts";
import { type FileFacts, factsOf, type LayerInventory, mostProblems, takeInventory, union } from "./layer-inventory.ts";
import { type FollowUp, mergeLayers } from "./merge-layers.ts";
import { NameBudget } from "./name-budget.ts";

/** One layer to take stock of; a folder is a single layer. */
export interface InventoryLayer {
  readonly tree: Tree;
  /** Names the bytes for the cache; absent for what cannot be cached. */
  readonly cacheKey?: string;
  /** How problems name the layer. */
  readonly name: string;
  /** Whether a walk proves the layer's digest. */
  readonly verifies: boolean;
  /** True for a folder, where names like those of whiteouts are names like any other. */
  readonly standsAlone?: boolean;
}

/** What an inventory is taken with. */
export interface InventoryOptions extends WalkOptions {
  readonly extractors: readonly Extractor[];
  readonly cache: InventoryCache;
}

/** What is in a target, and which layers were proved by their digest. */
export interface Inventory extends TreeContents {
  readonly verified: readonly boolean[];
}

/**
 * Takes stock of layers, lowest first: reads those that the cache does not know, several at once, merges them, reads the few files
 * that only a link makes interesting, and assembles the packages.
 *
 * Error: `cancelled`. Anything else that goes wrong with a layer, a wrong digest too, is a problem.
 */
export async function inventory(layers: readonly InventoryLayer[], options: InventoryOptions): Promise<Inventory> {
  const matcher = new FileMatcher(options.extractors);
  const names = new NameBudget();
  const results = await mapInParallel(layers, (layer) => inventoryOf(layer, { ...options, matcher, names }));
  const inventories = results.map((result) => result.inventory);
  const merged = mergeLayers(inventories, matcher.exactPaths);
  const extra = await readFollowUps(merged.followUps, { layers, inventories, matcher, options });
  const problems = inventories.flatMap(({ problems }, index) =>
    problems.map((problem): Problem => ({ ...problem, message: nameLayer(problem.message, layers[index]) })),
  );
  const contents = assemble({ ...merged, files: [...merged.files, ...extra.files] }, matcher.exactPaths);
  return {
    ...contents,
    problems: [...problems, ...extra.problems, ...contents.problems],
    verified: results.map(({ verified }) => verified),
  };
}

function nameLayer(message: string, layer: InventoryLayer | undefined): string {
  return layer === undefined || layer.name === "" ? message : `${layer.name}: ${message}`;
}

async function inventoryOf(
  { tree, cacheKey, verifies, standsAlone = false }: InventoryLayer,
  { matcher, names, cache, signal, progress }: InventoryOptions & { matcher: FileMatcher; names: NameBudget },
): Promise<{ inventory: LayerInventory; verified: boolean }> {
  const cached = cacheKey === undefined ? undefined : cache.get(cacheKey);
  if (cached) return cached;
  const taken = await takeInventory(tree, matcher, { signal, names, standsAlone, ...(progress ? { progress } : {}) });
  const result = { inventory: taken, verified: verifies && taken.complete };
  if (cacheKey !== undefined && taken.complete) cache.set(cacheKey, result);
  return result;
}

/**
 * Inflating runs on the pool beside the one thread that walks, so a few layers at once keep all cores busy; more would only take
 * memory. When one fails, the others are waited for: they read from files that the caller closes.
 */
async function mapInParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    try {
      for (let index = next++; index < items.length; index = next++) {
        const item = items[index];
        if (item !== undefined) results[index] = await work(item);
      }
    } finally {
      next = items.length;
    }
  };
  const workers = Math.min(items.length, Math.max(2, Math.min(availableParallelism(), 4)));
  const ends = await Promise.allSettled(Array.from({ length: workers }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return results;
}

/** Reads files of already walked layers again, each layer at most once. */
async function readFollowUps(
  followUps: readonly FollowUp[],
  {
    layers,
    inventories,
    matcher,
    options,
  }: {
    layers: readonly InventoryLayer[];
    inventories: readonly LayerInventory[];
    matcher: FileMatcher;
    options: InventoryOptions;
  },
): Promise<{ files: { path: string; layer: number; facts: FileFacts; below: [] }[]; problems: Problem[] }> {
  const files: { path: string; layer: number; facts: FileFacts; below: [] }[] = [];
  const problems: Problem[] = [];
  let dangling = 0;
  for (const layer of new Set(followUps.map((followUp) => followUp.layer))) {
    const tree = layers[layer]?.tree;
    if (!tree || inventories[layer]?.complete !== true) continue;
    const wanted = Map.groupBy(
      followUps.filter((followUp) => followUp.layer === layer),
      ({ path }) => path,
    );
    const found = new Map<string, FileFacts>();
    let byMagic: readonly Extractor[] = [];
    const visitor = {
      entry(entry: TreeEntry, head: Uint8Array) {
        byMagic = matcher.byMagic(head);
        return entry.type === "file" && wanted.has(entry.path);
      },
      file(entry: TreeEntry, file: OpenFile) {
        for (const { as } of wanted.get(entry.path) ?? []) {
          const facts = factsOf({ ...file, path: as }, union(matcher.byPath(as), byMagic), {
            signal: options.signal,
            keep: (path) => matcher.mayHoldPackage(path),
          });
          found.set(as, facts);
        }
      },
      refused: () => undefined,
    };
    try {
      await tree.walk(visitor, { signal: options.signal });
    } catch (error) {
      if (!(error instanceof PlimsollError) || error.code === "cancelled") throw error;
      problems.push({ code: "unreadable", message: error.message });
    }
    for (const [path, names] of wanted) {
      for (const { as } of names) {
        const facts = found.get(as);
        if (facts) files.push({ path: as, layer, facts, below: [] });
        else if (++dangling <= mostProblems) {
          problems.push({
            code: "unreadable",
            path: as,
            message: `${as} is a link to ${path}, which its layer does not hold`,
          });
        }
      }
    }
  }
  if (dangling > mostProblems) {
    const more = dangling - mostProblems;
    problems.push({ code: "unreadable", message: `${more} more links lead to files that their layers do not hold` });
  }
  return { files, problems };
}

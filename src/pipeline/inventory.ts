import { availableParallelism } from "node:os";
import type { Extractor } from "../extractors/extractor.ts";
import { PlimsollError } from "../model/error.ts";
import type { OpenFile } from "../model/file.ts";
import type { Problem } from "../model/problem.ts";
import type { Tree, TreeEntry, WalkOptions } from "../model/tree.ts";
import { assemble, type Contents } from "./assemble.ts";
import { FileMatcher } from "./file-matcher.ts";
import type { InventoryCache } from "./inventory-cache.ts";
import { type FileFacts, factsOf, type LayerInventory, takeInventory } from "./layer-inventory.ts";
import { type FollowUp, mergeLayers } from "./merge-layers.ts";

/** One layer to take stock of; a folder is a single layer. */
export interface InventoryLayer {
  readonly tree: Tree;
  /** Names the bytes for the cache; absent for what cannot be cached. */
  readonly cacheKey?: string;
  /** How problems name the layer. */
  readonly name: string;
  /** Whether a walk proves the layer's digest. */
  readonly verifies: boolean;
}

/** What an inventory is taken with. */
export interface InventoryOptions extends WalkOptions {
  readonly extractors: readonly Extractor[];
  readonly cache: InventoryCache;
}

/** What is in a target, and which layers were proved by their digest. */
export interface Inventory extends Contents {
  readonly verified: readonly boolean[];
}

/**
 * Takes stock of layers, lowest first: reads those that the cache does not know, several at once, merges them, reads the few files
 * that only a link makes interesting, and assembles the packages.
 *
 * Errors: `cancelled`, `digest-mismatch`. Anything else that goes wrong with a layer is a problem.
 */
export async function inventory(layers: readonly InventoryLayer[], options: InventoryOptions): Promise<Inventory> {
  const matcher = new FileMatcher(options.extractors);
  const results = await mapInParallel(layers, (layer) => inventoryOf(layer, matcher, options));
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
  { tree, cacheKey, verifies }: InventoryLayer,
  matcher: FileMatcher,
  { cache, signal, progress }: InventoryOptions,
): Promise<{ inventory: LayerInventory; verified: boolean }> {
  const cached = cacheKey === undefined ? undefined : cache.get(cacheKey);
  if (cached) return cached;
  const taken = await takeInventory(tree, matcher, { signal, ...(progress ? { progress } : {}) });
  const result = { inventory: taken, verified: verifies && taken.complete };
  if (cacheKey !== undefined && taken.complete) cache.set(cacheKey, result);
  return result;
}

/**
 * Inflating runs on the pool beside the one thread that walks, so a few layers at once keep all cores busy; more would only take
 * memory.
 */
async function mapInParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  const workers = Math.min(items.length, Math.max(2, Math.min(availableParallelism(), 4)));
  await Promise.all(Array.from({ length: workers }, worker));
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
  for (const layer of new Set(followUps.map((followUp) => followUp.layer))) {
    const tree = layers[layer]?.tree;
    if (!tree || inventories[layer]?.complete !== true) continue;
    const wanted = Map.groupBy(
      followUps.filter((followUp) => followUp.layer === layer),
      ({ path }) => path,
    );
    const seen = new Set<string>();
    const visitor = {
      entry: (entry: TreeEntry) => entry.type === "file" && wanted.has(entry.path),
      file(entry: TreeEntry, file: OpenFile) {
        seen.add(entry.path);
        for (const { as } of wanted.get(entry.path) ?? []) {
          const facts = factsOf({ ...file, path: as }, matcher.byPath(as), {
            signal: options.signal,
            keep: (path) => matcher.mayHoldPackage(path),
          });
          files.push({ path: as, layer, facts, below: [] });
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
      if (seen.has(path)) continue;
      for (const { as } of names) {
        problems.push({
          code: "unreadable",
          path: as,
          message: `${as} is a link to ${path}, which its layer does not hold`,
        });
      }
    }
  }
  return { files, problems };
}

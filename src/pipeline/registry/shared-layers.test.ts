import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { type CachedLayer, InventoryCache } from "../inventory/inventory-cache.ts";
import { costOfInventory } from "../inventory/inventory-cost.ts";
import { NameBudget } from "../inventory/name-budget.ts";
import { SharedLayers } from "./shared-layers.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();

function layer(name: string, complete = true): CachedLayer {
  const lists = { whiteouts: [], opaques: [], symlinks: [], hardlinks: [], problems: [] };
  return { verified: complete, inventory: { files: [], names: [name], ...lists, complete } };
}

/** Asks for a layer; tells how often it was taken, and how many were at once. */
class Takes {
  readonly done: string[] = [];
  most = 0;
  #now = 0;
  readonly #layers: SharedLayers;

  constructor(layers: SharedLayers) {
    this.#layers = layers;
  }

  of(repository: string, key: string, { complete = true, names = new NameBudget() } = {}): Promise<CachedLayer> {
    const take = async (): Promise<CachedLayer> => {
      this.most = Math.max(this.most, ++this.#now);
      await delay(5);
      this.#now--;
      this.done.push(`${repository} ${key}`);
      return layer(key, complete);
    };
    return this.#layers.of(repository).layer(key, { names, take });
  }
}

function takes(options: { readonly cache?: string; readonly room?: number } = {}): {
  layers: SharedLayers;
  all: Takes;
} {
  const { cache, ...rest } = options;
  const layers = new SharedLayers({ cache: new InventoryCache(cache, []), atOnce: 2, signal, ...rest });
  return { layers, all: new Takes(layers) };
}

test("a layer that several want at once is taken once, and no more than the limit are taken at a time", async () => {
  const { layers, all } = takes();
  const keys = ["a", "b", "c", "d"];
  const got = await Promise.all(["one", "two", "three"].flatMap((place) => keys.map((key) => all.of(place, key))));
  expect(got.map(({ inventory }) => inventory.names[0])).toEqual([...keys, ...keys, ...keys]);
  expect(all.done.toSorted()).toEqual(keys.map((key) => `one ${key}`));
  expect(all.most).toBe(2);
  expect(layers.counts).toEqual({ distinct: 4, read: 4 });
});

test("one that could not be read to its end is tried once for each repository", async () => {
  const { layers, all } = takes();
  const bad = { complete: false };
  const wishes = [all.of("one", "a", bad), all.of("one", "a", bad), all.of("two", "a", bad), all.of("three", "a")];
  expect((await Promise.all(wishes)).map(({ verified }) => verified)).toEqual([false, false, false, true]);
  await all.of("one", "a", bad);
  expect(all.done.slice(0, 3).toSorted()).toEqual(["one a", "three a", "two a"]);
  expect(all.done.length).toBe(3);
  expect(layers.counts).toEqual({ distinct: 1, read: 1 });
});

test("what memory has no room for comes from the cache", async () => {
  const { all } = takes({ cache: folder, room: 1 });
  for (const key of ["a", "b", "a", "b"]) await all.of("one", key);
  expect(all.done).toEqual(["one a", "one b"]);
  const again = takes({ cache: folder });
  await again.all.of("one", "a");
  expect(again.layers.counts).toEqual({ distinct: 1, read: 0 });
});

test("the names of shared layers count for each image", async () => {
  const { all } = takes();
  const cost = costOfInventory(layer("a").inventory);
  const names = new NameBudget(2 * cost);
  await all.of("one", "a", { names });
  await expect(all.of("one", "a", { names: new NameBudget(10) })).rejects.toMatchObject({ code: "limit-exceeded" });
  // What the first image has room for is left to it.
  names.keepSize(cost);
  expect(() => names.keepSize(1)).toThrow("names and facts exceed the limit");
});

test("what is known of a layer is also what somebody takes just now, and nothing of one that was not read to its end", async () => {
  const { layers, all } = takes();
  const { known } = layers.of("two");
  expect(await known("a")).toBeUndefined();
  const taking = all.of("one", "a");
  expect(await known("a")).toEqual(await taking);
  expect(await known("a")).toEqual(layer("a"));
  const failing = all.of("one", "b", { complete: false });
  expect(await known("b")).toBeUndefined();
  await failing;
  expect(await known("b")).toBeUndefined();
  expect(layers.counts).toEqual({ distinct: 2, read: 2 });
});

test("a second walk is shared while it is under way, and remembered as far as there is room", async () => {
  const { layers } = takes({ room: 4096 });
  const walked: string[] = [];
  const ask = (key: string, size: number): Promise<unknown> =>
    layers.of("one").secondWalk(key, "a", async () => {
      walked.push(key);
      await delay(5);
      const facts = { path: "x".repeat(size), extractions: [], problems: [] };
      return { found: new Map([["a", facts]]), problems: [], inPart: false, isLost: false };
    });
  await Promise.all([ask("small", 10), ask("small", 10), ask("large", 4000), ask("large", 4000)]);
  expect(walked).toEqual(["small", "large"]);
  await ask("small", 10);
  await ask("large", 4000);
  expect(walked).toEqual(["small", "large", "large"]);
});

test("a second walk that failed is tried again", async () => {
  const { secondWalk } = takes().layers.of("one");
  const found = { found: new Map(), problems: [], inPart: false, isLost: false };
  await expect(secondWalk("a", "b", () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
  expect(await secondWalk("a", "b", () => Promise.resolve(found))).toEqual(found);
});

import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { everyFile } from "../../../tests/setup/take-stock.ts";
import type { TarMember } from "../../../tests/setup/tar.ts";
import { tarTree } from "../../../tests/setup/tar-tree.ts";
import type { Extractor } from "../../extractors/extractor.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Tree } from "../../model/images/tree.ts";
import { StreamLayerTree } from "../../sources/image/stream-layer-tree.ts";
import { type ImageWorkers, type Inventory, type InventoryLayer, inventory } from "./inventory.ts";
import { InventoryCache } from "./inventory-cache.ts";

function take(
  trees: readonly Tree[],
  extractor: Extractor = everyFile,
  signal = new AbortController().signal,
): Promise<Inventory> {
  const layers = trees.map((tree, index): InventoryLayer => ({ tree, name: `layer ${index + 1}`, verifies: true }));
  return inventory(layers, { extractors: [extractor], cache: new InventoryCache(undefined, []), signal });
}

function members(...files: (readonly [string, string])[]): TarMember[] {
  return files.map(([name, content]) => ({ name, content }));
}

function failing(error: unknown): Tree {
  return { walk: () => Promise.reject(error) };
}

describe("an inventory", () => {
  test("keeps the order of the layers however long each takes", async () => {
    const trees = Array.from({ length: 12 }, (_, index): Tree => {
      const tree = tarTree(members([`f${index}`, "x"], ["last", String(index)]));
      return { walk: async (visitor, options) => setTimeout((12 - index) % 5).then(() => tree.walk(visitor, options)) };
    });
    const { packages, verified } = await take(trees);
    expect(packages).toHaveLength(13);
    for (const { name, layer } of packages) expect(layer).toBe(name === "last" ? 11 : Number(name.slice(1)));
    expect(verified).toEqual(trees.map(() => true));
  });

  test("of a layer that fails is a problem that names it, and leaves it unverified", async () => {
    const error = new PlimsollError("digest-mismatch", "the layer should have another digest");
    const { packages, problems, verified } = await take([failing(error), tarTree(members(["a", "x"]))]);
    expect(packages).toHaveLength(1);
    expect(problems).toEqual([{ code: "unreadable", message: "layer 1: the layer should have another digest" }]);
    expect(verified).toEqual([false, true]);
  });

  test("of a layer full of links to nowhere tells the first hundred and how many more there are", async () => {
    const links = Array.from({ length: 130 }, (_, index): TarMember => {
      return { name: `l${index}.x`, type: "hardlink", link: `nowhere/${index}` };
    });
    const { problems } = await take([tarTree(links)], { ...everyFile, files: [{ suffix: ".x" }] });
    expect(problems).toHaveLength(101);
    expect(problems[0]?.message).toBe("l0.x is a link to nowhere/0, which its layer does not contain");
    expect(problems[100]?.message).toBe("30 more links point to files that their layers do not contain");
  });

  test("that is cancelled waits for the layers that are being read", async () => {
    let reading = 0;
    const slow: Tree = {
      async walk() {
        reading++;
        await setTimeout(30);
        reading--;
      },
    };
    const cancelled = new PlimsollError("cancelled", "the scan was cancelled");
    await expect(take([slow, failing(cancelled), slow, slow, slow])).rejects.toBe(cancelled);
    expect(reading).toBe(0);
  });

  test("holds a problem for an extractor that throws, and goes on", async () => {
    const throwing: Extractor = {
      ...everyFile,
      *extract(file, context) {
        yield* everyFile.extract(file, context);
        if (file.path === "bad") throw new RangeError("out of bounds");
      },
    };
    const { packages, problems } = await take([tarTree(members(["bad", "x"], ["good", "y"]))], throwing);
    expect(packages).toHaveLength(2);
    expect(problems).toEqual([{ code: "unreadable", path: "bad", message: "bad cannot be read: out of bounds" }]);
  });
});

describe("threads for the layers of one image", () => {
  /** Layers of these stored sizes, and threads that find so many names of 5 MB in each. */
  async function takeInThreads(sizes: readonly number[], names = 0) {
    const [long, ended] = ["x".repeat(5_000_000), { count: 0 }];
    const found = { files: [], whiteouts: [], opaques: [], symlinks: [], hardlinks: [], problems: [] };
    const taken = {
      inventory: { ...found, names: new Array<string>(names).fill(long), complete: true },
      verified: true,
    };
    const keys: string[] = [];
    const startWorkers = async (): Promise<ImageWorkers> => ({
      take: async ({ key }) => {
        keys.push(key);
        return taken;
      },
      [Symbol.dispose]: () => void ended.count++,
    });
    const tree = new StreamLayerTree({ read: async function* () {} });
    const layers = sizes.map((size, index) => {
      const name = `layer ${index + 1}`;
      return { tree, name, cacheKey: name, size, verifies: true };
    });
    const cache = new InventoryCache(undefined, []);
    const { signal } = new AbortController();
    const { problems, verified } = await inventory(layers, { extractors: [], cache, signal, startWorkers });
    return { keys: keys.sort(), ended: ended.count, problems, verified };
  }

  test("are started for several layers of together 100 MB, and ended with them", async () => {
    const both = { keys: ["layer 1", "layer 2"], ended: 1, problems: [], verified: [true, true] };
    expect(await takeInThreads([60_000_000, 40_000_000])).toEqual(both);
    expect(await takeInThreads([60_000_000, 39_999_999])).toMatchObject({ keys: [], ended: 0 });
    expect(await takeInThreads([200_000_000])).toMatchObject({ keys: [], ended: 0 });
  });

  test("share the room for names: what has none is a problem of its layer", async () => {
    const { problems, verified } = await takeInThreads([60_000_000, 50_000_000], 60);
    const message = "layer 2: names and facts exceed the limit of 511 MiB";
    expect(problems).toEqual([{ code: "limit-exceeded", message }]);
    expect(verified).toEqual([true, false]);
  });
});

import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { everyFile } from "../../tests/setup/take-stock.ts";
import type { TarMember } from "../../tests/setup/tar.ts";
import { tarTree } from "../../tests/setup/tar-tree.ts";
import type { Extractor } from "../extractors/extractor.ts";
import { PlimsollError } from "../model/error.ts";
import type { Tree } from "../model/tree.ts";
import { StreamLayerTree } from "../sources/image/stream-layer-tree.ts";
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
    expect(problems[0]?.message).toBe("l0.x is a link to nowhere/0, which its layer does not hold");
    expect(problems[100]?.message).toBe("30 more links lead to files that their layers do not hold");
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

describe("files that only a link makes interesting", () => {
  const wanted: Extractor = { ...everyFile, files: [{ path: "etc/os-release" }, { suffix: ".jar" }] };

  test("are read under the name of the link", async () => {
    const { packages, problems } = await take(
      [
        tarTree(members(["usr/lib/os-release", "old"], ["store/1", "jar"])),
        tarTree([
          { name: "etc/os-release", type: "symlink", link: "/usr/lib/os-release" },
          ...members(["usr/lib/os-release", "hidden"], ["usr/lib/os-release", "new"], ["store/2", "other"]),
          { name: "app.jar", type: "hardlink", link: "store/2" },
        ]),
      ],
      wanted,
    );
    expect(packages.map(({ name, version, layer }) => [name, version, layer])).toEqual([
      ["app.jar", "other", 1],
      ["etc/os-release", "new", 1],
    ]);
    expect(problems).toEqual([]);
  });

  test("are read under the name of a symbolic link of a suffix, whatever the file is called and wherever it lies", async () => {
    const { packages, problems } = await take(
      [
        tarTree([
          ...members(["store/1", "below"], ["store/3.jar", "own"]),
          { name: "app.jar", type: "symlink", link: "store/1" },
          { name: "hidden.jar", type: "symlink", link: "store/1" },
          { name: "lib/current", type: "symlink", link: "../store/3.jar" },
          { name: "lib/same.jar", type: "symlink", link: "current" },
          { name: "lib/nothing.jar", type: "symlink", link: "absent" },
          { name: "lib/round.jar", type: "symlink", link: "round.jar" },
        ]),
        tarTree([...members(["store/1", "above"]), { name: ".wh.hidden.jar", content: "" }]),
      ],
      wanted,
    );
    expect(packages.map(({ name, version, layer }) => [name, version, layer])).toEqual([
      ["app.jar", "above", 1],
      ["store/3.jar", "own", 0],
    ]);
    expect(problems).toEqual([]);
  });

  test("are followed through so many links and no more, and the rest is a problem", async () => {
    const links = Array.from({ length: 230 }, (_, index): TarMember => {
      return { name: `l${index}.jar`, type: "symlink", link: "store" };
    });
    const { packages, problems } = await take([tarTree([...members(["store", "x"]), ...links])], wanted);
    expect(packages).toHaveLength(200);
    expect(problems).toEqual([
      {
        code: "limit-exceeded",
        message: "30 more links to files of packages under other names were not followed",
      },
    ]);
  });

  test("are a problem when the layer does not hold what a hard link names", async () => {
    const { problems } = await take([tarTree([{ name: "app.jar", type: "hardlink", link: "absent" }])], wanted);
    expect(problems).toEqual([
      { code: "unreadable", path: "app.jar", message: "app.jar is a link to absent, which its layer does not hold" },
    ]);
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
    const message = "layer 2: the names in the image take more than 512 MiB";
    expect(problems).toEqual([{ code: "limit-exceeded", message }]);
    expect(verified).toEqual([true, false]);
  });
});

import { describe, expect, test } from "vitest";
import { everyFile } from "../../../tests/setup/take-stock.ts";
import type { TarMember } from "../../../tests/setup/tar.ts";
import { tarTree } from "../../../tests/setup/tar-tree.ts";
import type { Extractor } from "../../extractors/extractor.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Tree } from "../../model/images/tree.ts";
import { type Inventory, type InventoryLayer, inventory, type SharedInventories } from "./inventory.ts";
import { InventoryCache } from "./inventory-cache.ts";
import { NameBudget } from "./name-budget.ts";

const wanted: Extractor = { ...everyFile, files: [{ path: "etc/os-release" }, { suffix: ".jar" }] };

function take(...trees: readonly Tree[]): Promise<Inventory> {
  const layers = trees.map((tree, index): InventoryLayer => ({ tree, name: `layer ${index + 1}`, verifies: true }));
  const { signal } = new AbortController();
  return inventory(layers, { extractors: [wanted], cache: new InventoryCache(undefined, []), signal });
}

function members(...files: (readonly [string, string])[]): TarMember[] {
  return files.map(([name, content]) => ({ name, content }));
}

describe("files that only a link makes interesting", () => {
  test("are read under the name of the link", async () => {
    const { packages, problems } = await take(
      tarTree(members(["usr/lib/os-release", "old"], ["store/1", "jar"])),
      tarTree([
        { name: "etc/os-release", type: "symlink", link: "/usr/lib/os-release" },
        ...members(["usr/lib/os-release", "hidden"], ["usr/lib/os-release", "new"], ["store/2", "other"]),
        { name: "app.jar", type: "hardlink", link: "store/2" },
      ]),
    );
    expect(packages.map(({ name, version, layer }) => [name, version, layer])).toEqual([
      ["app.jar", "other", 1],
      ["etc/os-release", "new", 1],
    ]);
    expect(problems).toEqual([]);
  });

  test("are read under the name of a symbolic link of a suffix, whatever the file is called and wherever it lies", async () => {
    const { packages, problems } = await take(
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
    const { packages, problems } = await take(tarTree([...members(["store", "x"]), ...links]));
    expect(packages).toHaveLength(200);
    expect(problems).toEqual([
      {
        code: "limit-exceeded",
        message: "30 more links from other paths to package files were not followed",
      },
    ]);
  });

  test("belong to the higher layer when that repeats what a hard link of a lower one names", async () => {
    const link: TarMember[] = [...members(["store/1", "jar"]), { name: "app.jar", type: "hardlink", link: "store/1" }];
    for (const above of [link, members(["app.jar", "jar"])]) {
      const { packages } = await take(tarTree(link), tarTree(above));
      expect(packages).toMatchObject([{ name: "app.jar", version: "jar", layer: 1 }]);
    }
  });

  test("are a problem when the layer does not hold what a hard link names", async () => {
    const { problems } = await take(tarTree([{ name: "app.jar", type: "hardlink", link: "absent" }]));
    expect(problems).toEqual([
      { code: "unreadable", path: "app.jar", message: "app.jar is a link to absent, which its layer does not contain" },
    ]);
  });

  test.each([
    ["limit-exceeded", "limit-exceeded", []],
    ["digest-mismatch", "unreadable", [["sha256:one", "again"]]],
  ] as const)(
    "are a problem where the second walk ends in %s, and the layer counts as lost unless it is too large anywhere",
    async (error, code, expected) => {
      const tree = tarTree([...members(["store", "x"]), { name: "app.jar", type: "symlink", link: "store" }]);
      const lost: unknown[] = [];
      const shared: SharedInventories = {
        layer: (_, { take }) => take(new NameBudget()),
        known: async () => undefined,
        secondWalk: (_key, _wanted, walk) => walk(),
        lost: (...told) => void lost.push(told),
      };
      let walks = 0;
      const failing: Tree = {
        async walk(visitor, options) {
          if (++walks === 2) throw new PlimsollError(error, "it ends here");
          await tree.walk(visitor, options);
        },
      };
      const { problems } = await inventory(
        [{ tree: failing, cacheKey: "sha256:one", name: "layer 1", verifies: true }],
        {
          ...{ extractors: [wanted], cache: new InventoryCache(undefined, []), shared },
          signal: new AbortController().signal,
        },
      );
      expect(lost).toEqual(expected);
      expect(problems).toEqual([
        { code, message: "it ends here" },
        { code: "unreadable", path: "app.jar", message: "app.jar is a link to store, which was not reached" },
      ]);
    },
  );
});

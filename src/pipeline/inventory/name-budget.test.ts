import { expect, test } from "vitest";
import { tarTree } from "../../../tests/setup/tar-tree.ts";
import type { Extractor } from "../../extractors/extractor.ts";
import { FileMatcher } from "./file-matcher.ts";
import { costOfInventory } from "./inventory-cost.ts";
import { type LayerInventory, takeInventory } from "./layer-inventory.ts";
import { factsCost, NameBudget } from "./name-budget.ts";

/** Takes every file whose name ends so for a package with a version of 100,000 characters. */
const verbose: Extractor = {
  id: "test/verbose",
  revision: 1,
  files: [{ suffix: ".pkg" }],
  *extract({ path }) {
    yield { kind: "package", package: { type: "generic", name: path, version: "\x01".repeat(100_000) } };
  },
};

function take(members: Parameters<typeof tarTree>[0], names: NameBudget): Promise<LayerInventory> {
  const { signal } = new AbortController();
  return takeInventory(tarTree(members), new FileMatcher([verbose]), { signal, names });
}

test("an inventory costs at least the characters that it takes as JSON", async () => {
  const odd = ["plain", 'quo"ted', "back\\slash", "\x01\x02", "line\nend", "é漢😀", "\x7f\x9f"];
  const inventory = await take(
    [
      ...odd.map((name) => ({ name, content: "x" })),
      ...odd.map((name, at) => ({ name: `links/${at}-${name}`, type: "symlink" as const, link: `/${name}` })),
      ...odd.map((name) => ({ name: `.wh.${name}s` })),
      { name: "\x01\x02.pkg", content: "x" },
      { name: "other.pkg", type: "hardlink", link: "\x01\x02.pkg" },
      { name: "nothing.pkg", type: "hardlink", link: "nowhere\x03" },
    ],
    new NameBudget(),
  );
  const { complete, files, symlinks, hardlinks, whiteouts } = inventory;
  expect([complete, files.length, symlinks.length, hardlinks.length, whiteouts.length]).toEqual([true, 2, 7, 1, 7]);
  const half = { ...inventory, names: [...inventory.names, "half a pair \ud800"] };
  expect(costOfInventory(half)).toBeGreaterThan(JSON.stringify(half).length);
});

test("what was found in a file counts, once more for each hard link to it", async () => {
  const file = { name: "a.pkg", content: "x" };
  const link = (index: number) => ({ name: `${index}.pkg`, type: "hardlink" as const, link: "a.pkg" });
  expect(await take([file, link(1), link(2)], new NameBudget(2_000_000))).toMatchObject({ complete: true });
  const { complete, files, problems } = await take([file, link(1), link(2), link(3)], new NameBudget(2_000_000));
  expect([complete, files.length, problems[0]?.code]).toEqual([false, 3, "limit-exceeded"]);
});

test("what is too large for a text has no room at all", () => {
  const cost = factsCost(new Array<string>(540).fill("x".repeat(1_000_000)));
  expect(cost).toBe(Number.POSITIVE_INFINITY);
  expect(() => new NameBudget().keepSize(cost)).toThrow(/511 MiB/);
});

import { expect, test } from "vitest";
import { tarTree } from "../../tests/setup/tar-tree.ts";
import { zip } from "../../tests/setup/zip.ts";
import { extractors } from "../extractors/builtin.ts";
import { archivesWithoutGroup } from "./archives-without-group.ts";
import { inventory } from "./inventory.ts";
import { InventoryCache } from "./inventory-cache.ts";

async function clauseFor(...names: readonly string[]): Promise<string | undefined> {
  const content = zip([{ name: "com/example/A.class", content: "class" }]);
  const { packages } = await inventory(
    [{ tree: tarTree(names.map((name) => ({ name, content }))), name: "", verifies: true }],
    { extractors, cache: new InventoryCache(undefined, []), signal: new AbortController().signal },
  );
  return archivesWithoutGroup(packages);
}

test("Java archives that nothing names, or whose group nothing tells, are named as not compared", async () => {
  const start = "Java archives that do not tell their group were not compared: ";
  expect(await clauseFor("app/thing.jar", "app/other-1.0.jar")).toBe(`${start}other 1.0, thing`);
  const many = Array.from({ length: 7 }, (_, index) => `app/thing${index}.jar`);
  expect(await clauseFor(...many)).toBe(`${start}thing0, thing1, thing2, thing3, thing4 and 2 more`);
  expect(await clauseFor("app/commons-io-2.6.jar")).toBe(undefined);
});

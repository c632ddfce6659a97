import { describe, expect, test } from "vitest";
import { rpmDatabase as database, stoppedRpm } from "../../../tests/setup/stopped-rpm.ts";
import { tarTree } from "../../../tests/setup/tar-tree.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { extractors } from "../../extractors/builtin.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Tree } from "../../model/images/tree.ts";
import { type Inventory, inventory, type SharedInventories } from "./inventory.ts";
import { InventoryCache } from "./inventory-cache.ts";
import { NameBudget } from "./name-budget.ts";

const folder = temporaryFolder();
const signal = new AbortController().signal;
const log = `${database}-wal`;
const { ofDatabase, ofLog } = stoppedRpm(folder);
const unread = `${log} contains changes to ${database} that were not read, so packages may be missing`;

type Member = readonly [name: string, content: Uint8Array | string];

function take(...layers: readonly (readonly Member[])[]): Promise<Inventory> {
  const trees = layers.map((members) => tarTree(members.map(([name, content]) => ({ name, content }))));
  return inventory(
    trees.map((tree, index) => ({ tree, name: `layer ${index + 1}`, verifies: true })),
    { extractors, cache: new InventoryCache(undefined, extractors), signal },
  );
}

const namesIn = ({ packages }: Inventory): string[] => packages.map(({ name }) => name);

describe("a database of rpm with a write-ahead log beside it", () => {
  test("is read with what the log holds, in whatever order and layers they lie", async () => {
    for (const layers of [
      [
        [
          [database, ofDatabase],
          [log, ofLog],
        ],
      ],
      [
        [
          [log, ofLog],
          [database, ofDatabase],
        ],
      ],
      [[[database, ofDatabase]], [[log, ofLog]]],
    ] satisfies Member[][][]) {
      const found = await take(...layers);
      expect(namesIn(found)).toEqual(["bash", "zlib"]);
      expect(found.problems).toEqual([]);
    }
  });

  test("is read alone where a layer above took the log away", async () => {
    const found = await take(
      [
        [database, ofDatabase],
        [log, ofLog],
      ],
      [[log.replace("rpmdb", ".wh.rpmdb"), ""]],
    );
    expect(namesIn(found)).toEqual(["bash"]);
    expect(found.problems).toEqual([]);
  });

  test.each([2, 3])(
    "is a problem where walk %d over the layer ends in an error behind what it looks for",
    async (bad) => {
      const tree = tarTree([
        { name: database, content: ofDatabase },
        { name: log, content: ofLog },
      ]);
      let walks = 0;
      const failing: Tree = {
        async walk(visitor, options) {
          await tree.walk(visitor, options);
          if (++walks === bad) throw new PlimsollError("digest-mismatch", "the layer is another one now");
        },
      };
      const found = await inventory([{ tree: failing, name: "layer 1", verifies: true }], {
        ...{ extractors, cache: new InventoryCache(undefined, extractors), signal },
      });
      expect(walks).toBe(bad);
      const why = { code: "unreadable", message: "the layer is another one now" };
      expect(found.problems).toMatchObject(bad === 2 ? [why, { code: "unreadable", path: log }] : [why]);
    },
  );

  test.each([
    [2, "limit-exceeded", []],
    [3, "limit-exceeded", []],
    [2, "digest-mismatch", [["sha256:one", "again"]]],
    [3, "digest-mismatch", [["sha256:one", "again"]]],
  ] as const)(
    "is not a layer that another place may have whole where walk %d ends in %s, unless its bytes may differ there",
    async (bad, code, expected) => {
      const tree = tarTree([
        { name: database, content: ofDatabase },
        { name: log, content: ofLog },
      ]);
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
          if (++walks === bad) throw new PlimsollError(code, "it ends here");
          await tree.walk(visitor, options);
        },
      };
      const found = await inventory([{ tree: failing, cacheKey: "sha256:one", name: "layer 1", verifies: true }], {
        ...{ extractors, cache: new InventoryCache(undefined, extractors), signal, shared },
      });
      expect(lost).toEqual(expected);
      expect(namesIn(found)).toEqual(["bash"]);
      expect(found.problems).toEqual([
        { code: code === "limit-exceeded" ? code : "unreadable", message: "it ends here" },
        { code: "unreadable", path: log, message: unread },
      ]);
    },
  );

  test("is a problem where the log is damaged, or there is no database", async () => {
    const damaged = Buffer.from(ofLog);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    const found = await take([
      [database, ofDatabase],
      [log, damaged],
    ]);
    expect(namesIn(found)).toEqual(["bash"]);
    expect(found.problems).toMatchObject([{ code: "unreadable", path: database }]);
    expect((await take([[log, ofLog]])).problems).toEqual([{ code: "unreadable", message: unread, path: log }]);
  });
});

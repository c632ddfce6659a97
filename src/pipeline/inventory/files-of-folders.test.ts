import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Extractor } from "../../extractors/extractor.ts";
import type { Tree } from "../../model/images/tree.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { FolderTree } from "../../sources/folder/folder-tree.ts";
import { inventory } from "./inventory.ts";
import { InventoryCache } from "./inventory-cache.ts";

const root = temporaryFolder();

/** Wants programs, of which it knows none below 128 KiB, and jars. */
const programs: Extractor = {
  id: "test/programs",
  revision: 1,
  files: [{ magic: [[0x7f, 0x45]], smallest: 128 * 1024 }, { suffix: ".jar" }],
  *extract({ path, size }) {
    yield { kind: "package", package: { type: "generic", name: path, version: `${size}` } };
  },
};

function put(path: string, size: number): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  const bytes = Buffer.alloc(size);
  bytes.write("7f454c46", "hex");
  writeFileSync(join(root, path), bytes);
}

async function taken(tree: Tree): Promise<{ names: string[]; problems: readonly Problem[] }> {
  const { signal } = new AbortController();
  const layers = [{ tree, name: "", verifies: false, standsAlone: true }];
  const options = { extractors: [programs], cache: new InventoryCache(undefined, []), signal };
  const { packages, problems } = await inventory(layers, options);
  return { names: packages.map(({ name }) => name), problems };
}

describe("in a folder", () => {
  test("a program is looked at from 1 KiB on, as where a layer is read whole", async () => {
    put("small", 1023);
    put("large", 1024);
    expect(await taken(new FolderTree(root))).toEqual({ names: ["large"], problems: [] });
  });

  test("a file that only a link makes interesting and that cannot be read is told with the reason", async () => {
    put("data/blob", 10);
    chmodSync(join(root, "data/blob"), 0);
    symlinkSync("data/blob", join(root, "app.jar"));
    const tree = isRoot ? refusing(new FolderTree(root), "data/blob") : new FolderTree(root);
    const message = "app.jar is a link to data/blob, which could not be read: permission denied";
    expect((await taken(tree)).problems).toEqual([{ code: "unreadable", path: "app.jar", message }]);
  });
});

const isRoot = process.getuid?.() === 0;

/** The same folder for root as for a user who may not open one of its files, which a visitor wants. */
function refusing(folder: Tree, closed: string): Tree {
  return {
    walk: (visitor, options) =>
      folder.walk(
        {
          ...visitor,
          entry(entry, head) {
            if (entry.path !== closed || visitor.foresee?.(entry) === "nothing") return visitor.entry(entry, head);
            visitor.refused({ path: closed, reason: "permission denied", limit: false });
            return false;
          },
          foresee: (entry, head) => visitor.foresee?.(entry, head) ?? "body",
          file: (entry, file) => visitor.file(entry, file),
          refused: (problem) => visitor.refused(problem),
        },
        options,
      ),
  };
}

import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { type CachedLayer, InventoryCache } from "./inventory-cache.ts";

const folder = temporaryFolder();
const plugins = [{ id: "os/apk", revision: 1 }];

function layer(name: string): CachedLayer {
  return {
    verified: true,
    inventory: {
      files: [{ path: name, extractions: [], problems: [] }],
      names: [name, "invalid\udcff"],
      whiteouts: [],
      opaques: [],
      symlinks: [["a", "b"]],
      hardlinks: [],
      problems: [],
      complete: true,
    },
  };
}

function entriesIn(cache: string): string[] {
  return readdirSync(cache, { recursive: true, encoding: "utf8" })
    .map((name) => join(cache, name))
    .filter((path) => statSync(path).isFile());
}

describe("the cache of inventories", () => {
  test("gives back what was put in, in another run too", () => {
    new InventoryCache(folder, plugins).set("sha256:a", layer("one"));
    expect(new InventoryCache(folder, plugins).get("sha256:a")).toMatchObject(layer("one"));
  });

  test("knows nothing under another key or for other revisions", () => {
    expect(new InventoryCache(folder, plugins).get("sha256:b")).toBeUndefined();
    expect(new InventoryCache(folder, [{ id: "os/apk", revision: 2 }]).get("sha256:a")).toBeUndefined();
    expect(new InventoryCache(folder, [...plugins, { id: "os/rpm", revision: 1 }]).get("sha256:a")).toBeUndefined();
  });

  test("gives no entry that another key wrote, wherever it lies", () => {
    const moved = join(folder, "moved");
    const cache = new InventoryCache(moved, plugins);
    cache.set("sha256:a", layer("one"));
    const [from = ""] = entriesIn(moved);
    cache.set("sha256:b", layer("two"));
    const to = entriesIn(moved).find((path) => path !== from) ?? "";
    copyFileSync(from, to);
    expect(cache.get("sha256:a")).toMatchObject(layer("one"));
    expect(cache.get("sha256:b")).toBeUndefined();
    rmSync(moved, { recursive: true });
  });

  test("keeps nothing without a folder or a key", () => {
    for (const [where, key] of [
      [undefined, "sha256:a"],
      [join(folder, "none"), ""],
    ] as const) {
      const cache = new InventoryCache(where, plugins);
      cache.set(key, layer("x"));
      expect(cache.get(key)).toBeUndefined();
    }
  });

  test("leaves no temporary files and lets nobody else read", () => {
    const entries = entriesIn(folder);
    expect(entries).toHaveLength(1);
    for (const entry of entries) expect(statSync(entry).mode & 0o077).toBe(0);
  });

  test("takes a damaged entry for an absent one and replaces it", () => {
    const cache = new InventoryCache(folder, plugins);
    const [path = ""] = entriesIn(folder);
    const good = readFileSync(path);
    const damages = [
      Buffer.alloc(0),
      Buffer.from("not an entry"),
      good.subarray(0, good.length - 5),
      ...Array.from({ length: good.length }, (_, at) => {
        const copy = Buffer.from(good);
        copy[at] = (copy[at] ?? 0) ^ 0x41;
        return copy;
      }),
    ];
    for (const damaged of damages) {
      writeFileSync(path, damaged);
      const got = cache.get("sha256:a");
      if (got !== undefined) expect(got).toMatchObject(layer("one"));
    }
    cache.set("sha256:a", layer("two"));
    expect(cache.get("sha256:a")).toMatchObject(layer("two"));
  });

  test("does no harm where it cannot be written", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const cache = new InventoryCache(file, plugins);
    cache.set("sha256:a", layer("x"));
    expect(cache.get("sha256:a")).toBeUndefined();
  });
});

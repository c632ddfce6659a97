import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Plugin } from "../model/plugin.ts";
import type { LayerInventory } from "./layer-inventory.ts";

/** Raise it when {@link LayerInventory} changes its shape or the walk its meaning. */
const formatRevision = 1;

/** The largest entry that is read back. */
const largestEntry: number = 1024 * 1024 * 1024;

/** What the cache holds for one layer. */
export interface CachedLayer {
  readonly inventory: LayerInventory;
  /** True when the bytes were compared with their digest in the run that stored this. */
  readonly verified: boolean;
}

/**
 * Inventories of layers on disk, one file each. Safe for parallel runs: an entry is written aside and renamed into place, and a
 * file that cannot be read counts as absent. A cache that cannot be written is no reason to fail.
 */
export class InventoryCache {
  readonly #folder: string | undefined;
  readonly #revisions: string;

  /** Without a folder nothing is kept. */
  constructor(folder: string | undefined, plugins: readonly Plugin[]) {
    this.#folder = folder === undefined ? undefined : join(folder, "layers");
    this.#revisions = JSON.stringify([formatRevision, plugins.map(({ id, revision }) => [id, revision])]);
  }

  get(key: string): CachedLayer | undefined {
    const path = this.#path(key);
    if (path === undefined) return undefined;
    try {
      const text = zstdDecompressSync(readFileSync(path), { maxOutputLength: largestEntry }).toString("utf8");
      const entry = JSON.parse(text) as CachedLayer & { readonly key: string };
      return entry.key === key ? entry : undefined;
    } catch {
      return undefined;
    }
  }

  set(key: string, entry: CachedLayer): void {
    const path = this.#path(key);
    if (path === undefined) return;
    const temporary = `${path}.${randomUUID()}`;
    try {
      const bytes = zstdCompressSync(JSON.stringify({ key, ...entry }), {
        params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
      });
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, bytes, { mode: 0o600 });
      renameSync(temporary, path);
    } catch {
      remove(temporary);
    }
  }

  #path(key: string): string | undefined {
    if (this.#folder === undefined || key === "") return undefined;
    const name = createHash("sha256").update(this.#revisions).update("\0").update(key).digest("hex");
    return join(this.#folder, name.slice(0, 2), name.slice(2));
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nothing was written where nothing can be removed.
  }
}

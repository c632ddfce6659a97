import { readFileSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { unreadFormats } from "../../extractors/unread-formats.ts";
import { cachePath, writeCacheFile } from "../../io/files/cache-file.ts";
import type { Plugin } from "../../model/plugin.ts";
import type { LayerInventory } from "./layer-inventory.ts";

/** Raise it when {@link LayerInventory} changes its shape or the walk its meaning. */
const formatRevision = 5;

/** The largest entry that is read back. */
const largestEntry: number = 1024 * 1024 * 1024;

/** What the cache holds for one layer. */
export interface CachedLayer {
  readonly inventory: LayerInventory;
  /** True when the bytes were compared with their digest in the run that stored this. */
  readonly verified: boolean;
  /** True when the layer was read by its table of contents alone, see `WalkOptions.inPart`. */
  readonly inPart?: true;
}

/**
 * Inventories of layers on disk, one file each. A file that cannot be read counts as absent; see
 * {@link writeCacheFile}.
 */
export class InventoryCache {
  readonly #folder: string | undefined;
  readonly #revisions: string;

  /** Without a folder nothing is kept. */
  constructor(folder: string | undefined, plugins: readonly Plugin[]) {
    this.#folder = folder === undefined ? undefined : join(folder, "layers");
    this.#revisions = JSON.stringify([
      formatRevision,
      unreadFormats,
      plugins.map(({ id, revision }) => [id, revision]),
    ]);
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
    this.#write(key, () => JSON.stringify({ key, ...entry }));
  }

  /** Keeps what is JSON already: that of an entry, and of its key as a member `key`. */
  setJson(key: string, json: string): void {
    this.#write(key, () => json);
  }

  #write(key: string, makeJson: () => string): void {
    const path = this.#path(key);
    if (path === undefined) return;
    const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };
    writeCacheFile(path, () => zstdCompressSync(makeJson(), { params }));
  }

  #path(key: string): string | undefined {
    if (this.#folder === undefined || key === "") return undefined;
    return cachePath(this.#folder, `${this.#revisions}\0${key}`);
  }
}

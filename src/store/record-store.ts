import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { isJsonObject } from "../model/json-object.ts";

const largestRecord: number = 512 * 1024 * 1024;

/** A value as compressed bytes, with the key that it belongs to. */
export function packRecord(key: string, value: object): Buffer {
  return zstdCompressSync(JSON.stringify({ key, value }), {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  });
}

/** The value in what {@link packRecord} made, undefined when the bytes are damaged or belong to another key. */
export function unpackRecord<T extends object>(key: string, bytes: Uint8Array): T | undefined {
  try {
    const text = zstdDecompressSync(bytes, { maxOutputLength: largestRecord }).toString("utf8");
    const record: unknown = JSON.parse(text);
    if (!isJsonObject(record) || record["key"] !== key || !isJsonObject(record["value"])) return undefined;
    return record["value"] as T;
  } catch {
    return undefined;
  }
}

/**
 * Packed records on disk by their keys, one file each. Safe for parallel runs and for a process that is killed: a record is written
 * aside and renamed into place, the later one wins, and a file that cannot be read counts as absent. A store that cannot be written is
 * no reason to fail.
 */
export class RecordStore {
  readonly #folder: string;
  /** Folders that are there: making one that is costs as much as writing a small file. */
  readonly #made = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What was put under the key; undefined when there is nothing. */
  get(key: string): Buffer | undefined {
    try {
      return readFileSync(this.#path(key));
    } catch {
      return undefined;
    }
  }

  set(key: string, packed: Uint8Array): void {
    const path = this.#path(key);
    const temporary = `${path}.${randomUUID()}`;
    try {
      const folder = dirname(path);
      if (!this.#made.has(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
      this.#made.add(folder);
      writeFileSync(temporary, packed, { mode: 0o600 });
      renameSync(temporary, path);
    } catch {
      remove(temporary);
    }
  }

  #path(key: string): string {
    const name = createHash("sha256").update(key).digest("hex");
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

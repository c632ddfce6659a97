import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { cachePath, isCacheName, writeCacheFile } from "../io/files/cache-file.ts";
import { isJsonObject } from "../model/objects/json-object.ts";

const largestRecord: number = 512 * 1024 * 1024;

/** A value as compressed bytes, with the key that it belongs to. */
export function packRecord(key: string, value: object): Buffer {
  return zstdCompressSync(JSON.stringify({ key, value }), {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  });
}

/**
 * The value in what {@link packRecord} made, undefined when the bytes are damaged, belong to another key or are more
 * than `largest` unpacked.
 */
export function unpackRecord<T extends object>(
  key: string,
  bytes: Uint8Array,
  largest: number = largestRecord,
): T | undefined {
  const record = unpackAnyRecord<T>(bytes, largest);
  return record?.key === key ? record.value : undefined;
}

/** A record with its key. */
interface KeyedRecord<T> {
  readonly key: string;
  readonly value: T;
}

function unpackAnyRecord<T extends object>(bytes: Uint8Array, largest: number): KeyedRecord<T> | undefined {
  try {
    const text = zstdDecompressSync(bytes, { maxOutputLength: largest }).toString("utf8");
    const record: unknown = JSON.parse(text);
    if (!isJsonObject(record)) return undefined;
    const { key, value } = record;
    return typeof key === "string" && isJsonObject(value) ? { key, value: value as T } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Packed records on disk by their keys, one file each. A file that cannot be read counts as absent; see
 * {@link writeCacheFile}.
 */
export class RecordStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What was put under the key; undefined when there is nothing, or a file of more than `largest` bytes. */
  get(key: string, largest: number = largestRecord): Buffer | undefined {
    return readUpTo(cachePath(this.#folder, key), largest);
  }

  /** All records in no order, read one at a time; without those that {@link RecordStore.get} would not give. */
  *records<T extends object>(largest: number = largestRecord): Generator<KeyedRecord<T>> {
    for (const name of namesIn(this.#folder)) {
      const packed = isCacheName(name) ? readUpTo(join(this.#folder, name), largest) : undefined;
      const record = packed && unpackAnyRecord<T>(packed, largest);
      if (record) yield record;
    }
  }

  set(key: string, packed: Uint8Array): void {
    writeCacheFile(cachePath(this.#folder, key), () => packed);
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readUpTo(path: string, largest: number): Buffer | undefined {
  try {
    const file = statSync(path);
    return file.isFile() && file.size <= largest ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}

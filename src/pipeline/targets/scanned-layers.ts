import { join } from "node:path";
import { isDigest } from "../../model/reference.ts";
import { packRecord, RecordStore, unpackRecord } from "../../store/record-store.ts";

/**
 * By the chain id that containerd has unpacked, the manifest of the image of these layers that was looked into last.
 * What was found in it holds for all images of the same layers, whatever their configs say. A cache that cannot be read
 * or written is no reason to fail.
 */
export class ScannedLayers {
  readonly #store: RecordStore | undefined;

  /** `cache` is the cache folder; without it nothing is remembered. */
  constructor(cache: string | undefined) {
    this.#store = cache === undefined ? undefined : new RecordStore(join(cache, "chains"));
  }

  get(chainId: string): string | undefined {
    const packed = this.#store?.get(chainId);
    const { manifestDigest } = (packed && unpackRecord<{ manifestDigest?: unknown }>(chainId, packed)) ?? {};
    return typeof manifestDigest === "string" && isDigest(manifestDigest) ? manifestDigest : undefined;
  }

  set(chainId: string, manifestDigest: string): void {
    if (this.get(chainId) !== manifestDigest) this.#store?.set(chainId, packRecord(chainId, { manifestDigest }));
  }
}

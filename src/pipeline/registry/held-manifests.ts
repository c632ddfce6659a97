import type { Manifest } from "../../registry/content/manifest.ts";

const defaultRoom: number = 16 * 1024 * 1024;
/** A parsed document takes some times the bytes that it was read from. */
const growth = 4;

/** Manifests that came while tags were listed, until their images are scanned, as far as there is room. */
export class HeldManifests {
  readonly #byDigest = new Map<string, Manifest>();
  #left: number;

  /** `room` in about bytes. */
  constructor(room: number = defaultRoom) {
    this.#left = room;
  }

  keep(manifest: Manifest): void {
    const cost = growth * manifest.size;
    if (this.#byDigest.has(manifest.digest) || cost > this.#left) return;
    this.#byDigest.set(manifest.digest, manifest);
    this.#left -= cost;
  }

  /** Hands a manifest over: it is held no more. */
  take(digest: string): Manifest | undefined {
    const manifest = this.#byDigest.get(digest);
    if (!manifest) return undefined;
    this.#byDigest.delete(digest);
    this.#left += growth * manifest.size;
    return manifest;
  }
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cachePath, writeCacheFile } from "../../io/files/cache-file.ts";
import type { Image, ImageLayer } from "../../sources/image/image.ts";

/** Raise it when {@link ImageDescription} changes its shape or its meaning. */
const formatRevision = 2;

/** An image without its bytes. */
export interface ImageDescription extends Omit<Image, "layers" | typeof Symbol.dispose> {
  readonly layers: readonly Omit<ImageLayer, "tree">[];
}

/** What an image says about itself, without the trees of its layers. */
export function describeImage({
  id,
  manifestDigest,
  tags,
  platform,
  user,
  config,
  layers,
  unexamined,
}: Image): ImageDescription {
  return {
    id,
    ...(manifestDigest === undefined ? {} : { manifestDigest }),
    tags,
    ...(platform === undefined ? {} : { platform }),
    user,
    config,
    layers: layers.map(({ tree: _tree, ...layer }) => layer),
    unexamined,
  };
}

/**
 * Descriptions of images that an engine exported, one file each, so that the engine is not asked again for bytes which
 * the cache of inventories already knows. Safe for parallel runs, and a cache that cannot be read or written is not
 * a reason to fail.
 */
export class ImageCache {
  readonly #folder: string | undefined;

  /** Without a folder nothing is kept. */
  constructor(folder: string | undefined) {
    this.#folder = folder === undefined ? undefined : join(folder, "images");
  }

  get(key: string): ImageDescription | undefined {
    const path = this.#path(key);
    if (path === undefined) return undefined;
    try {
      const entry = JSON.parse(readFileSync(path, "utf8")) as {
        readonly key: string;
        readonly image: ImageDescription;
      };
      return entry.key === key ? entry.image : undefined;
    } catch {
      return undefined;
    }
  }

  set(key: string, image: ImageDescription): void {
    const path = this.#path(key);
    if (path === undefined) return;
    writeCacheFile(path, () => JSON.stringify({ key, image }));
  }

  #path(key: string): string | undefined {
    if (this.#folder === undefined) return undefined;
    return cachePath(this.#folder, `${formatRevision}\0${key}`);
  }
}

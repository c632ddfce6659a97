import { PlimsollError } from "../../model/error.ts";
import { mostLayers } from "../../model/images/most-layers.ts";
import { checkDigest, hashFor } from "../image/digest.ts";
import type { Image, ImageLayer, ImageOptions } from "../image/image.ts";
import { matchesPlatform } from "../image/image-choice.ts";
import { readImageConfig } from "../image/image-config.ts";
import type { PartialLayer } from "./partial-layer.ts";
import { PartialLayerTree } from "./partial-layer-tree.ts";
import { TarSplitTree, type UnpackedLayer } from "./tar-split-tree.ts";

/** A layer as a store keeps it. */
export type StoredLayer = RecordedLayer | PartialLayer;

/** A layer of which the whole tar was pulled. */
interface RecordedLayer extends UnpackedLayer {
  /** The digest of the uncompressed tar, as the store has it; undefined when it does not say. */
  readonly diffId: string | undefined;
  /** Bytes, as the store counts them; a value that is not a count is taken for 0. */
  readonly size: number;
}

/** An image as a store keeps it. */
export interface StoredImage {
  /** How errors name the store. */
  readonly store: string;
  /** The digest that the config must have, `sha256:…`. */
  readonly id: string;
  readonly config: Buffer;
  readonly manifestDigest?: string;
  readonly tags: readonly string[];
  /** For the digests of an image's layers, lowest first, where they lie; undefined when one is not there. */
  layers(diffIds: readonly string[]): readonly StoredLayer[] | undefined;
}

const digestPattern = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;

/**
 * Opens an image whose layers lie unpacked in an engine's store. Config and layers are always compared with their
 * digests, because files in a folder are easily changed. A layer that was pulled in part has no tar to compare: its
 * files are proved by its table of contents, whose digest is the layer's name in the cache.
 *
 * Errors: `digest-mismatch`, `layout-malformed`, `platform-not-found`, `limit-exceeded`.
 */
export function openUnpackedImage(stored: StoredImage, { platform, largestLayer }: ImageOptions): Image {
  const { store, id } = stored;
  checkDigest(hashFor(id).update(stored.config), { digest: id, what: `the image config in ${store}` });
  const config = readImageConfig(stored.config, `the image config in ${store}`);
  if (platform !== undefined && config.platform !== undefined && !matchesPlatform(config.platform, platform)) {
    throw new PlimsollError("platform-not-found", `${store} has ${config.platform} of the image, not ${platform}`);
  }
  const { diffIds } = config;
  if (diffIds.length > mostLayers) {
    throw new PlimsollError("limit-exceeded", `an image in ${store} has more than ${mostLayers} layers`);
  }
  if (!diffIds.every((diffId) => digestPattern.test(diffId)))
    throw incomplete(stored, "its config has no usable diff_ids");
  const layers = stored.layers(diffIds);
  if (layers?.length !== diffIds.length) throw incomplete(stored, "a layer that is in its config is missing");
  return {
    id,
    ...(stored.manifestDigest === undefined ? {} : { manifestDigest: stored.manifestDigest }),
    tags: stored.tags,
    ...(config.platform === undefined ? {} : { platform: config.platform }),
    user: config.user,
    config: config.json,
    layers: layers.map((layer, index) => {
      const diffId = diffIds[index] ?? "";
      if ("record" in layer && layer.diffId !== undefined && layer.diffId !== diffId)
        throw incomplete(stored, `its layer ${index + 1} is not the one in its config`);
      const options = largestLayer === undefined ? {} : { largestLayer };
      return {
        diffId,
        size: Number.isSafeInteger(layer.size) && layer.size > 0 ? layer.size : 0,
        base: false,
        ...config.origins[index],
        ...contentOf(layer, { ...options, diffId }),
      };
    }),
    unexamined: [],
    [Symbol.dispose]: () => undefined,
  };
}

function contentOf(
  layer: StoredLayer,
  options: { readonly diffId: string; readonly largestLayer?: number },
): Pick<ImageLayer, "cacheKey" | "verifies" | "tree"> {
  if ("record" in layer) return { cacheKey: options.diffId, verifies: true, tree: new TarSplitTree(layer, options) };
  return { cacheKey: `table:${layer.tableDigest}`, verifies: false, tree: new PartialLayerTree(layer, options) };
}

function incomplete({ store, id }: StoredImage, reason: string): PlimsollError {
  return new PlimsollError("layout-malformed", `${store} does not have the complete image ${id}: ${reason}`, {
    hint: "Pull or build the image again, or save it to a file and scan that.",
  });
}

import { PlimsollError } from "../../model/error.ts";
import type { ImageLayer, ImageOptions } from "./image.ts";
import type { ImageConfig } from "./image-config.ts";
import { layerOfConfig } from "./layer-of-config.ts";
import { type ExpectedDigest, LayerTree } from "./layer-tree.ts";
import type { LayoutFiles } from "./layout-files.ts";
import { missingLayer, obstacleOf, unreadableLayer } from "./unreadable-layer.ts";

/** Where a manifest says that a layer is. */
export interface LayerPlace {
  /** Undefined when what the manifest says cannot be a place in the layout. */
  readonly path: string | undefined;
  /** The digest of the stored bytes, when the manifest gives it. */
  readonly digest: string | undefined;
  /** How an error names the layer. */
  readonly name: string;
  /** What the manifest says that it is, when it does. */
  readonly mediaType?: string;
}

/** The most layers that an image may have. */
const mostLayers = 1_000;

/**
 * Opens the layers of an image, lowest first. One that is not in the layout fails when it is walked, so that the others
 * can be.
 * Error: `limit-exceeded` beyond 1,000 layers.
 */
export function openLayers(
  files: LayoutFiles,
  places: readonly LayerPlace[],
  { config, options }: { readonly config: ImageConfig; readonly options: ImageOptions },
): readonly ImageLayer[] {
  if (places.length > mostLayers) {
    throw new PlimsollError("limit-exceeded", `${files.name} names more than ${mostLayers} layers for one image`);
  }
  return places.map(({ path, digest, name, mediaType = "" }, index): ImageLayer => {
    const range = path === undefined ? undefined : files.range(path);
    const obstacle = obstacleOf(mediaType);
    const said = layerOfConfig(config, { index, count: places.length });
    const expected = expectedDigest(digest, said.diffId);
    const verifies = options.verifyDigests && expected !== undefined;
    const { largestLayer, digestsAreTrusted } = options;
    return {
      ...(digest === undefined ? {} : { digest }),
      size: range?.size ?? 0,
      ...said,
      cacheKey:
        path === undefined || !range || obstacle !== undefined
          ? ""
          : verifies && digestsAreTrusted
            ? expected.digest
            : `file:${files.identity(path)}${verifies ? ":verified" : ""}`,
      verifies,
      tree:
        obstacle !== undefined
          ? unreadableLayer(obstacle)
          : range
            ? new LayerTree(range, {
                ...(verifies ? { expected } : {}),
                ...(largestLayer === undefined ? {} : { largestLayer }),
              })
            : missingLayer(name, { mediaType, obstacle: path === undefined ? undefined : files.obstacle(path) }),
    };
  });
}

function expectedDigest(digest: string | undefined, diffId: string | undefined): ExpectedDigest | undefined {
  if (digest !== undefined) return { digest, of: "stored" };
  return diffId === undefined ? undefined : { digest: diffId, of: "uncompressed" };
}

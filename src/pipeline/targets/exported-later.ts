import { PlimsollError } from "../../model/error.ts";
import type { Image } from "../../sources/image/image.ts";
import type { ImageDescription } from "./image-cache.ts";

/** An image that is known by its description and is exported only when the first of its layers is walked. */
export function exportedLater(description: ImageDescription, exportNow: () => Promise<Image>): Image {
  let exported: Promise<Image> | undefined;
  const layerOf = async (index: number): Promise<Image["layers"][number]> => {
    exported ??= exportNow();
    const layer = (await exported).layers[index];
    if (layer?.diffId === description.layers[index]?.diffId && layer) return layer;
    throw new PlimsollError("layout-malformed", "the engine now exports different layers for the same image id", {
      hint: "Empty the cache folder, or scan with --no-cache.",
    });
  };
  return {
    ...description,
    layers: description.layers.map((layer, index) => ({
      ...layer,
      tree: { walk: async (visitor, options) => (await layerOf(index)).tree.walk(visitor, options) },
    })),
    [Symbol.dispose]() {
      exported?.then(
        (image) => image[Symbol.dispose](),
        () => undefined,
      );
    },
  };
}

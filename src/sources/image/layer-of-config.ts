import type { ImageLayer } from "./image.ts";
import type { ImageConfig } from "./image-config.ts";

/**
 * The entry of a config for a layer, the lowest being 0, of an image of `count` layers: empty where the config lists
 * fewer, since then the missing ones are unknown. A config that lists more is a separate problem, and the existing
 * layers keep their places.
 */
export function layerOfConfig(
  { diffIds, origins }: Pick<ImageConfig, "diffIds" | "origins">,
  { index, count }: { readonly index: number; readonly count: number },
): Pick<ImageLayer, "diffId" | "createdBy" | "base"> {
  const diffId = diffIds[index];
  return diffIds.length < count || diffId === undefined ? { base: false } : { diffId, base: false, ...origins[index] };
}

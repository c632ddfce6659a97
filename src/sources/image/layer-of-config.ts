import type { ImageLayer } from "./image.ts";
import type { ImageConfig } from "./image-config.ts";

/**
 * What a config says of a layer, the lowest being 0, of an image of `count` layers: nothing where it lists fewer, since
 * then nobody knows which it leaves out. containerd and Docker do not run such an image. One that lists more is a
 * problem of its own, and those that there are have their places.
 */
export function layerOfConfig(
  { diffIds, origins }: Pick<ImageConfig, "diffIds" | "origins">,
  { index, count }: { readonly index: number; readonly count: number },
): Pick<ImageLayer, "diffId" | "createdBy" | "base"> {
  const diffId = diffIds[index];
  return diffIds.length < count || diffId === undefined ? { base: false } : { diffId, base: false, ...origins[index] };
}

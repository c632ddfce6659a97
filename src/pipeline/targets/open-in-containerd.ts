import { PlimsollError } from "../../model/error.ts";
import { isDigest } from "../../model/packages/reference.ts";
import { openContainerdStorage } from "../../sources/image-store/containerd-storage.ts";
import type { ContainerdImage } from "../../sources/image-store/find-in-containerd.ts";
import type { OpenedEngineImage } from "./open-docker-image.ts";
import type { OpenStoredImageOptions } from "./open-stored-image.ts";

/**
 * Opens an image in containerd's folder; undefined when its manifest is not there. Errors: those of
 * `openContainerdStorage`.
 */
export function openInContainerd(
  root: string,
  { name, digest, namespace }: ContainerdImage,
  options: OpenStoredImageOptions,
): OpenedEngineImage | undefined {
  const { isKnownLayer } = options;
  const image = openContainerdStorage(root, { digest, names: namesOf({ name }), options, isKnownLayer });
  return image && { image, tags: image.tags, namespace };
}

/** The names of an image; a digest is none. */
export function namesOf({ name }: Pick<ContainerdImage, "name">): readonly string[] {
  return isDigest(name) ? [] : [name];
}

/** Undefined where a folder does not give it. Error: `cancelled`. */
export function orUndefined<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PlimsollError && error.code !== "cancelled") return undefined;
    throw error;
  }
}

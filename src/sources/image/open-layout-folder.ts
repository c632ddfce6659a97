import { isDockerArchive } from "./docker-archive.ts";
import type { Image, ImageOptions } from "./image.ts";
import { FolderLayout } from "./layout-files.ts";
import { ociIndexPath, openOciLayout } from "./oci-layout.ts";

/**
 * True when a folder is laid out as OCI images are: it holds `index.json` and `blobs` or `oci-layout`. Error:
 * `target-unreadable`.
 */
export function isLayoutFolder(folder: string): boolean {
  using files = new FolderLayout(folder);
  return files.has(ociIndexPath) && (files.has("oci-layout") || files.has("blobs"));
}

/** True when a folder holds what `docker save` writes into a tar. Error: `target-unreadable`. */
export function isUnpackedArchive(folder: string): boolean {
  using files = new FolderLayout(folder);
  return isDockerArchive(files);
}

/** Opens an image of an OCI layout in a folder. Errors: `target-unreadable` and those of {@link openOciLayout}. */
export function openLayoutFolder(folder: string, options: ImageOptions): Image {
  const files = new FolderLayout(folder);
  try {
    return openOciLayout(files, options);
  } catch (error) {
    files[Symbol.dispose]();
    throw error;
  }
}

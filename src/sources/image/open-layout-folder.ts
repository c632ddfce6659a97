import { dockerManifestPath, isDockerArchive } from "./docker-archive.ts";
import type { Image, ImageOptions } from "./image.ts";
import { imagesOnlyInList } from "./images-only-in-list.ts";
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

/**
 * Opens an image of an OCI layout in a folder. Where the folder is an unpacked archive of `docker save` too, the images
 * that only its `manifest.json` leads to are reported as not examined. Errors: `target-unreadable` and those of
 * {@link openOciLayout}.
 */
export function openLayoutFolder(folder: string, options: ImageOptions): Image {
  const files = new FolderLayout(folder);
  try {
    const image = openOciLayout(files, options);
    const others = imagesOnlyInList(files, { image, options });
    files.parsed.forget();
    if (others.length === 0) return image;
    const texts = others.map((name) =>
      name === dockerManifestPath
        ? `the images in its ${dockerManifestPath}, which cannot be read`
        : `${name} of its ${dockerManifestPath} (docker-archive:TAR:${name} once the folder is packed in a tar)`,
    );
    return { ...image, unexamined: [...image.unexamined, ...texts] };
  } catch (error) {
    files[Symbol.dispose]();
    throw error;
  }
}

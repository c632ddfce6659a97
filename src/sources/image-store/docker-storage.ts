import { join } from "node:path";
import { chainIds } from "../image/chain-ids.ts";
import type { Image, ImageOptions } from "../image/image.ts";
import { isFile, isFolder, readStoreFile } from "./store-files.ts";
import { openUnpackedImage, type StoredLayer } from "./unpacked-image.ts";

/**
 * The folder of a Docker Engine (`/var/lib/docker`) that stores images itself, with the drivers overlay2 and vfs.
 *
 * - `image/<driver>/imagedb/content/sha256/<hex>`: the config of the image of that id;
 * - `image/<driver>/layerdb/sha256/<chain>`: a layer on those below it, with the files `diff` (its diff id),
 *   `cache-id`, `size` and `tar-split.json.gz`. The chain of the lowest layer is its diff id, of each other SHA-256 of
 *   `<chain below> <diff id>`;
 * - `overlay2/<cache-id>/diff` and `vfs/dir/<cache-id>`: the files.
 *
 * Source: moby `layer/filestore.go`, `image/fs.go`, `daemon/graphdriver`; OCI image-spec, "Layer ChainID".
 */
const contentFolders: Readonly<Record<string, (root: string, cacheId: string) => string>> = {
  overlay2: (root, cacheId) => join(root, "overlay2", cacheId, "diff"),
  vfs: (root, cacheId) => join(root, "vfs", "dir", cacheId),
};

/**
 * Opens the image of an id, `sha256:…`; undefined when the folder does not hold it in a form that is known here.
 * Errors: `target-unreadable` when a part may not be read, and those of {@link openUnpackedImage}.
 */
export function openDockerStorage(
  root: string,
  { id, tags, options }: { readonly id: string; readonly tags: readonly string[]; readonly options: ImageOptions },
): Image | undefined {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(id)?.[1];
  if (hex === undefined) return undefined;
  for (const [driver, contentFolder] of Object.entries(contentFolders)) {
    const database = join(root, "image", driver);
    const config = readStoreFile(join(database, "imagedb", "content", "sha256", hex));
    if (!config) continue;
    const layers = (diffIds: readonly string[]): StoredLayer[] | undefined =>
      findLayers(diffIds, { layerDatabase: join(database, "layerdb", "sha256"), root, contentFolder });
    return openUnpackedImage({ store: root, id, config, tags, layers }, options);
  }
  return undefined;
}

function findLayers(
  diffIds: readonly string[],
  {
    layerDatabase,
    root,
    contentFolder,
  }: {
    readonly layerDatabase: string;
    readonly root: string;
    readonly contentFolder: (root: string, cacheId: string) => string;
  },
): StoredLayer[] | undefined {
  const layers: StoredLayer[] = [];
  for (const chain of chainIds(diffIds)) {
    const place = join(layerDatabase, chain.slice(chain.indexOf(":") + 1));
    const cacheId = readStoreFile(join(place, "cache-id"))?.toString("latin1").trim();
    const record = join(place, "tar-split.json.gz");
    if (cacheId === undefined || !/^[0-9a-z][0-9a-z-]{0,127}$/.test(cacheId) || !isFile(record)) return undefined;
    const folder = contentFolder(root, cacheId);
    if (!isFolder(folder)) return undefined;
    layers.push({
      record,
      folder,
      diffId: readStoreFile(join(place, "diff"))?.toString("latin1").trim(),
      size: Number(readStoreFile(join(place, "size"))?.toString("latin1")),
    });
  }
  return layers;
}

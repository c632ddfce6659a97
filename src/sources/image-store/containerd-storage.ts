import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { refuseCancelled } from "../../io/refuse-cancelled.ts";
import { PlimsollError } from "../../model/error.ts";
import { asEngineError } from "../image/as-engine-error.ts";
import { blobPath } from "../image/collect-manifests.ts";
import type { Image, ImageLayer, ImageOptions } from "../image/image.ts";
import { FolderLayout, holds } from "../image/layout-files.ts";
import { listOciImages, openOciImage, type PlatformImage } from "../image/oci-layout.ts";
import { type BoltBucket, readBolt } from "./bolt-file.ts";
import { DiscardedLayersError, discardedLayer } from "./discarded-layers.ts";
import type { ContainerdIndex } from "./find-in-containerd.ts";
import { isFile } from "./store-files.ts";

/**
 * The folder of containerd (`/var/lib/containerd`).
 *
 * - `io.containerd.metadata.v1.bolt/meta.db`: a bbolt database with the buckets `v1` / `<namespace>` / `images` /
 *   `<name>` / `target`, in which `digest` is the digest of the image's manifest or index;
 * - `io.containerd.content.v1.content/blobs/<algorithm>/<hex>`: manifests, configs and layers as they were pulled,
 *   which makes it an OCI image layout without an index.
 *
 * Kubernetes has its images in the namespace `k8s.io`, Docker in `moby`, `ctr` and `nerdctl` in `default`.
 * Source: containerd `metadata/buckets.go`, `content/local/store.go`.
 */
const metadataFile = join("io.containerd.metadata.v1.bolt", "meta.db");
const contentFolder = "io.containerd.content.v1.content";

/** True when a folder has the form of containerd's. Error: `target-unreadable` when one may not look. */
export function isContainerdStorage(root: string): boolean {
  return isFile(join(root, metadataFile));
}

/**
 * What a folder of containerd knows of its images.
 * Errors of its methods: `target-unreadable`, `layout-malformed`, `limit-exceeded`, `cancelled`.
 */
export function containerdFolderIndex(root: string, signal: AbortSignal): ContainerdIndex {
  const read = async <Result>(of: (version: BoltBucket | undefined) => Result): Promise<Result> =>
    readBolt(join(root, metadataFile), (database) => of(database.bucket("v1")));
  return {
    place: root,
    namespaces: () => read((version) => version?.bucketNames() ?? []),
    digestOf: (name, namespace) => read((version) => digestIn(version?.bucket(namespace)?.bucket("images"), name)),
    images: (namespace) =>
      read((version) => {
        const images = version?.bucket(namespace)?.bucket("images");
        return (images?.bucketNames() ?? []).flatMap((name) => {
          const digest = digestIn(images, name);
          return digest === undefined ? [] : [{ name, digest }];
        });
      }),
    platformImages: async (digest) => {
      // Thousands of images may be read one after the other: whoever wants to end that must be heard between two.
      await setImmediate();
      refuseCancelled(signal);
      try {
        return imagesInContainerd(root, digest, { verifyDigests: true, signal });
      } catch (error) {
        if (error instanceof PlimsollError) return [];
        throw error;
      }
    },
  };
}

/** Which image of containerd's folder is opened, and how. */
export interface OpenContainerdOptions {
  /** Digest of its manifest, or of an index that leads to it. */
  readonly digest: string;
  readonly names: readonly string[];
  readonly options: ImageOptions;
  /** True for the digest of a layer that need not be there; without it every layer must. */
  readonly isKnownLayer?: ((digest: string) => boolean) | undefined;
}

/**
 * Opens the image of a digest from containerd's folder; undefined when the digest is not there. A known layer that is
 * not there has its digest as its key, and a walk over it fails with the last of the errors.
 *
 * Errors: `target-unreadable`, `platform-not-found`, `digest-mismatch`, `limit-exceeded`, and `layout-malformed`, a
 * {@link DiscardedLayersError} when containerd has discarded the layers after unpacking them.
 */
export function openContainerdStorage(
  root: string,
  { digest, names, options, isKnownLayer }: OpenContainerdOptions,
): Image | undefined {
  const [algorithm = "", hex = ""] = digest.split(":");
  const folder = join(root, contentFolder);
  if (!/^[0-9a-f]+$/.test(hex) || !/^sha(?:256|512)$/.test(algorithm)) return undefined;
  if (!isFile(join(folder, "blobs", algorithm, hex))) return undefined;
  const files = new FolderLayout(folder, { name: `the image in ${root}`, holder: root });
  const isAbsent = ({ digest: layer = "" }: ImageLayer): boolean => !holds(files, blobPath(layer) ?? "");
  try {
    const verified = { ...options, verifyDigests: true, digestsAreTrusted: true };
    const image = openOciImage(files, { digest, names, options: verified });
    const absent = image.layers.filter(isAbsent);
    if (absent.length === 0) return image;
    const { manifestDigest = digest } = image;
    const error = new DiscardedLayersError({ manifestDigest, names, missing: absent.length });
    const isKnown = (layer: ImageLayer): boolean => layer.digest !== undefined && isKnownLayer?.(layer.digest) === true;
    if (!absent.every(isKnown)) throw error;
    const tree = discardedLayer(error);
    const layers = image.layers.map((layer) =>
      layer.digest !== undefined && isAbsent(layer) ? { ...layer, cacheKey: layer.digest, tree } : layer,
    );
    return { ...image, layers };
  } catch (error) {
    files[Symbol.dispose]();
    throw asEngineError(error);
  }
}

/**
 * The images that a digest leads to, one for each platform of which the manifest and the config are in containerd's
 * folder; their layers need not be. Errors: `target-unreadable`, `layout-malformed`, `digest-mismatch`,
 * `limit-exceeded`.
 */
export function imagesInContainerd(root: string, digest: string, options: ImageOptions): readonly PlatformImage[] {
  using files = new FolderLayout(join(root, contentFolder));
  return listOciImages(files, digest, options);
}

function digestIn(images: BoltBucket | undefined, name: string): string | undefined {
  return images?.bucket(name)?.bucket("target")?.value("digest")?.toString("latin1");
}

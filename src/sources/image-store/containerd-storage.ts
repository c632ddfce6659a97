import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import type { Image, ImageOptions } from "../image/image.ts";
import { FolderLayout } from "../image/layout-files.ts";
import { listOciImages, openOciImage, type PlatformImage } from "../image/oci-layout.ts";
import { type BoltBucket, readBolt } from "./bolt-file.ts";
import { imageNameOf } from "./image-name.ts";
import { isFile } from "./store-files.ts";

/**
 * The folder of containerd (`/var/lib/containerd`).
 *
 * - `io.containerd.metadata.v1.bolt/meta.db`: a bbolt database with the buckets `v1` / `<namespace>` / `images` / `<name>` / `target`,
 *   in which `digest` is the digest of the image's manifest or index;
 * - `io.containerd.content.v1.content/blobs/<algorithm>/<hex>`: manifests, configs and layers as they were pulled, which makes it
 *   an OCI image layout without an index.
 *
 * Kubernetes has its images in the namespace `k8s.io`, Docker in `moby`, `ctr` and `nerdctl` in `default`.
 * Source: containerd `metadata/buckets.go`, `content/local/store.go`.
 */
const metadataFile = join("io.containerd.metadata.v1.bolt", "meta.db");
const contentFolder = "io.containerd.content.v1.content";

/** Where containerd's images are looked for when no namespace is named, before all others. */
const usualNamespaces = ["default", "k8s.io", "moby"];

const mostImages = 10_000;

/** An image in containerd. */
export interface ContainerdImage {
  /** The digest of its manifest or index. */
  readonly digest: string;
  readonly name: string;
  readonly namespace: string;
}

/** True when a folder has the form of containerd's. Error: `target-unreadable` when one may not look. */
export function isContainerdStorage(root: string): boolean {
  return isFile(join(root, metadataFile));
}

/**
 * Looks up a name, the digest of a manifest or index, or an id, in one namespace or in all; undefined when there is none.
 * Errors: `target-unreadable`, `layout-malformed`, `limit-exceeded`.
 */
export function findInContainerd(root: string, reference: string, namespace?: string): ContainerdImage | undefined {
  return readBolt(join(root, metadataFile), (database) => {
    const version = database.bucket("v1");
    const all = namespace === undefined ? inUsualOrder(version?.bucketNames() ?? []) : [namespace];
    for (const candidate of all) {
      const images = version?.bucket(candidate)?.bucket("images");
      const found = images && (findImage(images, reference) ?? findByDigest(images, { root, reference }));
      if (found) return { ...found, namespace: candidate };
    }
    return undefined;
  });
}

/**
 * Opens the image of a digest from containerd's folder; undefined when the digest is not there.
 * Errors: `target-unreadable`, `platform-not-found`, `digest-mismatch`, `limit-exceeded`, and `layout-malformed`, also when containerd
 * has discarded the layers after unpacking them.
 */
export function openContainerdStorage(
  root: string,
  {
    digest,
    names,
    options,
  }: { readonly digest: string; readonly names: readonly string[]; readonly options: ImageOptions },
): Image | undefined {
  const [algorithm = "", hex = ""] = digest.split(":");
  const folder = join(root, contentFolder);
  if (!/^[0-9a-f]+$/.test(hex) || !/^sha(?:256|512)$/.test(algorithm)) return undefined;
  if (!isFile(join(folder, "blobs", algorithm, hex))) return undefined;
  const files = new FolderLayout(folder);
  try {
    const verified = { ...options, verifyDigests: true, digestsAreTrusted: true };
    const image = openOciImage(files, { digest, names, options: verified });
    const missing = image.layers.filter(({ cacheKey }) => cacheKey === "").length;
    if (missing === 0) return image;
    throw new PlimsollError(
      "layout-malformed",
      `containerd has only unpacked ${missing} of the image's layers and kept no copy as pulled`,
      {
        hint: "Set discard_unpacked_layers to false and pull again, or scan the image where it was pulled from.",
      },
    );
  } catch (error) {
    files[Symbol.dispose]();
    throw error;
  }
}

/**
 * The images that a digest leads to, one for each platform of which the manifest and the config are in containerd's folder; their layers
 * need not be. Errors: `target-unreadable`, `layout-malformed`, `digest-mismatch`, `limit-exceeded`.
 */
export function imagesInContainerd(root: string, digest: string, options: ImageOptions): readonly PlatformImage[] {
  using files = new FolderLayout(join(root, contentFolder));
  return listOciImages(files, digest, options);
}

/** The namespaces that images are usually in before all others. */
export function inUsualOrder(namespaces: readonly string[]): string[] {
  const usual = usualNamespaces.filter((namespace) => namespaces.includes(namespace));
  return [...new Set([...usual, ...namespaces])];
}

/** The whole names under which containerd may have what a text names; Kubernetes' part also names images by their ids. */
export function containerdNames(reference: string): readonly string[] {
  const { full, idBeginning } = imageNameOf(reference);
  return idBeginning?.length === 64 ? [...full, `sha256:${idBeginning}`] : full;
}

function findImage(
  images: BoltBucket,
  reference: string,
): { readonly digest: string; readonly name: string } | undefined {
  for (const name of containerdNames(reference)) {
    const digest = images.bucket(name)?.bucket("target")?.value("digest")?.toString("latin1");
    if (digest !== undefined) return { digest, name };
  }
  return undefined;
}

/** By the digest that a name ends in, or by a digest alone: of what a name of the namespace means, or of an image's config. */
function findByDigest(
  images: BoltBucket,
  { root, reference }: { readonly root: string; readonly reference: string },
): { readonly digest: string; readonly name: string } | undefined {
  const { repository, digest: named, idBeginning } = imageNameOf(reference);
  const wanted = named ?? (idBeginning?.length === 64 ? `sha256:${idBeginning}` : undefined);
  if (wanted === undefined) return undefined;
  const all = images
    .bucketNames()
    .slice(0, mostImages)
    .flatMap((name) => {
      const digest = images.bucket(name)?.bucket("target")?.value("digest")?.toString("latin1");
      const isThere = named === undefined || name.startsWith(`${repository}:`) || name.startsWith(`${repository}@`);
      return digest !== undefined && isThere ? [{ digest, name }] : [];
    });
  const byDigest = all.find(({ digest }) => digest === wanted);
  if (byDigest || named !== undefined) return byDigest;
  return all.find(({ digest }) => configsOf(root, digest).includes(wanted));
}

/** Empty for an image that is not there, or not as it should be: then it is not the one that is looked for. */
function configsOf(root: string, digest: string): readonly string[] {
  try {
    const options = { verifyDigests: false, signal: new AbortController().signal };
    return imagesInContainerd(root, digest, options).map(({ id }) => id);
  } catch (error) {
    if (error instanceof PlimsollError) return [];
    throw error;
  }
}

import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import type { ContainerdCall, ContainerdClient } from "../../engines/containerd/containerd-client.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Image } from "../../sources/image/image.ts";
import { hostPlatform, matchesPlatform } from "../../sources/image/image-choice.ts";
import { type BlobSource, listBlobImages, openBlobImage } from "../../sources/image-store/blob-image.ts";
import { isContainerdStorage } from "../../sources/image-store/containerd-storage.ts";
import { DiscardedLayersError, discardedLayer } from "../../sources/image-store/discarded-layers.ts";
import {
  type ContainerdImage,
  type ContainerdIndex,
  findInContainerd,
} from "../../sources/image-store/find-in-containerd.ts";
import { keptImage } from "./containerd-content.ts";
import { containerdDatabase, SilentSocketError, toldRootOrError } from "./containerd-root.ts";
import { notInStores } from "./not-in-stores.ts";
import type { FoundImage, OpenedEngineImage } from "./open-docker-image.ts";
import { namesOf, openInContainerd, orUndefined } from "./open-in-containerd.ts";
import type { OpenStoredImageOptions } from "./open-stored-image.ts";
import { asPulledPlatforms } from "./pulled-platforms.ts";

/**
 * Finds an image of the containerd that listens at a socket. It is opened in the folder that containerd tells, where
 * that is here, may be read and has all of it, else fetched through the socket. Digests prove what a folder holds: one
 * that is another containerd's, which has the same path in another container, can only lack the image.
 *
 * Errors: `image-not-found`, `engine-unreachable`, `engine-failed`, those of `findInContainerd`; to open it
 * `platform-not-found` and those of `openBlobImage`.
 */
export async function findThroughContainerd(
  address: string,
  name: string,
  options: OpenStoredImageOptions,
): Promise<FoundImage> {
  return (await imageAtSocket(address, name, options)).open;
}

/** An image of the containerd that listens at a socket. It is opened, or disposed of. */
export interface ImageAtSocket extends Disposable {
  readonly digest: string;
  readonly open: FoundImage;
}

/** As {@link findThroughContainerd}. */
export async function imageAtSocket(
  address: string,
  name: string,
  options: OpenStoredImageOptions,
): Promise<ImageAtSocket> {
  const { openContainerd } = await import("../../engines/containerd/containerd-client.ts");
  const client = openContainerd(address);
  try {
    const index = socketIndex(client, address, options);
    const { namespace } = options.containerd ?? {};
    const named = await findInContainerd(index, name, namespace);
    const root = await rootHere(client, { address, signal: options.signal });
    const image = named ?? orUndefined(() => root && keptImage(root, name, namespace));
    if (!image) throw notInStores(name, [address]);
    return {
      digest: image.digest,
      open: () => open(client, { address, root, index, image, options }),
      [Symbol.dispose]: () => client[Symbol.dispose](),
    };
  } catch (error) {
    client[Symbol.dispose]();
    throw error;
  }
}

/**
 * The folder of the containerd that listens at a socket, where that is here and may be read; undefined where it is not,
 * and when containerd cannot be asked; the error when it is silent. Error: `cancelled`.
 */
export async function folderAtSocket(
  address: string,
  signal: AbortSignal,
): Promise<string | SilentSocketError | undefined> {
  const { openContainerd } = await import("../../engines/containerd/containerd-client.ts");
  using client = openContainerd(address);
  const root = await toldRootOrError(client, { address, signal });
  return root instanceof SilentSocketError ? root : readable(root);
}

/**
 * The folder that containerd tells, where there is one of its form here that may be read; undefined where there is
 * none, and when containerd cannot be asked. Error: `cancelled`.
 */
async function rootHere(
  client: ContainerdClient,
  where: { readonly address: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  return readable(await toldRootOrError(client, where));
}

function readable(root: string | PlimsollError | undefined): string | undefined {
  return orUndefined(() =>
    typeof root === "string" && isContainerdStorage(root) && isReadable(root) ? root : undefined,
  );
}

function isReadable(root: string): boolean {
  try {
    accessSync(containerdDatabase(root), constants.R_OK);
    accessSync(join(root, "io.containerd.content.v1.content"), constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface Found {
  readonly address: string;
  readonly root: string | undefined;
  readonly index: ContainerdIndex;
  readonly image: ContainerdImage;
  readonly options: OpenStoredImageOptions;
}

async function open(client: ContainerdClient, found: Found): ReturnType<FoundImage> {
  const { index, image, options } = found;
  try {
    const opened = openInFolder(found);
    if (!opened) return await openThroughSocket(client, found);
    client[Symbol.dispose]();
    return opened;
  } catch (error) {
    const { platform } = options;
    const reason = await asPulledPlatforms(error, { index, image, platform }).finally(() => client[Symbol.dispose]());
    throw reason;
  }
}

/** Undefined also for another platform than the machine's where none was asked for: containerd itself may have that. */
function openInFolder({ root, image, options }: Found): OpenedEngineImage | undefined {
  if (root === undefined) return undefined;
  const opened = orUndefined(() => openInContainerd(root, image, options));
  if (!opened) return undefined;
  if (isForHere(opened.image, options)) return opened;
  opened.image[Symbol.dispose]();
  return undefined;
}

/** False for an image for another platform than the machine's where none was asked for. */
export function isForHere(
  image: Pick<Image, "platform" | "manifestDigest">,
  { platform, manifestDigest }: Pick<OpenStoredImageOptions, "platform" | "manifestDigest">,
): boolean {
  if (platform !== undefined || image.manifestDigest === manifestDigest) return true;
  return image.platform !== undefined && matchesPlatform(image.platform, hostPlatform());
}

async function openThroughSocket(
  client: ContainerdClient,
  { address, image: found, options }: Found,
): Promise<OpenedEngineImage> {
  const { digest, namespace } = found;
  const names = namesOf(found);
  const image = await openBlobImage(blobsOf(client, address, namespace), { digest, names, options });
  try {
    const absent = await absentLayers(image, client, { signal: options.signal, namespace });
    const { manifestDigest = digest } = image;
    const error = new DiscardedLayersError({ manifestDigest, names, missing: absent.size });
    if ([...absent].some((layer) => !options.isKnownLayer?.(layer))) throw error;
    const tree = discardedLayer(error);
    const layers = image.layers.map((layer) => (absent.has(layer.digest ?? "") ? { ...layer, tree } : layer));
    const dispose = (): void => {
      image[Symbol.dispose]();
      client[Symbol.dispose]();
    };
    return { image: { ...image, layers, [Symbol.dispose]: dispose }, tags: image.tags, namespace };
  } catch (error) {
    image[Symbol.dispose]();
    throw error;
  }
}

/** The digests of the image's layers that are not there as they were pulled. */
async function absentLayers(
  { layers }: Image,
  client: ContainerdClient,
  where: ContainerdCall,
): Promise<ReadonlySet<string>> {
  const absent = new Set<string>();
  for (const { digest } of layers) {
    if (digest !== undefined && !(await client.hasBlob(digest, where))) absent.add(digest);
  }
  return absent;
}

function socketIndex(client: ContainerdClient, address: string, options: OpenStoredImageOptions): ContainerdIndex {
  const { signal } = options;
  return {
    place: address,
    namespaces: () => client.namespaces(signal),
    digestOf: (name, namespace) => client.imageDigest(name, { namespace, signal }),
    images: (namespace) => client.images({ namespace, signal }),
    async platformImages(digest, namespace) {
      try {
        return await listBlobImages(blobsOf(client, address, namespace), digest, options);
      } catch (error) {
        if (error instanceof PlimsollError && damagedContentCodes.has(error.code)) return [];
        throw error;
      }
    },
  };
}

const damagedContentCodes: ReadonlySet<string> = new Set(["layout-malformed", "digest-mismatch", "limit-exceeded"]);

function blobsOf(client: ContainerdClient, address: string, namespace: string): BlobSource {
  return { name: address, read: (blob, signal) => client.readBlob(blob, { namespace, signal }) };
}

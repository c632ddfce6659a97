import { existsSync } from "node:fs";
import type { ContainerdCall, ContainerdClient } from "../../engines/containerd/containerd-client.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Image } from "../../sources/image/image.ts";
import { type BlobSource, listBlobImages, openBlobImage } from "../../sources/image-store/blob-image.ts";
import {
  containerdFolderIndex,
  isContainerdStorage,
  openContainerdStorage,
} from "../../sources/image-store/containerd-storage.ts";
import { DiscardedLayersError, discardedLayer } from "../../sources/image-store/discarded-layers.ts";
import {
  type ContainerdImage,
  type ContainerdIndex,
  findInContainerd,
} from "../../sources/image-store/find-in-containerd.ts";
import { usualContainerdAddresses, usualContainerdStorage } from "./engine-access.ts";
import { notInStores } from "./not-in-stores.ts";
import type { FoundImage } from "./open-docker-image.ts";
import type { OpenStoredImageOptions } from "./open-stored-image.ts";

/**
 * Finds an image of containerd: in its folders when they may be read, else through its socket. When a socket is named,
 * only through that. A folder that cannot be read, or is damaged, counts only when no other has the image.
 *
 * Errors: `target-not-found` when there is no containerd, `image-not-found`, `engine-unreachable`, `engine-failed`,
 * `usage` for a name that means different images in several folders, those of `findInContainerd`; to open it those of
 * `openContainerdStorage` and `openBlobImage`.
 */
export async function findInAnyContainerd(name: string, options: OpenStoredImageOptions): Promise<FoundImage> {
  const { storage = usualContainerdStorage, address } = options.containerd ?? {};
  if (address !== undefined) return findThroughSocket(address, name, options);
  const throughSocket = async (obstacle: unknown): Promise<FoundImage> => {
    const socket = usualContainerdAddresses.find((path) => existsSync(path));
    const isDenied = obstacle instanceof PlimsollError && deniedCodes.has(obstacle.code);
    if (!isDenied || storage !== usualContainerdStorage || socket === undefined) throw obstacle;
    return findThroughSocket(socket, name, options);
  };
  try {
    const open = await findInFolders(storage, name, options);
    // The names may be readable where the content is not.
    return () => open().catch(async (error) => (await throughSocket(error))());
  } catch (error) {
    return throughSocket(error);
  }
}

const deniedCodes: ReadonlySet<string> = new Set(["target-not-found", "target-unreadable"]);

/** What is wrong with one folder and need not be with another. */
export const ofOneFolder: ReadonlySet<string> = new Set([
  "digest-mismatch",
  "layout-malformed",
  "limit-exceeded",
  "target-unreadable",
]);

interface FoundInFolder extends ContainerdImage {
  readonly store: string;
}

async function findInFolders(
  storage: readonly string[],
  name: string,
  options: OpenStoredImageOptions,
): Promise<FoundImage> {
  const found: FoundInFolder[] = [];
  const stores: string[] = [];
  let obstacle: PlimsollError | undefined;
  for (const store of storage) {
    try {
      if (!isContainerdStorage(store)) continue;
      stores.push(store);
      const index = containerdFolderIndex(store, options.signal);
      const image = await findInContainerd(index, name, options.containerd?.namespace);
      if (image) found.push({ ...image, store });
    } catch (error) {
      if (!(error instanceof PlimsollError) || !ofOneFolder.has(error.code)) throw error;
      obstacle ??= error;
    }
  }
  refuseRivals(found, name);
  if (found.length > 0) return async () => openFirst(found, options) ?? raise(obstacle ?? notInStores(name, stores));
  if (obstacle) throw obstacle;
  if (stores.length > 0) throw notInStores(name, stores);
  throw new PlimsollError("target-not-found", `there is no containerd at ${storage.join(" or ")}`, {
    hint: "Is containerd installed here, and does it keep its images in another folder (root in its config.toml)?",
  });
}

/** Error: `usage` where several folders, containerd's own and K3s' for example, have different images under a name. */
function refuseRivals(found: readonly FoundInFolder[], name: string): void {
  const [first] = found;
  if (!first || found.every(({ digest }) => digest === first.digest)) return;
  const where = found.map(({ digest, store }) => `${digest.slice(0, 19)} in ${store}`).join(", ");
  throw new PlimsollError("usage", `${name} means several images of containerd: ${where}`, {
    hint: `Name the digest: containerd:${first.digest}.`,
  });
}

/**
 * The same image, from the first of these folders that has all of it, else from the first that lacks only layers that
 * are known; undefined when none has its manifest. Errors: those of the first.
 */
function openFirst(
  found: readonly FoundInFolder[],
  options: OpenStoredImageOptions,
): Awaited<ReturnType<FoundImage>> | undefined {
  let obstacle: PlimsollError | undefined;
  for (const isKnownLayer of options.isKnownLayer ? [undefined, options.isKnownLayer] : [undefined]) {
    for (const { store, digest, name, namespace } of found) {
      try {
        const image = openContainerdStorage(store, { digest, names: [name], options, isKnownLayer });
        if (image) return { image, tags: image.tags, namespace };
      } catch (error) {
        if (!(error instanceof PlimsollError) || !ofOneFolder.has(error.code)) throw error;
        obstacle ??= error;
      }
    }
  }
  if (obstacle) throw obstacle;
  return undefined;
}

function raise(error: PlimsollError): never {
  throw error;
}

async function findThroughSocket(address: string, name: string, options: OpenStoredImageOptions): Promise<FoundImage> {
  const { openContainerd } = await import("../../engines/containerd/containerd-client.ts");
  const client = openContainerd(address);
  try {
    const index = socketIndex(client, address, options);
    const found = await findInContainerd(index, name, options.containerd?.namespace);
    if (!found) throw notInStores(name, [address]);
    return () => openThroughSocket(client, address, { found, options });
  } catch (error) {
    client[Symbol.dispose]();
    throw error;
  }
}

async function openThroughSocket(
  client: ContainerdClient,
  address: string,
  { found, options }: { readonly found: ContainerdImage; readonly options: OpenStoredImageOptions },
): ReturnType<FoundImage> {
  const { digest, namespace } = found;
  let image: Image | undefined;
  const dispose = (): void => {
    image?.[Symbol.dispose]();
    client[Symbol.dispose]();
  };
  try {
    const names = [found.name];
    image = await openBlobImage(blobsOf(client, address, namespace), { digest, names, options });
    const absent = await absentLayers(image, client, { signal: options.signal, namespace });
    const { manifestDigest = digest } = image;
    const error = new DiscardedLayersError({ manifestDigest, names, missing: absent.size });
    if ([...absent].some((layer) => !options.isKnownLayer?.(layer))) throw error;
    const tree = discardedLayer(error);
    const layers = image.layers.map((layer) => (absent.has(layer.digest ?? "") ? { ...layer, tree } : layer));
    return { image: { ...image, layers, [Symbol.dispose]: dispose }, tags: image.tags, namespace };
  } catch (error) {
    dispose();
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
        if (error instanceof PlimsollError && notAsItShouldBe.has(error.code)) return [];
        throw error;
      }
    },
  };
}

const notAsItShouldBe: ReadonlySet<string> = new Set(["layout-malformed", "digest-mismatch", "limit-exceeded"]);

function blobsOf(client: ContainerdClient, address: string, namespace: string): BlobSource {
  return { name: address, read: (blob, signal) => client.readBlob(blob, { namespace, signal }) };
}

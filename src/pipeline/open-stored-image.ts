import { existsSync } from "node:fs";
import { PlimsollError } from "../model/error.ts";
import type { Image } from "../sources/image/image.ts";
import { openBlobImage } from "../sources/image-store/blob-image.ts";
import {
  containerdNames,
  findInContainerd,
  inUsualOrder,
  isContainerdStorage,
  openContainerdStorage,
} from "../sources/image-store/containerd-storage.ts";
import { isContainersStorage, openContainersStorage } from "../sources/image-store/containers-storage.ts";
import {
  type ContainerdAccess,
  type PodmanAccess,
  usualContainerdAddresses,
  usualContainerdStorage,
  usualPodmanHosts,
} from "./engine-access.ts";
import {
  type OpenDockerImageOptions,
  type OpenedEngineImage,
  openDockerClient,
  openDockerImage,
} from "./open-docker-image.ts";
import { podmanStores } from "./podman-stores.ts";

/** Where Podman and containerd are, beside what opening any image needs. */
export interface OpenStoredImageOptions extends OpenDockerImageOptions {
  readonly podman?: PodmanAccess;
  readonly containerd?: ContainerdAccess;
}

/**
 * Opens an image of containers/storage, `NAME` or `[FOLDER]NAME`; what Podman, CRI-O and Buildah share.
 * Errors: `target-not-found` when there is no such store, `image-not-found`, those of `openContainersStorage` and {@link podmanStores}.
 */
export async function openFromContainersStorage(
  text: string,
  options: OpenStoredImageOptions,
): Promise<OpenedEngineImage> {
  const { folder, name } = splitFolder(text);
  const folders = folder === undefined ? (await podmanStores(options.podman ?? {})).storage : [folder];
  return openFirst(folders, {
    name,
    isStore: isContainersStorage,
    open: (store) => openContainersStorage(store, name, options),
    what: "store of images",
    hint: "Name the folder that podman info shows as graphRoot: containers-storage:[FOLDER]NAME.",
  });
}

/**
 * Opens an image of Podman: root's from its store and else from Podman's service, anyone else's the other way about, because without
 * Podman's user namespace some files of an image cannot be read. A service that the user named is always asked first, and one that cannot
 * be asked is an error.
 * Errors: those of {@link openFromContainersStorage}; for a named service also `engine-unreachable`, and `usage` for one that may not be
 * asked.
 */
export async function openFromPodman(name: string, options: OpenStoredImageOptions): Promise<OpenedEngineImage> {
  if (process.getuid?.() !== 0 || options.podman?.isNamed)
    return (await askPodman(name, options)) ?? openFromContainersStorage(name, options);
  try {
    return await openFromContainersStorage(name, options);
  } catch (error) {
    const served = error instanceof PlimsollError ? await askPodman(name, options) : undefined;
    if (served) return served;
    throw error;
  }
}

/**
 * Opens an image of containerd: from its folder when that may be read, else through its socket. When a socket is named, only through
 * that.
 * Errors: `target-not-found` when there is no containerd, `image-not-found`, `engine-unreachable`, `engine-failed`, those of
 * `openContainerdStorage` and `openBlobImage`.
 */
export async function openFromContainerd(name: string, options: OpenStoredImageOptions): Promise<OpenedEngineImage> {
  const { storage = usualContainerdStorage, address } = options.containerd ?? {};
  if (address !== undefined) return openThroughSocket(address, name, options);
  try {
    return openFromContainerdFolder(name, options);
  } catch (error) {
    const socket = usualContainerdAddresses.find((path) => existsSync(path));
    const isDenied = error instanceof PlimsollError && deniedCodes.has(error.code);
    if (!isDenied || storage !== usualContainerdStorage || socket === undefined) throw error;
    return openThroughSocket(socket, name, options);
  }
}

const deniedCodes: ReadonlySet<string> = new Set(["target-not-found", "target-unreadable"]);

/** As {@link openFromContainerd}, from the folder alone. */
export function openFromContainerdFolder(name: string, options: OpenStoredImageOptions): OpenedEngineImage {
  const { storage = usualContainerdStorage, namespace } = options.containerd ?? {};
  return openFirst(storage, {
    name,
    isStore: isContainerdStorage,
    open(store) {
      const found = findInContainerd(store, name, namespace);
      return found && openContainerdStorage(store, { digest: found.digest, names: [found.name], options });
    },
    what: "containerd",
    hint: "Is containerd installed here, and does it keep its images in another folder (root in its config.toml)?",
  });
}

async function openThroughSocket(
  address: string,
  name: string,
  options: OpenStoredImageOptions,
): Promise<OpenedEngineImage> {
  const { openContainerd } = await import("../engines/containerd/containerd-client.ts");
  const { signal } = options;
  const client = openContainerd(address);
  try {
    const namespaces =
      options.containerd?.namespace === undefined ? await client.namespaces(signal) : [options.containerd.namespace];
    for (const namespace of inUsualOrder(namespaces)) {
      for (const candidate of containerdNames(name)) {
        const digest = await client.imageDigest(candidate, { namespace, signal });
        if (digest === undefined) continue;
        const read = (blob: string): AsyncIterable<Uint8Array> => client.readBlob(blob, { namespace, signal });
        const image = await openBlobImage({ name: address, read }, { digest, names: [candidate], options });
        const dispose = (): void => {
          image[Symbol.dispose]();
          client[Symbol.dispose]();
        };
        return { image: { ...image, [Symbol.dispose]: dispose }, tags: image.tags };
      }
    }
  } catch (error) {
    client[Symbol.dispose]();
    throw error;
  }
  client[Symbol.dispose]();
  return missing(name, [address]);
}

const unasked: ReadonlySet<string> = new Set(["engine-unreachable", "usage"]);

/** Undefined when no service answers or none has the image. Errors: those of the last that the user named and that cannot be asked. */
async function askPodman(name: string, options: OpenStoredImageOptions): Promise<OpenedEngineImage | undefined> {
  let obstacle: PlimsollError | undefined;
  for (const host of options.podman?.hosts ?? usualPodmanHosts) {
    try {
      const opened = await openDockerImage(await openDockerClient({ host }), name, options);
      if (opened) return opened;
    } catch (error) {
      if (!(error instanceof PlimsollError) || !unasked.has(error.code)) throw error;
      obstacle = error;
    }
  }
  if (obstacle && options.podman?.isNamed) throw obstacle;
  return undefined;
}

/** From the first folder that has the image. One that may not be read counts only when no other has it. */
function openFirst(
  folders: readonly string[],
  {
    name,
    isStore,
    open,
    what,
    hint,
  }: {
    readonly name: string;
    readonly isStore: (folder: string) => boolean;
    readonly open: (folder: string) => Image | undefined;
    readonly what: string;
    readonly hint: string;
  },
): OpenedEngineImage {
  const stores: string[] = [];
  let unreadable: PlimsollError | undefined;
  for (const folder of folders) {
    try {
      if (!isStore(folder)) continue;
      stores.push(folder);
      const image = open(folder);
      if (image) return { image, tags: image.tags };
    } catch (error) {
      if (!(error instanceof PlimsollError) || error.code !== "target-unreadable") throw error;
      unreadable ??= error;
    }
  }
  if (unreadable) throw unreadable;
  if (stores.length > 0) return missing(name, stores);
  throw new PlimsollError("target-not-found", `there is no ${what} at ${folders.join(" or ")}`, { hint });
}

function missing(name: string, stores: readonly string[]): never {
  throw new PlimsollError("image-not-found", `no image in ${stores.join(" or ")} is named ${JSON.stringify(name)}`, {
    hint: "Write the whole name with registry and tag, as the engine lists it.",
  });
}

/** `[FOLDER]NAME`; also as containers-transports(5) has it, `[DRIVER@FOLDER+RUNROOT:OPTIONS]NAME`, of which the folder alone matters. */
function splitFolder(text: string): { readonly folder?: string; readonly name: string } {
  const parts = /^\[([^\]]+)\](.+)$/s.exec(text);
  if (parts?.[1] === undefined || parts[2] === undefined) return { name: text };
  const [, inside = parts[1]] = /^(?:[a-z0-9]+@)?(\/[^+:]*)(?:\+\/[^:]*)?(?::.*)?$/s.exec(parts[1]) ?? [];
  return { folder: existsSync(parts[1]) ? parts[1] : inside, name: parts[2] };
}

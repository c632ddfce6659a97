import { existsSync } from "node:fs";
import { PlimsollError } from "../../model/error.ts";
import { containerdFolderIndex, isContainerdStorage } from "../../sources/image-store/containerd-storage.ts";
import { type ContainerdImage, findInContainerd } from "../../sources/image-store/find-in-containerd.ts";
import { keptImage } from "./containerd-content.ts";
import { usualContainerdAddresses, usualContainerdStorage } from "./engine-access.ts";
import { findThroughContainerd, rootHere } from "./find-through-containerd.ts";
import { notInStores } from "./not-in-stores.ts";
import type { FoundImage } from "./open-docker-image.ts";
import { openInContainerd } from "./open-in-containerd.ts";
import type { OpenStoredImageOptions } from "./open-stored-image.ts";
import { asPulledPlatforms } from "./pulled-platforms.ts";

/**
 * Finds an image of containerd, `NAME` or `[FOLDER]NAME` with the absolute path of a folder. When a socket is named,
 * who listens there is asked. Else it is looked for in the usual folders and in those that who listens at a usual
 * socket has, and then at the sockets of those that may not be read or are not here. A folder that cannot be read, or
 * is damaged, counts only when no other has the image.
 *
 * Errors: `target-not-found` when there is no containerd, `image-not-found`, `engine-unreachable`, `engine-failed`,
 * `usage` for a name that means different images in several folders, those of `findInContainerd`; to open it those of
 * `openContainerdStorage` and `openBlobImage`, `platform-not-found`.
 */
export async function findInAnyContainerd(text: string, options: OpenStoredImageOptions): Promise<FoundImage> {
  const [, folder, name = text] = /^\[(\/[^\]]*)\](.+)$/s.exec(text) ?? [];
  const { storage, address, usualAddresses = usualContainerdAddresses } = options.containerd ?? {};
  if (folder !== undefined) return findInFolders([folder], name, options);
  if (address !== undefined) return findThroughContainerd(address, name, options);
  if (storage !== undefined) return findInFolders(storage, name, options);
  const { roots, sockets } = await rootsAt(usualAddresses, options.signal);
  const elsewhere = { name, sockets, options };
  try {
    const open = await findInFolders([...new Set([...usualContainerdStorage, ...roots])], name, options);
    // The names may be readable where the content is not.
    return () => open().catch(async (error) => (await findAtSockets(error, elsewhere))());
  } catch (error) {
    return findAtSockets(error, elsewhere);
  }
}

/** The folders of those that listen, and the sockets of those whose folder may not be read or is not here. */
async function rootsAt(
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly roots: readonly string[]; readonly sockets: readonly string[] }> {
  const [roots, sockets]: [string[], string[]] = [[], []];
  for (const address of addresses.filter((path) => existsSync(path))) {
    const { openContainerd } = await import("../../engines/containerd/containerd-client.ts");
    using client = openContainerd(address);
    const root = await rootHere(client, signal);
    if (root === undefined) sockets.push(address);
    else roots.push(root);
  }
  return { roots, sockets };
}

/**
 * Errors: `obstacle`, which is why no folder gives the image, where no socket helps; that of a socket where the folders
 * may not be read.
 */
async function findAtSockets(
  obstacle: unknown,
  {
    name,
    sockets,
    options,
  }: { readonly name: string; readonly sockets: readonly string[]; readonly options: OpenStoredImageOptions },
): Promise<FoundImage> {
  const code = obstacle instanceof PlimsollError ? obstacle.code : "";
  const isDenied = deniedCodes.has(code);
  if (!isDenied && code !== "image-not-found") throw obstacle;
  let failure: PlimsollError | undefined;
  for (const socket of sockets) {
    try {
      return await findThroughContainerd(socket, name, options);
    } catch (error) {
      if (!(error instanceof PlimsollError) || !ofSocket.has(error.code)) throw error;
      failure ??= error;
    }
  }
  throw isDenied && failure ? failure : obstacle;
}

const deniedCodes: ReadonlySet<string> = new Set(["target-not-found", "target-unreadable"]);

const ofSocket: ReadonlySet<string> = new Set(["engine-failed", "engine-unreachable", "image-not-found"]);

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
      const { namespace } = options.containerd ?? {};
      const image = (await findInContainerd(index, name, namespace)) ?? keptImage(store, name, namespace);
      if (image) found.push({ ...image, store });
    } catch (error) {
      if (!(error instanceof PlimsollError) || !ofOneFolder.has(error.code)) throw error;
      obstacle ??= error;
    }
  }
  refuseRivals(found, name);
  if (found.length > 0) {
    return async () => (await openFirst(found, options)) ?? raise(obstacle ?? notInStores(name, stores));
  }
  if (obstacle) throw obstacle;
  if (stores.length > 0) throw notInStores(name, stores);
  throw new PlimsollError("target-not-found", `there is no containerd at ${storage.join(" or ")}`, {
    hint: `Set CONTAINERD_ADDRESS to its socket, or name its folder (root in its config.toml): containerd:[FOLDER]${name}.`,
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
async function openFirst(
  found: readonly FoundInFolder[],
  options: OpenStoredImageOptions,
): Promise<Awaited<ReturnType<FoundImage>> | undefined> {
  let obstacle: unknown;
  for (const isKnownLayer of options.isKnownLayer ? [undefined, options.isKnownLayer] : [undefined]) {
    for (const { store, ...known } of found) {
      try {
        const { isKnownLayer: _, ...others } = options;
        const opened = openInContainerd(store, known, { ...others, ...(isKnownLayer && { isKnownLayer }) });
        if (opened) return opened;
      } catch (error) {
        const index = containerdFolderIndex(store, options.signal);
        const reason = await asPulledPlatforms(error, { index, image: known, platform: options.platform });
        if (reason !== error) throw reason;
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

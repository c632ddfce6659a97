import { existsSync } from "node:fs";
import { PlimsollError } from "../../model/error.ts";
import { containerdFolderIndex, isContainerdStorage } from "../../sources/image-store/containerd-storage.ts";
import { DiscardedLayersError } from "../../sources/image-store/discarded-layers.ts";
import { type ContainerdImage, findInContainerd } from "../../sources/image-store/find-in-containerd.ts";
import { keptImage } from "./containerd-content.ts";
import { SilentSocketError } from "./containerd-root.ts";
import { usualContainerdAddresses, usualContainerdStorage } from "./engine-access.ts";
import {
  findThroughContainerd,
  folderAtSocket,
  type ImageAtSocket,
  imageAtSocket,
  isForHere,
} from "./find-through-containerd.ts";
import { notInStores } from "./not-in-stores.ts";
import type { FoundImage } from "./open-docker-image.ts";
import { openInContainerd } from "./open-in-containerd.ts";
import type { OpenStoredImageOptions } from "./open-stored-image.ts";
import { asPulledPlatforms } from "./pulled-platforms.ts";

/**
 * Finds an image of containerd, `NAME` or `[FOLDER]NAME` with the absolute path of a folder. When a socket is named,
 * who listens there is asked. Else it is looked for in the usual folders and in those reported at the usual sockets,
 * and where they do not give it, through these sockets. A folder that cannot be read, or is damaged, counts only when
 * no other has the image.
 *
 * Errors: `target-not-found` when there is no containerd, `image-not-found`, `engine-unreachable`, `engine-failed`,
 * `usage` for a name that means different images in several folders, those of `findInContainerd`; to open it those of
 * `openContainerdStorage` and `openBlobImage`, `platform-not-found`.
 */
export async function findInAnyContainerd(text: string, options: OpenStoredImageOptions): Promise<FoundImage> {
  const [, folder, name = text] = /^\[(\/[^\]]*)\](.+)$/s.exec(text) ?? [];
  const { storage, address, usualStorage = usualContainerdStorage } = options.containerd ?? {};
  if (folder !== undefined) return (await findInFolders([folder], name, options)).open;
  if (address !== undefined) return findThroughContainerd(address, name, options);
  if (storage !== undefined) return (await findInFolders(storage, name, options)).open;
  const sockets = await socketsHere(options);
  // An old folder may have what went by the name before containerd got another one.
  const folders = sockets.flatMap(({ told }) => (typeof told === "string" ? [told] : []));
  try {
    const there = await findInFolders([...new Set([...folders, ...usualStorage])], name, options);
    return () => openOrAsk(there, { name, options, sockets });
  } catch (error) {
    return findAtSockets(error, { name, options, sockets });
  }
}

interface AskedSockets {
  readonly name: string;
  readonly options: OpenStoredImageOptions;
  readonly sockets: readonly SocketHere[];
  /** What the name means, where that is known and another image is not wanted. */
  readonly digest?: string;
}

/** An image in folders. */
interface FoundThere {
  readonly digest: string;
  readonly open: FoundImage;
}

/**
 * Opens an image in a folder. The names may be readable where the content is not, or is that of another containerd,
 * which has the same path elsewhere: then who listens is asked.
 */
async function openOrAsk({ digest, open }: FoundThere, asked: AskedSockets): ReturnType<FoundImage> {
  let opened: Awaited<ReturnType<FoundImage>>;
  try {
    opened = await open();
  } catch (error) {
    const isMissing = error instanceof PlimsollError && missingThere.has(error.code);
    try {
      return await (await findAtSockets(error, { ...asked, ...(isMissing ? {} : { digest }) }))();
    } catch (other) {
      const isSocketError = other instanceof PlimsollError && other.code !== "cancelled";
      throw error instanceof DiscardedLayersError && isSocketError ? error : other;
    }
  }
  if (isForHere(opened.image, asked.options)) return opened;
  try {
    const other = await (await findAtSockets(notInStores(asked.name, []), { ...asked, digest }))();
    const isSame = other.image.manifestDigest === opened.image.manifestDigest;
    (isSame ? other : opened).image[Symbol.dispose]();
    return isSame ? opened : other;
  } catch (error) {
    if (error instanceof PlimsollError && error.code !== "cancelled") return opened;
    opened.image[Symbol.dispose]();
    throw error;
  }
}

/** Whatever the names say, the content is not there or may not be read. */
const missingThere: ReadonlySet<string> = new Set(["image-not-found", "target-unreadable"]);

interface SocketHere {
  readonly address: string;
  /** The folder that may be read; an error of who does not answer. */
  readonly told: string | SilentSocketError | undefined;
}

async function socketsHere({ containerd, signal }: OpenStoredImageOptions): Promise<readonly SocketHere[]> {
  const { usualAddresses = usualContainerdAddresses } = containerd ?? {};
  const addresses = usualAddresses.filter((path) => existsSync(path));
  return await Promise.all(
    addresses.map(async (address) => ({ address, told: await folderAtSocket(address, signal) })),
  );
}

/**
 * Asks at the usual sockets for an image that no folder gives. A socket that did not answer is not asked again.
 *
 * Errors: `obstacle`, which is why no folder gives the image, where no socket helps; that of a socket where the folders
 * may not be read or are not here; `usage` where several have different images of that name.
 */
async function findAtSockets(obstacle: unknown, { name, options, sockets, digest }: AskedSockets): Promise<FoundImage> {
  const code = obstacle instanceof PlimsollError ? obstacle.code : "";
  const isDenied = deniedCodes.has(code);
  if (!isDenied && !folderErrorCodes.has(code) && !lacking.has(code)) throw obstacle;
  const answers = await Promise.all(sockets.map((socket) => imageOrError(socket, name, options)));
  const found: (ImageAtSocket & FoundInStore)[] = [];
  for (const [index, answer] of answers.entries()) {
    if (!(answer instanceof PlimsollError)) found.push({ ...answer, store: sockets[index]?.address ?? "" });
  }
  const [first, ...others] = found;
  try {
    for (const other of others) other[Symbol.dispose]();
    const failures = answers.filter((answer) => answer instanceof PlimsollError);
    const fatal = failures.find((error) => !socketErrorCodes.has(error.code));
    if (fatal) throw fatal;
    refuseRivals(found, name);
    if (first && (digest === undefined || first.digest === digest)) return first.open;
    throw (isDenied ? failures[0] : undefined) ?? obstacle;
  } catch (error) {
    first?.[Symbol.dispose]();
    throw error;
  }
}

async function imageOrError(
  { address, told }: SocketHere,
  name: string,
  options: OpenStoredImageOptions,
): Promise<ImageAtSocket | PlimsollError> {
  if (told instanceof SilentSocketError) return told;
  try {
    return await imageAtSocket(address, name, options);
  } catch (error) {
    if (error instanceof PlimsollError) return error;
    throw error;
  }
}

const lacking: ReadonlySet<string> = new Set(["image-not-found", "platform-not-found"]);

const deniedCodes: ReadonlySet<string> = new Set(["target-not-found", "target-unreadable"]);

const socketErrorCodes: ReadonlySet<string> = new Set(["engine-failed", "engine-unreachable", "image-not-found"]);

/** Errors that concern one folder and need not concern another. */
export const folderErrorCodes: ReadonlySet<string> = new Set([
  "digest-mismatch",
  "layout-malformed",
  "limit-exceeded",
  "target-unreadable",
]);

interface FoundInStore {
  readonly digest: string;
  /** The folder or socket. */
  readonly store: string;
}

interface FoundInFolder extends ContainerdImage, FoundInStore {}

async function findInFolders(
  storage: readonly string[],
  name: string,
  options: OpenStoredImageOptions,
): Promise<FoundThere> {
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
      if (!(error instanceof PlimsollError) || !folderErrorCodes.has(error.code)) throw error;
      obstacle ??= error;
    }
  }
  refuseRivals(found, name);
  const [first] = found;
  if (first) {
    const open = async () => (await openFirst(found, options)) ?? raise(obstacle ?? notInStores(name, stores));
    return { digest: first.digest, open };
  }
  if (obstacle) throw obstacle;
  if (stores.length > 0) throw notInStores(name, stores);
  throw new PlimsollError("target-not-found", `no containerd found at ${storage.join(" or ")}`, {
    hint: `Set CONTAINERD_ADDRESS to its socket, or specify its folder (root in its config.toml): containerd:[FOLDER]${name}.`,
  });
}

/**
 * Error: `usage` where several folders or sockets, containerd's own and K3s' for example, have different images under a
 * name.
 */
function refuseRivals(found: readonly FoundInStore[], name: string): void {
  const [first] = found;
  if (!first || found.every(({ digest }) => digest === first.digest)) return;
  const where = found.map(({ digest, store }) => `${digest.slice(0, 19)} in ${store}`).join(", ");
  throw new PlimsollError("usage", `${name} matches several images of containerd: ${where}`, {
    hint: `Use the digest: containerd:${first.digest}.`,
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
        if (!(error instanceof PlimsollError) || !folderErrorCodes.has(error.code)) throw error;
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

import { existsSync } from "node:fs";
import { PlimsollError } from "../../model/error.ts";
import { isContainersStorage, openContainersStorage } from "../../sources/image-store/containers-storage.ts";
import { type ContainerdAccess, type PodmanAccess, usualPodmanHosts } from "./engine-access.ts";
import { notInPodman, notInReadableStores, notInStores } from "./not-in-stores.ts";
import {
  type FoundImage,
  findDockerImage,
  type OpenDockerImageOptions,
  type OpenedEngineImage,
  openDockerClient,
} from "./open-docker-image.ts";
import { podmanStores } from "./podman-stores.ts";

/** Where Podman and containerd are, beside what opening any image needs. */
export interface OpenStoredImageOptions extends OpenDockerImageOptions {
  /** True when nothing may be asked over a network. */
  readonly offline?: boolean;
  readonly podman?: PodmanAccess;
  readonly containerd?: ContainerdAccess;
  /** True for the digest of a layer that need not be there, as its inventory is kept; without it every layer must. */
  readonly isKnownLayer?: (digest: string) => boolean;
}

/**
 * Opens an image of containers/storage, `NAME` or `[FOLDER]NAME`; what Podman, CRI-O and Buildah share. It comes from
 * the first folder that has the image; one that may not be read counts only when no other has it. Errors:
 * `target-not-found` when there is no such store, `image-not-found`, those of `openContainersStorage` and
 * {@link podmanStores}.
 */
export async function openFromContainersStorage(
  text: string,
  options: OpenStoredImageOptions,
): Promise<OpenedEngineImage> {
  const { folder, name } = splitFolder(text);
  const folders = folder === undefined ? (await podmanStores(options.podman ?? {})).storage : [folder];
  const stores: string[] = [];
  let unreadable: PlimsollError | undefined;
  for (const store of folders) {
    try {
      if (!isContainersStorage(store)) continue;
      const image = openContainersStorage(store, name, options);
      if (image) return { image, tags: image.tags };
      stores.push(store);
    } catch (error) {
      if (!(error instanceof PlimsollError) || error.code !== "target-unreadable") throw error;
      unreadable ??= error;
    }
  }
  if (unreadable) throw notInReadableStores(name, { stores, unreadable });
  if (stores.length > 0) throw notInStores(name, stores);
  throw new PlimsollError("target-not-found", `no image store found at ${folders.join(" or ")}`, {
    hint: "Specify the folder that podman info shows as graphRoot: containers-storage:[FOLDER]NAME.",
  });
}

/**
 * Finds an image of Podman: root's in its store and else at Podman's service, anyone else's the other way about,
 * because without Podman's user namespace some files of an image cannot be read. A service that the user named is
 * always asked first, and one that cannot be asked is an error. A failure at its usual place counts only when no other
 * place has the image.
 *
 * Errors: those of {@link openFromContainersStorage}, `engine-failed`; for a named service also `engine-unreachable`,
 * and `usage` for one that may not be asked; to open it those of {@link findDockerImage}.
 */
export async function findInPodman(name: string, options: OpenStoredImageOptions): Promise<FoundImage> {
  const isNamed = options.podman?.isNamed === true;
  const isServiceFirst = process.getuid?.() !== 0 || isNamed;
  const served = isServiceFirst ? await askPodman(name, options) : noAnswer;
  if (served.found) return served.found;
  try {
    const opened = await openFromContainersStorage(name, options);
    return async () => opened;
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    const { found, failure, answered } = isServiceFirst ? served : await askPodman(name, options);
    if (found) return found;
    if (failure && notThere.has(error.code)) throw failure;
    const isStoreMissed = error.code === "target-not-found" || (isNamed && error.code === "image-not-found");
    throw answered.length > 0 && isStoreMissed ? notInPodman(name, answered) : error;
  }
}

const notThere: ReadonlySet<string> = new Set(["image-not-found", "target-not-found", "target-unreadable"]);

const unasked: ReadonlySet<string> = new Set(["engine-failed", "engine-unreachable", "usage"]);

interface PodmanAnswer {
  readonly found?: FoundImage;
  readonly failure?: PlimsollError;
  /** The addresses of services that do not have the image. */
  readonly answered: readonly string[];
}

const noAnswer: PodmanAnswer = { answered: [] };

/** Errors: that of the last service that the user named and that cannot be asked. */
async function askPodman(name: string, options: OpenStoredImageOptions): Promise<PodmanAnswer> {
  let obstacle: PlimsollError | undefined;
  let failure: PlimsollError | undefined;
  const answered: string[] = [];
  for (const host of options.podman?.hosts ?? usualPodmanHosts) {
    try {
      const engine = await openDockerClient({ host }, options);
      const found = await findDockerImage(engine, name, options);
      if (found) return { found, answered };
      answered.push(engine.address);
    } catch (error) {
      if (!(error instanceof PlimsollError) || !unasked.has(error.code)) throw error;
      obstacle = error;
      if (error.code === "engine-failed") failure ??= error;
    }
  }
  if (obstacle && options.podman?.isNamed) throw obstacle;
  return { answered, ...(failure && { failure }) };
}

/**
 * `[FOLDER]NAME`; also as containers-transports(5) has it, `[DRIVER@FOLDER+RUNROOT:OPTIONS]NAME`, of which the folder
 * alone matters.
 */
function splitFolder(text: string): { readonly folder?: string; readonly name: string } {
  const parts = /^\[([^\]]+)\](.+)$/s.exec(text);
  if (parts?.[1] === undefined || parts[2] === undefined) return { name: text };
  const [, inside = parts[1]] = /^(?:[a-z0-9]+@)?(\/[^+:]*)(?:\+\/[^:]*)?(?::.*)?$/s.exec(parts[1]) ?? [];
  return { folder: existsSync(parts[1]) ? parts[1] : inside, name: parts[2] };
}

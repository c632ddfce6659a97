import { join } from "node:path";
import type { DockerEngine, EngineImage } from "../../engines/docker/docker-engine.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Image, ImageOptions } from "../../sources/image/image.ts";
import { openStreamedArchive } from "../../sources/image/open-archive.ts";
import { openContainerdStorage } from "../../sources/image-store/containerd-storage.ts";
import { openContainersStorage } from "../../sources/image-store/containers-storage.ts";
import { openDockerStorage } from "../../sources/image-store/docker-storage.ts";
import { type DockerAccess, usualContainerdStorage } from "./engine-access.ts";
import { exportedLater } from "./exported-later.ts";
import { describeImage, ImageCache } from "./image-cache.ts";

/** How an image of an engine with Docker's API is opened. */
export interface OpenDockerImageOptions extends ImageOptions {
  /** Where inventories of layers and descriptions of images are kept; without it nothing is kept. */
  readonly cache?: string;
  /** Fewer digits are not a beginning of an id but a name; what the engine takes for one unless given. */
  readonly fewestIdDigits?: number;
}

/** The image of an engine, with the tags that the engine knows. */
export interface OpenedEngineImage {
  readonly image: Image;
  readonly tags: readonly string[];
  /** The namespace of containerd that it was found in. */
  readonly namespace?: string;
}

/**
 * A client; it is loaded only here, because Node's HTTP takes longer to load than a small image to scan.
 *
 * Errors: `usage` for a host or certificates that cannot be used, and with `offline` for an engine that is reached over
 * a network; `engine-unreachable` for a context that cannot be used.
 */
export async function openDockerClient(
  access: DockerAccess = {},
  { offline }: { readonly offline?: boolean | undefined } = {},
): Promise<DockerEngine> {
  const { openDockerEngine } = await import("../../engines/docker/docker-engine.ts");
  const { readDockerCertificates } = await import("../../engines/docker/docker-certificates.ts");
  const { host, certificates } = await engineOf(access);
  const engine = openDockerEngine({
    ...(host === undefined ? {} : { host }),
    ...(certificates ? { tls: await readDockerCertificates(certificates.folder, certificates.verify) } : {}),
  });
  if (!offline || engine.local) return engine;
  throw new PlimsollError(
    "usage",
    `the Docker Engine at ${engine.address} is reached over a network, which --offline forbids`,
  );
}

async function engineOf(access: DockerAccess): Promise<DockerAccess> {
  if (access.host !== undefined || !access.contexts) return access;
  const { readDockerContext } = await import("../../engines/docker/docker-context.ts");
  return readDockerContext(access.contexts) ?? access;
}

/** Opens an image that a place has: what fails from here on is not a reason to look for it elsewhere. */
export type FoundImage = () => Promise<OpenedEngineImage>;

/**
 * Finds an image of an engine; undefined when the engine does not have an image of that name. It is opened from the
 * folder in which the engine keeps it when that is on this machine and may be read, else exported to a temporary file.
 * An image that was exported before is exported again only when a layer is walked.
 *
 * Errors: `engine-unreachable`, `engine-failed`, `cancelled`; to open it also those of opening an archive.
 */
export async function findDockerImage(
  engine: DockerEngine,
  name: string,
  options: OpenDockerImageOptions,
): Promise<FoundImage | undefined> {
  const found = await engine.inspectImage(name, options.signal);
  if (!found || isFoundByFewDigits(name, found, options)) return undefined;
  const vouched = { ...options, verifyDigests: true, digestsAreTrusted: true };
  return async () => {
    const image =
      (await openInPlace(engine, found, vouched)) ?? (await openExported(engine, found, { ...vouched, name }));
    return { image, tags: found.repoTags };
  };
}

function isFoundByFewDigits(
  name: string,
  { repoTags }: EngineImage,
  { fewestIdDigits = 0 }: OpenDockerImageOptions,
): boolean {
  if (!/^[0-9a-f]+$/.test(name) || name.length >= fewestIdDigits) return false;
  return !repoTags.some(
    (tag) =>
      tag
        .replace(/:[^:/]*$/, "")
        .split("/")
        .at(-1) === name,
  );
}

async function openExported(
  engine: DockerEngine,
  found: EngineImage,
  { cache, name, ...options }: OpenDockerImageOptions & { readonly name: string },
): Promise<Image> {
  const exportNow = (): Promise<Image> =>
    openStreamedArchive(engine.exportImage(found.id, options), { ...options, name: `the image ${name}` });
  const images = new ImageCache(cache);
  // An id need not be the digest of what is exported, so what one engine exported is believed of no other.
  const key = JSON.stringify([engine.address, found.id, found.rootFsDiffIds, options.platform ?? ""]);
  const known = images.get(key);
  if (known) return exportedLater({ ...known, tags: found.repoTags }, exportNow);
  const image = await exportNow();
  const description = describeImage(image);
  const diffIds = description.layers.map(({ diffId }) => diffId);
  if (JSON.stringify(diffIds) === JSON.stringify(found.rootFsDiffIds)) images.set(key, description);
  return image;
}

/**
 * Only root is sure to be allowed to read every file of an image, so for others the engine does it. What the folder
 * holds is named and proved by digests: one that belongs to another engine can only lack the image.
 */
async function openInPlace(
  engine: DockerEngine,
  found: EngineImage,
  options: ImageOptions,
): Promise<Image | undefined> {
  if (!engine.local || process.getuid?.() !== 0) return undefined;
  try {
    const root = await engine.storageFolder(options.signal);
    return root === undefined ? undefined : openFromFolder(root, found, options);
  } catch (error) {
    if (error instanceof PlimsollError && fallsBack.has(error.code)) return undefined;
    throw error;
  }
}

const fallsBack: ReadonlySet<string> = new Set([
  "digest-mismatch",
  "engine-failed",
  "engine-unreachable",
  "layout-malformed",
  "limit-exceeded",
  "target-unreadable",
]);

function openFromFolder(root: string, { id, repoTags }: EngineImage, options: ImageOptions): Image | undefined {
  const image =
    openDockerStorage(root, { id, tags: repoTags, options }) ??
    openContainersStorage(root, id.replace("sha256:", ""), options);
  if (image) return image;
  for (const folder of [join(root, "containerd", "daemon"), ...usualContainerdStorage]) {
    const kept = openContainerdStorage(folder, { digest: id, names: repoTags, options });
    if (kept) return kept;
  }
  return undefined;
}

import { PlimsollError } from "../../model/error.ts";
import type { Workload } from "../../model/images/workload.ts";
import { withUsualNames } from "../../model/packages/platform.ts";
import { parseReference, referenceText } from "../../model/packages/reference.ts";
import { chainIds } from "../../sources/image/chain-ids.ts";
import type { PlatformImage } from "../../sources/image/oci-layout.ts";
import { imagesInContainerd } from "../../sources/image-store/containerd-storage.ts";
import type { ContainerMemory, MadeFrom } from "./container-memory.ts";
import type { ContainerdContainer, ContainerdTarget } from "./containers-of.ts";

/*
 * Which image a container runs. Its name for it may have moved since; the chain id below the container tells, since it
 * is made of the digests of all layers. In this order:
 *
 * 1. what the name means, when that has the layers of the container, or what Kubernetes' part of containerd has under
 *    the id that it noted;
 * 2. what was certain when the program looked at this very container before.
 *
 * Otherwise its image is not stated. Images of the same layers and of other configs are distinguished where the CRI
 * plugin noted the id. Elsewhere the digest is not told when the name was written after the container was made. What
 * else containerd has of these layers may be another image, so that is not looked for.
 */

/** How a container is looked at. */
export interface ContainerdWorkloadOptions {
  /** containerd's folder. */
  readonly root: string;
  /** RFC 3339; undefined when it is not known. */
  readonly startedAt: string | undefined;
  readonly isPaused: boolean;
  readonly memory: ContainerMemory;
  readonly signal: AbortSignal;
}

/** A container that runs, with what is known of its image. Errors: `target-unreadable`, `cancelled`. */
export function containerdWorkload(container: ContainerdContainer, options: ContainerdWorkloadOptions): Workload {
  const { namespace, id, name, image, rootFolder, target, kept, chainId } = container;
  const { root, startedAt, isPaused, memory, signal } = options;
  const imagesAt = (digest: string | undefined): readonly PlatformImage[] =>
    digest === undefined ? [] : imagesOf(root, { digest, signal });
  const isRun = runBy(container);
  const today = imagesAt(target?.digest);
  const named = today.find(isRun);
  const runs = named ?? imagesAt(kept?.digest).find(isRun);
  const told = runs && byName(container, { runs, from: named ? target : kept });
  const remembered = told?.digest === undefined ? memory.get(container) : undefined;
  const made = remembered ?? told;
  if (made?.digest !== undefined) memory.set(container, made);
  const asked = parseReference(image);
  const isOther = remembered !== undefined && named?.id !== remembered.imageId;
  return {
    engine: "containerd",
    place: namespace,
    name,
    container: id,
    instances: 1,
    image: asked ? referenceText(asked, { familiar: true }) : image || (rootFolder ?? ""),
    ...(container.imageId !== undefined && { imageId: container.imageId }),
    ...made,
    ...(startedAt !== undefined && { startedAt }),
    state: isPaused ? "paused" : "running",
    ...(asked !== undefined &&
      asked.digest === undefined &&
      today.length > 0 &&
      chainId !== undefined &&
      (!named || isOther) && { moved: true }),
  };
}

/** True for an image of the layers below a container, and of the id that was noted. */
function runBy({ chainId, imageId }: ContainerdContainer): (image: PlatformImage) => boolean {
  return ({ id, diffIds }) =>
    chainId !== undefined && chainId === [...chainIds(diffIds)].at(-1) && (imageId ?? id) === id;
}

/** `from` is what the name means, or the id. Without a digest when it may be another image of the same layers. */
function byName(
  container: ContainerdContainer,
  { runs, from }: { readonly runs: PlatformImage; readonly from: ContainerdTarget | undefined },
): MadeFrom {
  const isCertain = container.imageId !== undefined || !container.isNamedLater;
  return {
    imageId: runs.id,
    ...(isCertain && from && digestsOf(container, { ...from, manifestDigest: runs.manifestDigest })),
    ...(runs.manifestDigest !== from?.digest && { manifestDigest: runs.manifestDigest }),
    ...platformOf(runs),
  };
}

function digestsOf(
  { image, isGuessed }: ContainerdContainer,
  { digest, manifestDigest, isPulled }: ContainerdTarget & { readonly manifestDigest: string },
): MadeFrom {
  const asked = parseReference(image);
  const isPinnable = asked !== undefined && isPulled && !isGuessed;
  return {
    digest,
    ...(manifestDigest !== digest && { manifestDigest }),
    ...(isPinnable && { pinned: referenceText({ ...asked, digest }, { familiar: true }) }),
  };
}

function platformOf({ platform }: PlatformImage): MadeFrom {
  return platform === undefined ? {} : { platform: withUsualNames(platform) };
}

/**
 * Those of an index for several platforms that are there; empty when containerd does not have the image, and when what
 * is there cannot be read. Error: `cancelled`.
 */
function imagesOf(
  root: string,
  { digest, signal }: { readonly digest: string; readonly signal: AbortSignal },
): readonly PlatformImage[] {
  try {
    return imagesInContainerd(root, digest, { signal, verifyDigests: true });
  } catch (error) {
    if (error instanceof PlimsollError && error.code !== "cancelled") return [];
    throw error;
  }
}

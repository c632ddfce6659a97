import type { DockerEngine, EngineImage } from "../../engines/docker/docker-engine.ts";
import type { EngineContainer } from "../../engines/docker/list-containers.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Workload } from "../../model/images/workload.ts";
import { platformText, withUsualNames } from "../../model/packages/platform.ts";
import { type ImageReference, parseReference } from "../../model/packages/reference.ts";
import type { PulledImage } from "../../sources/image-store/containers-storage.ts";
import type { DockerAccess } from "../targets/engine-access.ts";
import { openDockerClient } from "../targets/open-docker-image.ts";
import type { EngineListing } from "./list-workloads.ts";
import type { ListingGap } from "./listing-gap.ts";
import { digestAmong, digestOfPulled, type NamedDigest, ownDigest } from "./named-digest.ts";

/**
 * What runs in an engine with Docker's API, Docker's own or Podman's.
 *
 * An image that it cannot describe is among the gaps.
 *
 * Errors: `usage` when the engine is reached over a network and that is forbidden, `engine-unreachable`,
 * `engine-failed`, `cancelled`.
 */
export async function listOfEngine(
  access: DockerAccess,
  { offline, signal }: { readonly offline?: boolean | undefined; readonly signal: AbortSignal },
): Promise<EngineListing> {
  const engine = await openDockerClient(access, { offline });
  const product = await engine.product(signal);
  const containers = await engine.listContainers(signal);
  const images = new Images(engine, signal);
  const place = engine.local ? undefined : engine.address;
  const pulled = product === "podman" ? await pulledImages(engine, signal) : undefined;
  const workloads: Workload[] = [];
  for (const container of containers) {
    workloads.push({
      engine: product,
      ...(place !== undefined && { place }),
      ...(await workloadOf(container, { images, pulled })),
    });
  }
  return { ...(place !== undefined && { place }), workloads, gaps: images.gaps };
}

/**
 * In place of an image, of a container that was started from a folder of which the engine does not tell the name.
 */
export const unnamedFolder = "a folder";

/** The origin of a pulled image by its id; undefined when it was built or loaded, or when the origin is unknown. */
type PulledImages = (imageId: string) => PulledImage | undefined;

/**
 * Podman says of every image that has a name that a registry has it, also of one that it built. Its store knows better,
 * where that is here and may be read.
 */
async function pulledImages(engine: DockerEngine, signal: AbortSignal): Promise<PulledImages> {
  const root = engine.local ? await engine.storageFolder(signal) : undefined;
  if (root === undefined) return () => undefined;
  const { pulledImage } = await import("../../sources/image-store/containers-storage.ts");
  return (imageId) => {
    try {
      return pulledImage(root, imageId);
    } catch (error) {
      if (error instanceof PlimsollError) return undefined;
      throw error;
    }
  };
}

/** What an engine says of images, asked once for each. */
class Images {
  /** The images that the engine has and cannot describe. */
  readonly gaps: ListingGap[] = [];
  readonly #engine: DockerEngine;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Promise<EngineImage | undefined>>();

  constructor(engine: DockerEngine, signal: AbortSignal) {
    this.#engine = engine;
    this.#signal = signal;
  }

  get(name: string): Promise<EngineImage | undefined> {
    const asked = this.#known.get(name) ?? this.#ask(name);
    this.#known.set(name, asked);
    return asked;
  }

  async #ask(name: string): Promise<EngineImage | undefined> {
    try {
      return await this.#engine.inspectImage(name, this.#signal);
    } catch (error) {
      if (!(error instanceof PlimsollError) || error.code !== "engine-failed") throw error;
      const message = `the containers of the image ${name} are unknown: ${error.message}`;
      this.gaps.push({ error: new PlimsollError("engine-failed", message, { cause: error, ...hintOf(error) }) });
      return undefined;
    }
  }
}

function hintOf({ hint }: PlimsollError): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}

async function workloadOf(
  { id, name, image, imageId, manifestDigest: told, platform: own, startedAt, state }: EngineContainer,
  { images, pulled }: { readonly images: Images; readonly pulled: PulledImages | undefined },
): Promise<Omit<Workload, "engine" | "place">> {
  const asked = parseReference(image);
  const runs = imageId === undefined ? undefined : await images.get(imageId);
  const named = asked && asked.digest === undefined ? await images.get(image) : undefined;
  const digest = digestThatRuns(runs, { asked, pulled });
  const manifestDigest = told ?? digest?.manifestDigest;
  const platform =
    own ??
    (runs &&
      withUsualNames(
        platformText({
          os: runs.os,
          architecture: runs.architecture,
          ...(runs.variant !== undefined && { variant: runs.variant }),
        }),
      ));
  return {
    name,
    container: id,
    instances: 1,
    image: image || unnamedFolder,
    ...(imageId !== undefined && { imageId }),
    ...(digest && { digest: digest.digest }),
    ...(manifestDigest !== undefined && { manifestDigest }),
    ...(digest?.pinned !== undefined && { pinned: digest.pinned }),
    ...(startedAt !== undefined && { startedAt }),
    state,
    ...(platform && { platform }),
    ...(named && imageId !== undefined && named.id !== imageId && { moved: true }),
  };
}

function digestThatRuns(
  runs: EngineImage | undefined,
  { asked, pulled }: { readonly asked: ImageReference | undefined; readonly pulled: PulledImages | undefined },
): NamedDigest | undefined {
  if (asked?.digest !== undefined) return ownDigest({ ...asked, digest: asked.digest });
  if (!runs) return undefined;
  if (!pulled) return digestAmong(runs.repoDigests, asked);
  const image = pulled(runs.id);
  return image && digestOfPulled(image, asked);
}

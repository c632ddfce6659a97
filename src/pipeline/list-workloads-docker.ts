import type { DockerEngine, EngineImage } from "../engines/docker/docker-engine.ts";
import type { EngineContainer } from "../engines/docker/list-containers.ts";
import { PlimsollError } from "../model/error.ts";
import { platformText } from "../model/platform.ts";
import { type ImageReference, isDigest, parseReference, referenceText } from "../model/reference.ts";
import type { Workload } from "../model/workload.ts";
import type { DockerAccess } from "./engine-access.ts";
import type { EngineListing } from "./list-workloads.ts";
import { openDockerClient } from "./open-docker-image.ts";

/**
 * What runs in an engine with Docker's API, Docker's own or Podman's.
 *
 * Errors: `usage` when the engine is reached over a network and that is forbidden, `engine-unreachable`, `engine-failed`,
 * `cancelled`.
 */
export async function listOfEngine(
  access: DockerAccess,
  { offline, signal }: { readonly offline?: boolean; readonly signal: AbortSignal },
): Promise<EngineListing> {
  const engine = await openDockerClient(access);
  if (offline && !engine.local) {
    throw new PlimsollError(
      "usage",
      `the Docker Engine at ${engine.address} is reached over a network, and --offline forbids that`,
    );
  }
  const product = await engine.product(signal);
  const containers = await engine.listContainers(signal);
  const images = new Images(engine, signal);
  const place = engine.local ? undefined : engine.address;
  const workloads: Workload[] = [];
  for (const container of containers) {
    workloads.push({
      engine: product,
      ...(place !== undefined && { place }),
      ...(await workloadOf(container, images)),
    });
  }
  return { ...(place !== undefined && { place }), workloads };
}

/** What an engine says of images, asked once for each. */
class Images {
  readonly #engine: DockerEngine;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Promise<EngineImage | undefined>>();

  constructor(engine: DockerEngine, signal: AbortSignal) {
    this.#engine = engine;
    this.#signal = signal;
  }

  get(name: string): Promise<EngineImage | undefined> {
    const asked = this.#known.get(name) ?? this.#engine.inspectImage(name, this.#signal);
    this.#known.set(name, asked);
    return asked;
  }
}

async function workloadOf(
  { id, name, image, imageId, manifestDigest, startedAt, state }: EngineContainer,
  images: Images,
): Promise<Omit<Workload, "engine" | "place">> {
  const asked = parseReference(image);
  const runs = imageId === undefined ? undefined : await images.get(imageId);
  const named = asked && asked.digest === undefined ? await images.get(image) : undefined;
  const digest =
    asked?.digest === undefined ? runs && digestOf(runs, asked) : ownDigest({ ...asked, digest: asked.digest });
  const platform =
    runs &&
    platformText({
      os: runs.os,
      architecture: runs.architecture,
      ...(runs.variant !== undefined && { variant: runs.variant }),
    });
  return {
    name,
    container: id,
    instances: 1,
    image,
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

/** That of a name with a digest, which stays true when the engine forgets under which names it has the image. */
function ownDigest(asked: ImageReference & { readonly digest: string }): NamedDigest {
  const isThere = asked.registry !== "localhost";
  return { digest: asked.digest, ...(isThere && { pinned: referenceText(asked, { familiar: true }) }) };
}

interface NamedDigest {
  readonly digest: string;
  readonly pinned?: string;
}

/** The digest under which the registry of the reference has the image, or else any registry. */
function digestOf({ repoDigests }: EngineImage, asked: ImageReference | undefined): NamedDigest | undefined {
  const known = repoDigests.flatMap((text) => {
    const reference = parseReference(text);
    return reference?.digest !== undefined && isDigest(reference.digest)
      ? [{ ...reference, digest: reference.digest }]
      : [];
  });
  const same = known.find(
    ({ registry, repository }) => registry === asked?.registry && repository === asked.repository,
  );
  const digest = (same ?? known[0])?.digest;
  if (digest === undefined) return undefined;
  // What Podman builds is at `localhost/`, where no registry is.
  const isThere = same !== undefined && asked !== undefined && asked.registry !== "localhost";
  return { digest, ...(isThere && { pinned: referenceText({ ...asked, digest }, { familiar: true }) }) };
}

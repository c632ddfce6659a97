import { PlimsollError } from "../../model/error.ts";
import {
  dockerHub,
  holdsUserInfo,
  type ImageReference,
  isRegistry,
  parseReference,
  referenceText,
} from "../../model/packages/reference.ts";
import { referenceFault } from "../../model/packages/reference-fault.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import type { Manifest } from "../../registry/content/manifest.ts";
import { openRemoteImage, type RemoteLayer } from "../../registry/content/open-remote-image.ts";
import { ChunkedLayerTree } from "../../sources/image/chunked/chunked-layer-tree.ts";
import { locateTable } from "../../sources/image/chunked/locate-table.ts";
import type { ReadRange } from "../../sources/image/chunked/table-of-contents.ts";
import type { Image, ImageLayer } from "../../sources/image/image.ts";
import { hostPlatform } from "../../sources/image/image-choice.ts";
import { readImageConfig } from "../../sources/image/image-config.ts";
import { layerOfConfig } from "../../sources/image/layer-of-config.ts";
import { StreamLayerTree } from "../../sources/image/stream-layer-tree.ts";
import { isForeign, obstacleOf, unreadableLayer } from "../../sources/image/unreadable-layer.ts";

/** An image in a registry. */
export interface OpenedRegistryImage extends Image {
  /** As asked, with the digest of the image's own manifest. */
  readonly reference: ImageReference;
  /** The index that it was picked from, when there was one. */
  readonly index: Manifest | undefined;
  /** The platform by which an index lists it, which its config need not tell; undefined where none does. */
  readonly namedPlatform: string | undefined;
}

/** How an image in a registry is opened. */
export interface OpenRegistryImageOptions {
  readonly client: RegistryClient;
  /** `os/architecture[/variant]`; without it the image for this machine's architecture, else the first. */
  readonly platform?: string | undefined;
  readonly largestLayer?: number | undefined;
  /** The platform for which an index names the image, where the name leaves the index out. */
  readonly namedPlatform?: string | undefined;
  /** Read every layer whole, so that its digest is proved. */
  readonly verifyDigests: boolean;
  /**
   * Read layers by their tables of contents where they have one. The tar may hold what the table omits, so whoever
   * makes a verdict reports such layers as not examined. By default every layer is read whole.
   */
  readonly lazy?: boolean | undefined;
  /** What the name stands for, when it is here already. */
  readonly manifest?: Manifest | undefined;
}

/**
 * Opens an image in a registry. Its layers are downloaded as they are walked, straight into the inflater, and one whose
 * inventory is known by its digest is never asked for. With `lazy`, a layer with a table of contents that the
 * manifest proves is read by its table: only the files that matter are downloaded.
 *
 * Errors: `usage` for what is not a reference, `image-not-found`, `platform-not-found`, `manifest-malformed`,
 * `layout-malformed`, `digest-mismatch`, `limit-exceeded`, those of every request of the client.
 */
export async function openRegistryImage(name: string, options: OpenRegistryImageOptions): Promise<OpenedRegistryImage> {
  const asked = imageReference(name);
  const remote = await openRemoteImage(options.client, asked, {
    platform: options.platform ?? hostPlatform(),
    orAny: options.platform === undefined,
    namedPlatform: options.namedPlatform,
    manifest: options.manifest,
  });
  const config = readImageConfig(remote.config, `the config of ${name}`);
  const { reference, index, manifest, configDigest, platform, namedPlatform, layers } = remote;
  return {
    reference,
    index,
    namedPlatform,
    id: configDigest,
    manifestDigest: manifest.digest,
    tags: tagsOf(asked),
    ...(platform !== undefined && { platform }),
    user: config.user,
    config: config.json,
    layers: layers.map((layer, at) => {
      const said = layerOfConfig(config, { index: at, count: layers.length });
      return imageLayer(layer, { said, registry: asked.registry, options });
    }),
    unexamined: [],
    [Symbol.dispose]: () => undefined,
  };
}

/** A name with neither a tag nor a digest means the tag `latest`. */
function tagsOf({ digest, tag = digest === undefined ? "latest" : undefined, ...named }: ImageReference): string[] {
  return tag === undefined ? [] : [referenceText({ ...named, tag }, { familiar: true })];
}

/** The reference of an image that a user names. Error: `usage`. */
export function imageReference(name: string): ImageReference {
  const hint = hintForBareRegistry(name);
  if (hint !== undefined) {
    const message = `${JSON.stringify(name)} is not a valid image name: it has a registry but no repository`;
    throw new PlimsollError("usage", message, { hint });
  }
  const reference = parseReference(name);
  if (reference) return reference;
  const hidesName = holdsUserInfo(name);
  // A fault never quotes a name with a password: it only says that no digest follows the @.
  const fault = referenceFault(name);
  const shown = hidesName ? "a name with a user name or password" : JSON.stringify(name);
  throw new PlimsollError("usage", `${shown} is not a valid image name${fault === undefined ? "" : `: ${fault}`}`, {
    hint: `For example ${dockerHub}/library/nginx:1.27 or registry.example.com/team/app@sha256:….`,
  });
}

/**
 * How to say what is meant by a host and a port: `docker pull` takes that for an image of Docker Hub with a number as
 * its tag, and whoever writes it may have forgotten the repository. Undefined for any other name.
 */
export function hintForBareRegistry(name: string): string | undefined {
  const isBare = /^(?:localhost|[^/:@]*\.[^/:@.]+|\[[0-9a-fA-F:]+\]):[0-9]{2,5}$/.test(name) && isRegistry(name);
  if (!isBare) return undefined;
  const inHub = `${dockerHub}/library/${name}`;
  const ofHub = parseReference(inHub) ? ` The image of Docker Hub is ${inHub}.` : "";
  return `Use ${name}/REPOSITORY:TAG; plimsoll scan --registry ${name} scans all its images.${ofHub}`;
}

interface LayerContext {
  /** What the config says of the layer. */
  readonly said: ReturnType<typeof layerOfConfig>;
  /** The registry that is asked for it. */
  readonly registry: string;
  readonly options: OpenRegistryImageOptions;
}

function imageLayer(remote: RemoteLayer, { said, registry, options }: LayerContext): ImageLayer {
  const { digest, size, annotations, mediaType } = remote;
  const { largestLayer, verifyDigests, lazy = false } = options;
  const isLazy = lazy && !verifyDigests;
  const obstacle = obstacleOf(mediaType);
  const location = isLazy && obstacle === undefined ? locateTable(annotations, size) : undefined;
  const whole = new StreamLayerTree({ read: isForeign(mediaType) ? foreignReader(remote) : remote.read, largestLayer });
  const kept = location
    ? new ChunkedLayerTree({ location, size, whole, largestLayer, readRange: partReader(remote) })
    : whole;
  return {
    digest,
    size,
    ...said,
    // The client proves the digest of whatever it downloads whole.
    cacheKey: obstacle === undefined ? digest : "",
    // What one registry sent in part, and nothing proved as a whole, is not an answer to what another one has.
    ...(location && { inPartKey: `${digest} by ${location.format} ${location.digest} of ${registry}` }),
    verifies: true,
    tree: obstacle === undefined ? kept : unreadableLayer(obstacle),
  };
}

/** Says of a layer that the registry does not hold that it need not. */
function foreignReader({ read }: RemoteLayer): RemoteLayer["read"] {
  return async function* (options) {
    try {
      yield* read(options);
    } catch (cause) {
      if (!(cause instanceof PlimsollError) || cause.code !== "image-not-found") throw cause;
      const message = `${cause.message}: it is a foreign layer, which is stored outside the registry`;
      throw new PlimsollError(cause.code, message, { cause });
    }
  };
}

function partReader({ read }: RemoteLayer): ReadRange {
  return async (from, to) => {
    const pieces: Buffer[] = [];
    for await (const piece of read({ from, to, partOnly: true })) pieces.push(piece);
    return Buffer.concat(pieces);
  };
}

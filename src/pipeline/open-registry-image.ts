import { PlimsollError } from "../model/error.ts";
import { dockerHub, type ImageReference, parseReference, referenceText } from "../model/reference.ts";
import { openRemoteImage, type RemoteImage } from "../registry/open-remote-image.ts";
import type { RegistryClient } from "../registry/registry-client.ts";
import type { Image, ImageLayer } from "../sources/image/image.ts";
import { hostPlatform } from "../sources/image/image-choice.ts";
import { readImageConfig } from "../sources/image/image-config.ts";
import { StreamLayerTree } from "../sources/image/stream-layer-tree.ts";

/** How an image in a registry is opened. */
export interface OpenRegistryImageOptions {
  readonly client: RegistryClient;
  /** `os/architecture[/variant]`; without it the image for this machine's architecture, else the first. */
  readonly platform?: string | undefined;
  readonly largestLayer?: number | undefined;
}

/**
 * Opens an image in a registry. Its layers are downloaded as they are walked, straight into the inflater, and one whose inventory
 * is known by its digest is never asked for.
 *
 * Errors: `usage` for what is no reference, `image-not-found`, `platform-not-found`, `manifest-malformed`, `layout-malformed`,
 * `digest-mismatch`, `limit-exceeded`, those of every request of the client.
 */
export async function openRegistryImage(name: string, options: OpenRegistryImageOptions): Promise<Image> {
  const remote = await openRemoteImage(options.client, imageReference(name), {
    platform: options.platform ?? hostPlatform(),
    orAny: options.platform === undefined,
  });
  const config = readImageConfig(remote.config, `the config of ${name}`);
  const { reference, manifest, configDigest, platform, layers } = remote;
  return {
    id: configDigest,
    manifestDigest: manifest.digest,
    tags: reference.tag === undefined ? [] : [referenceText({ ...tagged(reference) }, { familiar: true })],
    ...(platform !== undefined && { platform }),
    user: config.user,
    layers: layers.map((layer, place) => imageLayer(layer, { place, config, options })),
    unexamined: [],
    [Symbol.dispose]: () => undefined,
  };
}

/** The reference of an image that a user names. Error: `usage`. */
export function imageReference(name: string): ImageReference {
  const reference = parseReference(name);
  if (reference) return reference;
  throw new PlimsollError("usage", `${JSON.stringify(name)} is no name of an image`, {
    hint: `For example ${dockerHub}/library/nginx:1.27 or registry.example.com/team/app@sha256:….`,
  });
}

function tagged({ digest: _digest, ...reference }: ImageReference): ImageReference {
  return reference;
}

interface LayerContext {
  readonly place: number;
  readonly config: ReturnType<typeof readImageConfig>;
  readonly options: OpenRegistryImageOptions;
}

function imageLayer(
  { digest, size, read }: RemoteImage["layers"][number],
  { place, config, options }: LayerContext,
): ImageLayer {
  const diffId = config.diffIds[place];
  return {
    digest,
    ...(diffId !== undefined && { diffId }),
    size,
    base: false,
    ...config.origins[place],
    // The client proves the digest of whatever it downloads whole.
    cacheKey: digest,
    verifies: true,
    tree: new StreamLayerTree({ read, largestLayer: options.largestLayer }),
  };
}

import { gzipSync } from "node:zlib";
import type { ImageReference } from "../../../src/model/packages/reference.ts";
import type { RegistryClient } from "../../../src/registry/connection/registry-client.ts";
import { type BlobSource, blobOf } from "../../../src/registry/content/blob-source.ts";
import type { Descriptor } from "../../../src/registry/content/descriptor.ts";
import { ociIndexType, ociManifestType } from "../../../src/registry/content/manifest.ts";
import { tar } from "../../setup/tar.ts";

/** An image that was pushed. */
export interface PushedImage {
  readonly descriptor: Descriptor;
  readonly config: BlobSource;
  readonly layers: readonly BlobSource[];
}

/** For what an image says that it is. */
export interface ImagePlatform {
  readonly architecture?: string;
  readonly variant?: string | undefined;
}

/** Pushes a small image with one layer for each text. */
export function pushImage(
  client: RegistryClient,
  reference: ImageReference,
  { texts, ...options }: { readonly texts: readonly string[] } & ImagePlatform,
): Promise<PushedImage> {
  const tars = texts.map((content, index) => tar([{ name: `etc/file-${index}`, content: Buffer.from(content) }]));
  return pushLayers(client, reference, { ...options, tars });
}

/** Pushes an image with these plain layers. */
export async function pushLayers(
  client: RegistryClient,
  reference: ImageReference,
  { tars, architecture = "amd64", variant }: { readonly tars: readonly Buffer[] } & ImagePlatform,
): Promise<PushedImage> {
  const layers = tars.map((bytes) => blobOf(gzipSync(bytes)));
  const config = blobOf(
    Buffer.from(
      JSON.stringify({
        architecture,
        ...(variant !== undefined && { variant }),
        os: "linux",
        config: {},
        rootfs: { type: "layers", diff_ids: tars.map((bytes) => blobOf(bytes).digest) },
      }),
    ),
  );
  for (const blob of [config, ...layers]) await client.pushBlob(reference, blob);
  const document = {
    schemaVersion: 2,
    mediaType: ociManifestType,
    config: describe(config, "application/vnd.oci.image.config.v1+json"),
    layers: layers.map((layer) => describe(layer, "application/vnd.oci.image.layer.v1.tar+gzip")),
  };
  const descriptor = await client.pushManifest(reference, {
    bytes: Buffer.from(JSON.stringify(document)),
    mediaType: ociManifestType,
  });
  return { descriptor, config, layers };
}

/** Pushes an index of images. */
export async function pushIndex(
  client: RegistryClient,
  reference: ImageReference,
  images: readonly { readonly image: PushedImage; readonly platform: string }[],
): Promise<Descriptor> {
  const manifests = images.map(({ image, platform }) => {
    const [os, architecture, variant] = platform.split("/");
    return { ...describe(image.descriptor, ociManifestType), platform: { os, architecture, variant } };
  });
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociIndexType, manifests }));
  return client.pushManifest(reference, { bytes, mediaType: ociIndexType });
}

function describe({ digest, size }: { digest: string; size: number }, mediaType: string): object {
  return { mediaType, digest, size };
}

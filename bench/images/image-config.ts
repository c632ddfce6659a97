import type { BenchLayer } from "./layer.ts";

/** The config of an image of these layers, as bytes. */
export function imageConfig(layers: readonly BenchLayer[]): Buffer {
  const rootfs = { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) };
  const history = layers.map(() => ({ created: "2025-01-01T00:00:00Z", created_by: "bench" }));
  return Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs, history }));
}

export const configType = "application/vnd.oci.image.config.v1+json";
export const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** What a manifest says of one blob. */
export interface BlobDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** The manifest of an image of these layers, as bytes. */
export function imageManifest(config: BlobDescriptor, layers: readonly BenchLayer[]): Buffer {
  const blobs = layers.map(({ digest, packedSize }) => ({ mediaType: `${layerType}+gzip`, digest, size: packedSize }));
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers: blobs }));
}

const layerType = "application/vnd.oci.image.layer.v1.tar";

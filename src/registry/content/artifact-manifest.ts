import { compareText } from "../../model/text/compare-text.ts";
import { type BlobSource, blobOf } from "./blob-source.ts";
import type { Descriptor } from "./descriptor.ts";
import { ociManifestType } from "./manifest.ts";

/** One file of an artifact. */
export interface ArtifactLayer {
  readonly mediaType: string;
  readonly blob: BlobSource;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Something that is not an image, to be kept in a registry: an SBOM, an attestation, a database. */
export interface Artifact {
  readonly artifactType: string;
  /** An empty object unless given. */
  readonly config?: { readonly mediaType: string; readonly blob: BlobSource };
  readonly layers: readonly ArtifactLayer[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** The manifest that it is attached to. */
  readonly subject?: Pick<Descriptor, "mediaType" | "digest" | "size">;
}

const emptyType = "application/vnd.oci.empty.v1+json";
const emptyBlob: BlobSource = blobOf(Buffer.from("{}"));

/**
 * The manifest of an artifact and the blobs that it names. The same artifact gives the same bytes.
 * Source: OCI image-spec 1.1, "Guidelines for Artifact Usage".
 */
export function artifactManifest({ artifactType, config, layers, annotations, subject }: Artifact): {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly blobs: readonly BlobSource[];
} {
  const shownConfig = config ?? { mediaType: emptyType, blob: emptyBlob };
  const shownLayers: readonly ArtifactLayer[] =
    layers.length > 0 ? layers : [{ mediaType: emptyType, blob: emptyBlob }];
  const document = {
    schemaVersion: 2,
    mediaType: ociManifestType,
    artifactType,
    config: describe(shownConfig),
    layers: shownLayers.map(describe),
    ...(subject && { subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size } }),
    ...inOrder(annotations),
  };
  const blobs = new Map([shownConfig, ...shownLayers].map(({ blob }) => [blob.digest, blob]));
  return { bytes: Buffer.from(JSON.stringify(document)), mediaType: ociManifestType, blobs: [...blobs.values()] };
}

function describe({ mediaType, blob, annotations }: ArtifactLayer): Record<string, unknown> {
  return { mediaType, digest: blob.digest, size: blob.size, ...inOrder(annotations) };
}

function inOrder(annotations: Readonly<Record<string, string>> = {}): {
  annotations?: Readonly<Record<string, string>>;
} {
  const entries = Object.entries(annotations).sort(([a], [b]) => compareText(a, b));
  return entries.length === 0 ? {} : { annotations: Object.fromEntries(entries) };
}

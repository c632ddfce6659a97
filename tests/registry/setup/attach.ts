import type { ImageReference } from "../../../src/model/reference.ts";
import { blobOf } from "../../../src/registry/blob-source.ts";
import { digestOf } from "../../../src/registry/content-digest.ts";
import { ociManifestType } from "../../../src/registry/manifest.ts";
import type { RegistryClient } from "../../../src/registry/registry-client.ts";
import type { TestLayer } from "../../../src/registry/signatures/fixtures/memory-source.ts";
import { signBytes, simpleLayer, simplePayload, type TestKey } from "../../../src/registry/signatures/fixtures/sign.ts";

/** What something is attached to. */
export interface Attachable {
  readonly digest: string;
  readonly size: number;
}

/** Puts layers into a manifest at the tag that cosign makes of an image's digest; gives the manifest's digest. */
export async function attachUnderTag(
  client: RegistryClient,
  repository: ImageReference,
  { image, ending, layers }: { image: Attachable; ending: "sig" | "att" | "sbom"; layers: readonly TestLayer[] },
): Promise<Attachable> {
  const reference = { ...repository, tag: `${image.digest.replace(":", "-")}.${ending}` };
  const config = blobOf(Buffer.from("{}"));
  for (const blob of [config, ...layers.map(({ content }) => blobOf(Buffer.from(content)))]) {
    await client.pushBlob(reference, blob);
  }
  const document = {
    schemaVersion: 2,
    mediaType: ociManifestType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config.digest, size: config.size },
    layers: layers.map(({ mediaType, content, annotations }) => {
      return { mediaType, digest: digestOf(content), size: content.length, annotations };
    }),
  };
  return client.pushManifest(reference, { bytes: Buffer.from(JSON.stringify(document)), mediaType: ociManifestType });
}

/** Attaches layers to an image as a referrer; gives its manifest. */
export function attachAsReferrer(
  client: RegistryClient,
  repository: ImageReference,
  { image, artifactType, layers }: { image: Attachable; artifactType: string; layers: readonly TestLayer[] },
): Promise<Attachable> {
  const subject = { mediaType: ociManifestType, digest: image.digest, size: image.size };
  const { tag: _, ...place } = repository;
  return client.pushArtifact(place, {
    artifactType,
    subject,
    layers: layers.map(({ mediaType, content, annotations }) => {
      return { mediaType, blob: blobOf(Buffer.from(content)), ...(annotations && { annotations }) };
    }),
  });
}

/** Signs an image with a key, as cosign does. */
export async function signImage(
  client: RegistryClient,
  repository: ImageReference,
  { image, key, annotations }: { image: Attachable; key: TestKey; annotations?: object },
): Promise<void> {
  const payload = simplePayload(image.digest, annotations);
  await attachUnderTag(client, repository, {
    image,
    ending: "sig",
    layers: [simpleLayer(payload, signBytes(key, payload))],
  });
}

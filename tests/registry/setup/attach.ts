import type { ImageReference } from "../../../src/model/packages/reference.ts";
import type { RegistryClient } from "../../../src/registry/connection/registry-client.ts";
import { blobOf } from "../../../src/registry/content/blob-source.ts";
import { digestOf } from "../../../src/registry/content/content-digest.ts";
import { ociManifestType } from "../../../src/registry/content/manifest.ts";
import type { TestLayer } from "../../../src/registry/signatures/fixtures/memory-source.ts";
import type { IssueOptions, PrivateSigstore } from "../../../src/registry/signatures/fixtures/private-sigstore.ts";
import {
  bundleLayer,
  bundleType,
  signBytes,
  signedEnvelope,
  simpleLayer,
  simplePayload,
  statementOf,
  type TestKey,
} from "../../../src/registry/signatures/fixtures/sign.ts";

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

/** Signs an image with a certificate that a Sigstore instance gives for an identity, as a bundle. */
export async function signKeyless(
  client: RegistryClient,
  repository: ImageReference,
  { image, sigstore, job }: { image: Attachable; sigstore: PrivateSigstore; job: IssueOptions },
): Promise<void> {
  const issued = sigstore.issue(job);
  const dsseEnvelope = signedEnvelope(issued, statementOf(image.digest, "https://sigstore.dev/cosign/sign/v1"));
  const certificate = { rawBytes: issued.certificate.toString("base64") };
  const material = { certificate, tlogEntries: [sigstore.entryForEnvelope(dsseEnvelope)] };
  const layers = [bundleLayer({ dsseEnvelope }, material)];
  await attachAsReferrer(client, repository, { image, artifactType: bundleType, layers });
}

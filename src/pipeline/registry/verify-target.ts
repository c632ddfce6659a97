import { PlimsollError } from "../../model/error.ts";
import type { PlatformVerdict, ReferenceVerdict } from "../../model/images/signature.ts";
import { type ImageReference, referenceText } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { imagesIn } from "../../registry/content/images-in.ts";
import type { Manifest } from "../../registry/content/manifest.ts";
import { openRemoteImage } from "../../registry/content/open-remote-image.ts";
import { clientSignatureSource } from "../../registry/signatures/client-signature-source.ts";
import type { SignatureSource } from "../../registry/signatures/signature-source.ts";
import { verifyImage } from "../../registry/signatures/verify-image.ts";
import { imageReference } from "../targets/open-registry-image.ts";
import type { SignaturePolicy } from "../targets/signature-trust.ts";
import { parseTarget } from "../targets/target.ts";

/** How signatures of an image are verified. */
export interface VerifyTargetOptions {
  readonly client: RegistryClient;
  readonly policy: SignaturePolicy;
  /** `os/architecture[/variant]`: the image for it is verified in place of its index. */
  readonly platform?: string | undefined;
}

/** The most images of an index that are looked at on their own. */
const mostImages = 16;

/**
 * Verifies the signatures of what a reference stands for now: it is resolved to a digest first, and the answer is about
 * that digest. Where an index is not verified, its images are looked at on their own, only to tell.
 *
 * Errors: `usage` for what is not an image in a registry, `image-not-found`, `platform-not-found`,
 * `manifest-malformed`, `digest-mismatch`, `limit-exceeded`, `file-malformed` for a trusted root, those of every
 * request of the client before the digest is known.
 */
export async function verifyTarget(text: string, options: VerifyTargetOptions): Promise<ReferenceVerdict> {
  const { client, policy, platform } = options;
  const reference = imageReference(nameIn(text));
  const { digest: given, ...name } = reference;
  const source = clientSignatureSource(client, reference.registry);
  const manifest = await resolve(reference, { client, platform });
  const verdict = await verifyImage(source, { repository: reference.repository, digest: manifest.digest }, policy);
  const tag = reference.tag ?? (given === undefined ? "latest" : undefined);
  const answer: ReferenceVerdict = {
    reference: referenceText({ ...name, ...(tag !== undefined && { tag }) }),
    kind: manifest.kind,
    ...verdict,
  };
  if (manifest.kind === "image" || verdict.outcome === "verified") return answer;
  return { ...answer, images: await verifyImages(manifest, { source, reference, policy }) };
}

function nameIn(text: string): string {
  const { kind, name } = /^[a-z-]+:/.test(text) ? parseTarget(text) : { kind: undefined, name: text };
  if (kind === undefined) return text;
  if (kind === "registry") return name;
  throw new PlimsollError("usage", `signatures are stored in a registry, so they cannot be verified in ${kind}:`, {
    hint: "Use the name of the image in its registry: registry.example.com/team/app:1.",
  });
}

async function resolve(
  reference: ImageReference,
  { client, platform }: Pick<VerifyTargetOptions, "client" | "platform">,
): Promise<Manifest> {
  if (platform === undefined) return client.manifest(reference);
  return (await openRemoteImage(client, reference, { platform })).manifest;
}

async function verifyImages(
  index: Manifest,
  {
    source,
    reference: { repository },
    policy,
  }: { readonly source: SignatureSource; readonly reference: ImageReference; readonly policy: SignaturePolicy },
): Promise<readonly PlatformVerdict[]> {
  const verdicts: PlatformVerdict[] = [];
  for (const { digest, platform } of imagesIn(index).slice(0, mostImages)) {
    const { outcome } = await verifyImage(source, { repository, digest }, policy);
    verdicts.push({ ...(platform !== undefined && { platform }), digest, outcome });
  }
  return verdicts;
}

import { PlimsollError } from "../../model/error.ts";
import type { SignatureFact } from "../../model/images/signature.ts";
import { type ImageReference, referenceText } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { clientSignatureSource } from "../../registry/signatures/client-signature-source.ts";
import type { SignaturePolicy } from "../../registry/signatures/signature-policy.ts";
import { verifyImage } from "../../registry/signatures/verify-image.ts";

/**
 * Requires a signature that the policy trusts, of the manifest with this digest, as `plimsoll verify` requires it of an
 * image. Errors: `signature-not-verified`; those of `verifyImage`.
 */
export async function requireSignature(
  reference: ImageReference & { readonly digest: string },
  { client, policy }: { readonly client: RegistryClient; readonly policy: SignaturePolicy },
): Promise<void> {
  const { registry, repository, digest } = reference;
  const source = clientSignatureSource(client, registry);
  const { outcome, signatures, problems } = await verifyImage(source, { repository, digest }, policy);
  if (outcome === "verified") return;
  const reason = problems[0]?.message ?? rejection(signatures);
  const what = outcome === "cannot-tell" ? "cannot be verified" : "is not verified";
  throw new PlimsollError("signature-not-verified", `${referenceText(reference)} ${what}: ${reason}`, {
    hint: "Sign it with cosign, or trust another key or identity; `plimsoll verify` lists all signatures.",
  });
}

function rejection(signatures: readonly SignatureFact[]): string {
  if (signatures.length === 0) return "no signature was found";
  const reason = signatures.find((signature) => signature.kind === "signature" && signature.reason)?.reason;
  return reason ?? "no trusted signature was found";
}

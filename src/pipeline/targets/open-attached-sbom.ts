import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { clientSignatureSource } from "../../registry/signatures/client-signature-source.ts";
import { chooseAttachedSbom } from "./attached-sbom.ts";
import type { OpenedRegistryImage } from "./open-registry-image.ts";
import type { OpenSbom, OpenTree } from "./open-target.ts";
import type { SignaturePolicy } from "./signature-trust.ts";

/** How an SBOM is looked for in place of layers. */
export interface OpenAttachedSbomOptions {
  readonly client: RegistryClient;
  readonly policy: SignaturePolicy;
  readonly signal: AbortSignal;
}

/**
 * The SBOM that is attached to an image, where one can stand for its layers; else the image as it was opened, with the
 * reasons.
 *
 * Errors: `cancelled`, `file-malformed` for a trusted root that cannot be used.
 */
export async function openAttachedSbom(
  tree: OpenTree,
  { reference: { registry, repository }, manifestDigest: digest, index }: OpenedRegistryImage,
  { client, policy, signal }: OpenAttachedSbomOptions,
): Promise<OpenTree | OpenSbom> {
  if (digest === undefined) return tree;
  const source = clientSignatureSource(client, registry);
  const choice = await chooseAttachedSbom(source, { repository, digest, index }, { policy, signal });
  if ("refused" in choice) return { ...tree, target: { ...tree.target, attachedSbomRefused: choice.refused } };
  const { bytes, origin } = choice;
  return {
    form: "sbom",
    target: { ...tree.target, attachedSbom: origin },
    bytes,
    [Symbol.dispose]: () => tree[Symbol.dispose](),
  };
}

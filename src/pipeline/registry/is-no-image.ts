import { PlimsollError } from "../../model/error.ts";
import type { ImageReference } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { ArtifactError } from "../../registry/content/artifact-error.ts";
import { holdsNoImage } from "../../registry/content/is-artifact.ts";
import type { Manifest } from "../../registry/content/manifest.ts";

/**
 * Whether an image could not be opened because the content is not an image: a chart, an attestation, a build's cache,
 * or an index without images. `manifest` is what the reference names, where it is here already. False where that cannot
 * be found out.
 *
 * Error: `cancelled`.
 */
export async function isNoImage(
  cause: unknown,
  client: RegistryClient,
  { reference, manifest }: { readonly reference: ImageReference; readonly manifest?: Manifest },
): Promise<boolean> {
  if (!(cause instanceof PlimsollError)) return false;
  if (!(cause instanceof ArtifactError) && cause.code !== "platform-not-found") return false;
  try {
    return await holdsNoImage(client, reference, manifest ?? (await client.manifest(reference)));
  } catch (error) {
    if (error instanceof PlimsollError && error.code !== "cancelled") return false;
    throw error;
  }
}

import { PlimsollError } from "../../model/error.ts";
import { parseReference } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { imagesIn } from "../../registry/content/images-in.ts";

/**
 * Refuses an image in a registry that exists for several platforms, when the platform of the workload is unknown:
 * another platform's packages do not describe it.
 *
 * Errors: `platform-not-found`, and those of a request for a manifest.
 */
export async function refuseSeveralPlatforms(name: string, client: RegistryClient): Promise<void> {
  const reference = parseReference(name);
  const manifest = reference && (await client.manifestOf(reference));
  if (manifest?.kind !== "index") return;
  const platforms = [...new Set(imagesIn(manifest).map(({ platform }) => platform ?? "unknown"))];
  if (platforms.length < 2) return;
  throw new PlimsollError(
    "platform-not-found",
    `it is for ${platforms.join(", ")}, and the cluster does not report on which of them it runs`,
    {
      hint: `Nodes report their platforms: retry if the nodes could not be listed this time; otherwise request a role that can list nodes (kubectl auth can-i list nodes), or scan the image that runs: plimsoll scan registry:${name} --platform PLATFORM.`,
    },
  );
}

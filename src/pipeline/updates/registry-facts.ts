import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";
import { type ImageReference, referenceText } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { imagesIn } from "../../registry/content/images-in.ts";
import { openRemoteImage } from "../../registry/content/open-remote-image.ts";
import { clientSignatureSource } from "../../registry/signatures/client-signature-source.ts";
import { findSignatures } from "../../registry/signatures/find-signatures.ts";
import { hostPlatform } from "../../sources/image/image-choice.ts";

/** What a registry says about an image without its layers. */
export interface RegistryFacts {
  /** The digest of the index, or of the only image. */
  readonly digest: string;
  /** Platforms of the index; empty for a single image. */
  readonly platforms: readonly string[];
  /** When the image was built; absent when the configuration has no plausible date. */
  readonly created?: Date;
  /** The entry point and the command, as JSON. */
  readonly command: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Digests of the unpacked layers, lowest first. */
  readonly diffIds: readonly string[];
}

/** The facts about one image. Errors: those of {@link openRemoteImage}. */
export async function registryFacts(
  client: RegistryClient,
  reference: ImageReference,
  platform: string | undefined,
): Promise<RegistryFacts> {
  const manifest = await client.manifest(reference);
  const image = await openRemoteImage(client, reference, {
    platform: platform ?? hostPlatform(),
    orAny: true,
    manifest,
  });
  const config = parseJson(image.config.toString("utf8"));
  const document = isJsonObject(config) ? config : {};
  const run = isJsonObject(document["config"]) ? document["config"] : {};
  return {
    digest: manifest.digest,
    platforms: manifest.kind === "index" ? imagesIn(manifest).flatMap(({ platform: own }) => own ?? []) : [],
    ...createdOf(document),
    command: JSON.stringify([...textsOf(run["Entrypoint"]), ...textsOf(run["Cmd"])]),
    labels: labelsOf(run["Labels"]),
    diffIds: isJsonObject(document["rootfs"]) ? textsOf(document["rootfs"]["diff_ids"]) : [],
  };
}

/** Whether an image has a signature, which is not verified. */
export async function isSigned(
  client: RegistryClient,
  { registry, repository }: ImageReference,
  digest: string,
): Promise<boolean> {
  const found = findSignatures(
    clientSignatureSource(client, registry),
    { repository, digest },
    { problem: () => undefined },
  );
  for await (const { content } of found) if (typeof content !== "string") return true;
  return false;
}

/** A target for a scan of an image in its registry. */
export function registryTarget({ registry, repository }: ImageReference, digest: string): string {
  return `registry:${referenceText({ registry, repository, digest })}`;
}

/** Builds that are to be the same every time often use the date 1970-01-01. */
function createdOf({ created }: JsonObject): { readonly created?: Date } {
  const time = typeof created === "string" ? new Date(created) : undefined;
  return time && time.getTime() > 24 * 60 * 60 * 1000 ? { created: time } : {};
}

function labelsOf(value: unknown): Readonly<Record<string, string>> {
  const labels = isJsonObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(labels.filter((label): label is [string, string] => typeof label[1] === "string"));
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((part) => typeof part === "string") : [];
}

import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import type { ImageReference } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { ArtifactError } from "../../registry/content/artifact-error.ts";
import { imagesIn } from "../../registry/content/images-in.ts";
import type { Manifest } from "../../registry/content/manifest.ts";
import { openRemoteImage } from "../../registry/content/open-remote-image.ts";
import { hostPlatform } from "../../sources/image/image-choice.ts";
import { packRecord, RecordStore, unpackRecord } from "../../store/record-store.ts";
import type { ImageDate, TaggedImage } from "./newest-images.ts";

/** How dates of images are read. */
export interface ImageDatesOptions {
  readonly platform?: string | undefined;
  /** The cache folder: a date is read once, since what has a digest does not change. */
  readonly cache?: string | undefined;
}

/** Raise it when what is kept changes its meaning. */
const format = 2;

/** Reads when images were made, from their configs; of an index that of one of its images. Error: `cancelled`. */
export function registryImageDates(
  client: RegistryClient,
  { platform = hostPlatform(), cache }: ImageDatesOptions,
): (image: TaggedImage) => Promise<ImageDate> {
  const store = cache === undefined ? undefined : new RecordStore(join(cache, "registry-dates"));
  return async ({ registry, repository, digest }) => {
    const key = JSON.stringify([format, digest, platform]);
    const packed = store?.get(key);
    const known = packed && unpackRecord<{ readonly date: ImageDate }>(key, packed);
    if (known) return known.date;
    try {
      const date = await readDate(client, { reference: { registry, repository, digest }, platform });
      store?.set(key, packRecord(key, { date }));
      return date;
    } catch (cause) {
      if (cause instanceof PlimsollError && cause.code !== "cancelled") return "unreadable";
      throw cause;
    }
  };
}

async function readDate(
  client: RegistryClient,
  { reference, platform }: { readonly reference: ImageReference; readonly platform: string },
): Promise<ImageDate> {
  const manifest: Manifest = await client.manifest(reference);
  if (manifest.kind === "index" && imagesIn(manifest).length === 0) return "artifact";
  try {
    return createdOf((await openRemoteImage(client, reference, { platform, orAny: true, manifest })).config);
  } catch (cause) {
    if (cause instanceof ArtifactError) return "artifact";
    throw cause;
  }
}

/** The date that a config states; null when it does not. */
export function createdOf(config: Uint8Array): string | null {
  try {
    const document: unknown = JSON.parse(Buffer.from(config).toString("utf8"));
    const created = isJsonObject(document) ? document["created"] : undefined;
    return typeof created === "string" && !Number.isNaN(Date.parse(created)) ? created : null;
  } catch {
    return null;
  }
}

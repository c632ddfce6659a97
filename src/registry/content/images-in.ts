import { isCacheConfigType, isPartType } from "../../model/images/image-part-type.ts";
import type { ImageReference } from "../../model/packages/reference.ts";
import { type Descriptor, readDescriptor } from "./descriptor.ts";
import { type Manifest, malformed } from "./manifest.ts";

/**
 * The images of an index, in its order; those that are not images of their own, such as attestations and the parts of a
 * build's cache, are left out. An entry with a platform is an image, whatever else the index calls it: programs that
 * run images go by the platform. For `--all-platforms`: open each by {@link withDigest}. Error: `manifest-malformed`
 * for an entry that names nothing.
 *
 * Source: OCI image-spec 1.1, "Image Index"; BuildKit, "Attestation Storage" and the cache of type `registry`.
 */
export function imagesIn(index: Manifest): readonly Descriptor[] {
  const entries = entriesOf(index).map((entry, number) => {
    const descriptor = readDescriptor(entry);
    if (descriptor) return descriptor;
    throw malformed(`the index ${index.digest}`, `its entry ${number + 1} has no digest or no size`);
  });
  const isCache = entries.some(({ mediaType }) => isCacheConfigType(mediaType));
  return entries.filter(({ mediaType, annotations, platform, artifactType }) => {
    if (platform !== undefined) return platform !== "unknown/unknown";
    if (artifactType !== undefined || (isCache && isPartType(mediaType))) return false;
    return annotations?.["vnd.docker.reference.type"] === undefined;
  });
}

/** What an index names, as it stands there. */
export function entriesOf({ document }: Manifest): readonly unknown[] {
  return Array.isArray(document["manifests"]) ? document["manifests"] : [];
}

/** The reference by a digest in place of the one that it had. */
export function withDigest(reference: ImageReference, digest: string): ImageReference {
  return { ...reference, digest };
}

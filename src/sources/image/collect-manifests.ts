import { PlimsollError } from "../../model/error.ts";
import { isPartType } from "../../model/images/image-part-type.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { beginsAsText } from "./begins-as-text.ts";
import { checkDigest, hashFor } from "./digest.ts";
import type { ImageOptions } from "./image.ts";
import { asObject, osVersionOf, parseDocument, platformOf, readImageConfig } from "./image-config.ts";
import { holds, type LayoutFiles, readDocument } from "./layout-files.ts";
import { manifestKind } from "./manifest-kind.ts";
import type { MissingPart } from "./missing-part.ts";

/** What an index names. */
export interface LayoutDescriptor {
  /** For an entry without a valid digest, its place in the index, `entry 2 of index.json`. */
  readonly digest: string;
  /** What the index says that it is. */
  readonly mediaType?: string;
  /** `linux/amd64`, as the index says. */
  readonly platform?: string;
  /** The version of Windows, for which an image is made just as for a platform. */
  readonly osVersion?: string;
  /** The name of the image, from the annotations; in an index within an index, that of the outer one. */
  readonly names: readonly string[];
  /**
   * True for an entry that holds the document itself, as containerd takes it. Source: OCI image-spec 1.1, "Embedded
   * Content".
   */
  readonly isEmbedded?: true;
}

/** A manifest that was found in an index. */
export interface FoundManifest extends LayoutDescriptor {
  readonly manifest: JsonObject;
}

/** What descriptors lead to. */
export interface CollectedManifests {
  /** The manifests of images. */
  readonly images: readonly FoundManifest[];
  /**
   * How many entries are there that say that they are not an image: charts, signatures, attestations, indexes that name
   * nothing, and the layers and configs that the index of a build's cache names.
   */
  readonly artifacts: number;
  /**
   * What may have been an image: entries without a digest, documents that are neither an index nor any manifest, those
   * that stand in an entry itself and not in the layout, and what was not looked at because it is too deep or too much.
   */
  readonly damaged: readonly LayoutDescriptor[];
  /** How many manifests and indexes were passed over because they are in `seen`. */
  readonly known: number;
  /** True when there are indexes within indexes that were not looked into because they are too deep. */
  readonly isTooDeep: boolean;
}

/** How manifests are collected. */
export interface CollectOptions extends ImageOptions {
  /**
   * The digests that were looked at; those of this search are added, and {@link mostManifests} holds for all together.
   */
  readonly seen?: Set<string>;
}

/** Indexes may be nested this deep. */
const deepestIndex = 4;
/** The most manifests that are looked at. */
export const mostManifests = 1_000;

/**
 * The manifests that descriptors lead to, through indexes; one that is not in the layout is passed over, because an
 * engine keeps of an index only what it needs. Errors: `layout-malformed`, `digest-mismatch`, `limit-exceeded`.
 */
export function collectManifests(
  files: LayoutFiles,
  start: readonly LayoutDescriptor[],
  options: CollectOptions,
): CollectedManifests {
  const images: FoundManifest[] = [];
  const damaged: LayoutDescriptor[] = [];
  let artifacts = 0;
  let known = 0;
  const { seen = new Set() } = options;
  let level = start;
  for (let depth = 0; level.length > 0 && depth < deepestIndex; depth++) {
    const next: LayoutDescriptor[] = [];
    for (const descriptor of level) {
      if (blobPath(descriptor.digest) === undefined) {
        damaged.push(descriptor);
        continue;
      }
      if (isPartType(descriptor.mediaType ?? "")) {
        artifacts++;
        continue;
      }
      if (seen.has(descriptor.digest)) {
        known++;
        continue;
      }
      if (seen.size >= mostManifests) {
        damaged.push(descriptor);
        continue;
      }
      seen.add(descriptor.digest);
      const bytes = readBlob(files, descriptor.digest, options);
      if (!bytes) {
        if (descriptor.isEmbedded) damaged.push(descriptor);
        continue;
      }
      const { digest, names } = descriptor;
      const manifest = asObject(parseDocument(bytes, `the manifest ${digest} in ${files.name}`, files));
      const kind = manifestKind(manifest);
      if (kind === "index") {
        const listed = descriptorsOf(manifest, { place: digest, names });
        const room = mostManifests - next.length;
        next.push(...listed.slice(0, room));
        damaged.push(...listed.slice(room).filter(({ mediaType = "" }) => !isPartType(mediaType)));
      } else if (kind === "artifact" || kind === "empty-index") artifacts++;
      else if (kind === "statement" && holdsOnlyText(files, manifest)) artifacts++;
      else if (kind === "image" || kind === "statement")
        images.push({
          ...descriptor,
          ...(descriptor.platform === undefined && platformOfConfig(files, manifest)),
          manifest,
        });
      else damaged.push(descriptor);
    }
    level = next;
  }
  return { images, artifacts, damaged: [...damaged, ...level], known, isTooDeep: level.length > 0 };
}

/** `layout-malformed` for indexes within indexes that lead to no image within the limit. */
export function tooDeep(files: LayoutFiles): PlimsollError {
  return malformed(files, `its indexes are nested more than ${deepestIndex} deep`);
}

/** The descriptors of an index, which is called `place`; `names` are those of what names none itself. */
export function descriptorsOf(
  index: JsonObject,
  { place, names }: { readonly place: string; readonly names: readonly string[] },
): LayoutDescriptor[] {
  const list = Array.isArray(index["manifests"]) ? index["manifests"] : [];
  return list.map(asObject).map((descriptor, position): LayoutDescriptor => {
    const { digest, mediaType, data } = descriptor;
    const platform = asObject(descriptor["platform"]);
    const annotations = asObject(descriptor["annotations"]);
    const own = [annotations["io.containerd.image.name"], annotations["org.opencontainers.image.ref.name"]];
    const ownNames = own.filter((name): name is string => typeof name === "string" && name !== "");
    return {
      digest: typeof digest === "string" && blobPath(digest) ? digest : `entry ${position + 1} of ${place}`,
      ...(typeof mediaType === "string" && { mediaType }),
      ...platformOf(platform),
      ...osVersionOf(platform),
      names: ownNames.length > 0 ? ownNames : names,
      ...(typeof data === "string" && data !== "" && { isEmbedded: true as const }),
    };
  });
}

/** True when all layers of a manifest that are in the layout begin as text, or are empty. */
function holdsOnlyText(files: LayoutFiles, manifest: JsonObject): boolean {
  const layers = Array.isArray(manifest["layers"]) ? manifest["layers"] : [];
  return layers.every((layer) => {
    const path = blobPath(String(asObject(layer)["digest"]));
    if (path === undefined || !holds(files, path)) return true;
    const range = files.range(path);
    return range !== undefined && beginsAsText(range);
  });
}

/**
 * The platform that the config of a manifest gives, for which its descriptor may not give one; empty where the config
 * is not there. Errors: `layout-malformed`, `limit-exceeded`.
 */
export function platformOfConfig(
  files: LayoutFiles,
  manifest: JsonObject,
): Pick<LayoutDescriptor, "platform" | "osVersion"> {
  const path = blobPath(String(asObject(manifest["config"])["digest"]));
  const bytes = path === undefined ? undefined : readDocument(files, path);
  if (!bytes) return {};
  const config = readImageConfig(bytes, `the image config in ${files.name}`, files.parsed);
  return config.platform === undefined ? {} : { platform: config.platform, ...osVersionOf(config.json) };
}

/**
 * The bytes of a small blob, compared with its digest when that is wanted. Errors: `digest-mismatch`, `limit-exceeded`.
 */
export function readBlob(files: LayoutFiles, digest: string, { verifyDigests }: ImageOptions): Buffer | undefined {
  const path = blobPath(digest);
  const bytes = path === undefined ? undefined : readDocument(files, path);
  if (bytes && verifyDigests)
    checkDigest(hashFor(digest).update(bytes), { digest, what: `a document in ${files.name}` });
  return bytes;
}

/** Where a blob is in a layout; undefined for what is not a digest. */
export function blobPath(digest: string): string | undefined {
  const parts = /^(sha256|sha512):([0-9a-f]{64}|[0-9a-f]{128})$/.exec(digest);
  return parts ? `blobs/${parts[1]}/${parts[2]}` : undefined;
}

/** `layout-malformed`, saying of which layout; with a cause where a part is not there. */
export function malformed(files: LayoutFiles, reason: string, cause?: MissingPart): PlimsollError {
  return new PlimsollError("layout-malformed", `${files.name} is not a complete OCI layout: ${reason}`, {
    cause,
    hint: "Copy or export the image again.",
  });
}

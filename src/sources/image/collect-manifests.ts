import { PlimsollError } from "../../model/error.ts";
import { isImageConfigType } from "../../model/image-config-type.ts";
import type { JsonObject } from "../../model/json-object.ts";
import { checkDigest, hashFor } from "./digest.ts";
import type { ImageOptions } from "./image.ts";
import { asObject, parseJson, platformOf, readImageConfig } from "./image-config.ts";
import { type LayoutFiles, readDocument } from "./layout-files.ts";

/** What an index names. */
export interface LayoutDescriptor {
  readonly digest: string;
  /** `linux/amd64`, as the index says. */
  readonly platform?: string;
  /** The name of the image, from the annotations; in an index within an index, that of the outer one. */
  readonly names: readonly string[];
}

/** A manifest that was found in an index. */
export interface FoundManifest extends LayoutDescriptor {
  readonly manifest: JsonObject;
}

/** What descriptors lead to. */
export interface CollectedManifests {
  /** The manifests of images. */
  readonly images: readonly FoundManifest[];
  /** How many manifests are there that are of no image: charts, signatures, attestations. */
  readonly artifacts: number;
  /** How many manifests and indexes were passed over because they are in `seen`. */
  readonly known: number;
  /** True when there are indexes within indexes that were not looked into because they are too deep. */
  readonly isTooDeep: boolean;
}

/** How manifests are collected. */
export interface CollectOptions extends ImageOptions {
  /** The digests that were looked at; those of this search are added, and {@link mostManifests} holds for all together. */
  readonly seen?: Set<string>;
}

/** Indexes may be nested this deep. */
const deepestIndex = 4;
/** The most manifests that are looked at. */
export const mostManifests = 1_000;

/**
 * The manifests that descriptors lead to, through indexes; one that is not in the layout is passed over, because an engine keeps of an index
 * only what it needs, and so is what exceeds the limit. Errors: `layout-malformed`, `digest-mismatch`, `limit-exceeded`.
 */
export function collectManifests(
  files: LayoutFiles,
  start: readonly LayoutDescriptor[],
  options: CollectOptions,
): CollectedManifests {
  const images: FoundManifest[] = [];
  let artifacts = 0;
  let known = 0;
  const { seen = new Set() } = options;
  let level = start;
  for (let depth = 0; level.length > 0 && depth < deepestIndex; depth++) {
    const next: LayoutDescriptor[] = [];
    for (const descriptor of level) {
      if (seen.has(descriptor.digest)) {
        known++;
        continue;
      }
      if (seen.size >= mostManifests) break;
      seen.add(descriptor.digest);
      const bytes = readBlob(files, descriptor.digest, options);
      if (!bytes) continue;
      const manifest = asObject(parseJson(bytes, `the manifest ${descriptor.digest} in ${files.name}`));
      if (Array.isArray(manifest["manifests"]))
        next.push(...descriptorsOf(manifest, descriptor.names).slice(0, mostManifests - next.length));
      else if (isImage(manifest))
        images.push({ ...descriptor, ...platformOfConfig(files, manifest, descriptor), manifest });
      else artifacts++;
    }
    level = next;
  }
  return { images, artifacts, known, isTooDeep: level.length > 0 };
}

/** `layout-malformed` for indexes within indexes that lead to no image within the limit. */
export function tooDeep(files: LayoutFiles): PlimsollError {
  return malformed(files, `its indexes are nested more than ${deepestIndex} deep`);
}

/** The descriptors of an index; `names` are those of what names none itself. */
export function descriptorsOf(index: JsonObject, names: readonly string[]): LayoutDescriptor[] {
  const list = Array.isArray(index["manifests"]) ? index["manifests"] : [];
  return list.map(asObject).flatMap((descriptor): LayoutDescriptor[] => {
    const { digest } = descriptor;
    if (typeof digest !== "string" || blobPath(digest) === undefined) return [];
    const annotations = asObject(descriptor["annotations"]);
    const own = [annotations["io.containerd.image.name"], annotations["org.opencontainers.image.ref.name"]];
    const ownNames = own.filter((name): name is string => typeof name === "string" && name !== "");
    return [
      {
        digest,
        ...platformOf(asObject(descriptor["platform"])),
        names: ownNames.length > 0 ? ownNames : names,
      },
    ];
  });
}

/** The platform of a manifest whose descriptor does not give one. */
function platformOfConfig(
  files: LayoutFiles,
  manifest: JsonObject,
  { platform }: LayoutDescriptor,
): { platform?: string } {
  if (platform !== undefined) return {};
  const path = blobPath(String(asObject(manifest["config"])["digest"]));
  const bytes = path === undefined ? undefined : readDocument(files, path);
  if (!bytes) return {};
  const config = readImageConfig(bytes, `the image config in ${files.name}`);
  return config.platform === undefined ? {} : { platform: config.platform };
}

function isImage(manifest: JsonObject): boolean {
  const type = asObject(manifest["config"])["mediaType"];
  return (
    Array.isArray(manifest["layers"]) &&
    (type === undefined || isImageConfigType(type)) &&
    !manifest["layers"].some((layer) => asObject(layer)["mediaType"] === "application/vnd.in-toto+json")
  );
}

/** The bytes of a small blob, compared with its digest when that is wanted. Errors: `digest-mismatch`, `limit-exceeded`. */
export function readBlob(files: LayoutFiles, digest: string, { verifyDigests }: ImageOptions): Buffer | undefined {
  const path = blobPath(digest);
  const bytes = path === undefined ? undefined : readDocument(files, path);
  if (bytes && verifyDigests)
    checkDigest(hashFor(digest).update(bytes), { digest, what: `a document in ${files.name}` });
  return bytes;
}

/** Where a blob is in a layout; undefined for what is no digest. */
export function blobPath(digest: string): string | undefined {
  const parts = /^(sha256|sha512):([0-9a-f]{64}|[0-9a-f]{128})$/.exec(digest);
  return parts ? `blobs/${parts[1]}/${parts[2]}` : undefined;
}

/** `layout-malformed`, saying of which layout. */
export function malformed(files: LayoutFiles, reason: string): PlimsollError {
  return new PlimsollError("layout-malformed", `${files.name} is not a whole OCI layout: ${reason}`, {
    hint: "Copy or export the image again.",
  });
}

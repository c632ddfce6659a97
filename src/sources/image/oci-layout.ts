import { PlimsollError } from "../../model/error.ts";
import { isImageConfigType } from "../../model/image-config-type.ts";
import type { JsonObject } from "../../model/json-object.ts";
import { checkDigest, hashFor } from "./digest.ts";
import type { Image, ImageOptions } from "./image.ts";
import { hostPlatform, matchesPlatform, noSuchImage } from "./image-choice.ts";
import { asObject, parseJson, platformOf, readImageConfig } from "./image-config.ts";
import { type LayoutFiles, readDocument } from "./layout-files.ts";
import { type LayerPlace, openLayers } from "./open-layers.ts";

/**
 * An OCI image layout: `index.json` lists manifests or further indexes, and `blobs/<algorithm>/<hex>` holds everything by digest.
 * Docker's manifest types are read in the same way.
 *
 * Source: OCI image-spec 1.1, "Image Layout", "Image Index", "Image Manifest".
 */
interface Descriptor {
  readonly digest: string;
  readonly platform?: string;
  /** The name of the image, from the annotations. */
  readonly names: readonly string[];
}

/** A manifest that was found in an index. */
interface FoundManifest extends Descriptor {
  readonly manifest: JsonObject;
}

/** The path that marks an OCI layout. */
export const ociIndexPath = "index.json";

/** Indexes may be nested this deep. */
const deepestIndex = 4;
/** The most manifests that are looked at. */
const mostManifests = 1_000;

/**
 * Opens an image of an OCI layout; the image owns `files` from then on.
 * Errors: `layout-malformed`, `image-not-found`, `platform-not-found`, `digest-mismatch`, `limit-exceeded`.
 */
export function openOciLayout(files: LayoutFiles, options: ImageOptions): Image {
  return openManifest(files, resolveManifest(files, options), options);
}

/**
 * Opens the image whose manifest, or an index that leads to it, has a digest; for a layout without `index.json`.
 * Errors and ownership: as {@link openOciLayout}.
 */
export function openOciImage(
  files: LayoutFiles,
  {
    digest,
    names,
    options,
  }: { readonly digest: string; readonly names: readonly string[]; readonly options: ImageOptions },
): Image {
  const manifests = collectManifests(files, [{ digest, names }], options);
  if (manifests.length === 0) throw malformed(files, `${digest} leads to no image manifest that is there`);
  return openManifest(files, pickPlatform(manifests, files, options), options);
}

function openManifest(
  files: LayoutFiles,
  { chosen, others }: { readonly chosen: FoundManifest; readonly others: readonly FoundManifest[] },
  options: ImageOptions,
): Image {
  const configDigest = asObject(chosen.manifest["config"])["digest"];
  const layers = chosen.manifest["layers"];
  if (typeof configDigest !== "string" || !Array.isArray(layers)) {
    throw malformed(files, "its manifest is not the manifest of an image");
  }
  const configBytes = readBlob(files, configDigest, options);
  if (!configBytes) throw malformed(files, `its config ${configDigest} is missing`);
  const config = readImageConfig(configBytes, `the image config in ${files.name}`);
  return {
    id: configDigest,
    manifestDigest: chosen.digest,
    tags: chosen.names,
    ...(config.platform === undefined ? {} : { platform: config.platform }),
    user: config.user,
    config: config.json,
    layers: openLayers(files, layers.map(placeOf), { config, options }),
    unexamined: others.map((other) => other.names[0] ?? other.digest),
    [Symbol.dispose]: () => files[Symbol.dispose](),
  };
}

/** The manifest that reference and platform pick, and those of other images. Errors: as {@link openOciLayout}. */
export function resolveManifest(
  files: LayoutFiles,
  options: ImageOptions,
): { readonly chosen: FoundManifest; readonly others: readonly FoundManifest[] } {
  const bytes = readDocument(files, ociIndexPath);
  if (!bytes) throw malformed(files, "its index.json is missing");
  const index = asObject(parseJson(bytes, `index.json in ${files.name}`));
  const named = descriptorsOf(index, []).filter((descriptor) => isNamedBy(descriptor, options.reference));
  if (named.length === 0 && options.reference !== undefined) {
    const names = descriptorsOf(index, []).flatMap((descriptor) => descriptor.names);
    throw noSuchImage(options.reference, { layout: files.name, names });
  }
  const manifests = collectManifests(files, named, options);
  if (manifests.length === 0) throw malformed(files, "its index.json names no image manifest that is there");
  return pickPlatform(manifests, files, options);
}

function collectManifests(files: LayoutFiles, start: readonly Descriptor[], options: ImageOptions): FoundManifest[] {
  const found: FoundManifest[] = [];
  const seen = new Set<string>();
  let level = start;
  for (let depth = 0; level.length > 0 && depth < deepestIndex; depth++) {
    const next: Descriptor[] = [];
    for (const descriptor of level.slice(0, mostManifests)) {
      if (seen.has(descriptor.digest)) continue;
      seen.add(descriptor.digest);
      const bytes = readBlob(files, descriptor.digest, options);
      if (!bytes) continue;
      const manifest = asObject(parseJson(bytes, `the manifest ${descriptor.digest} in ${files.name}`));
      if (Array.isArray(manifest["manifests"])) next.push(...descriptorsOf(manifest, descriptor.names));
      else if (isImage(manifest))
        found.push({ ...descriptor, ...platformOfConfig(files, manifest, descriptor), manifest });
    }
    level = next;
  }
  if (found.length === 0 && level.length > 0) {
    throw malformed(files, `its indexes are nested more than ${deepestIndex} deep`);
  }
  return found;
}

/** The platform of a manifest whose descriptor does not give one. */
function platformOfConfig(files: LayoutFiles, manifest: JsonObject, { platform }: Descriptor): { platform?: string } {
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

function pickPlatform(
  manifests: readonly FoundManifest[],
  files: LayoutFiles,
  { platform }: ImageOptions,
): { chosen: FoundManifest; others: FoundManifest[] } {
  const wanted = platform ?? hostPlatform();
  const matching = manifests.filter((manifest) => matchesPlatform(manifest.platform ?? "", wanted));
  const [first] = manifests;
  if (platform !== undefined && matching.length === 0) {
    const platforms = [...new Set(manifests.map((manifest) => manifest.platform ?? "unknown"))];
    throw new PlimsollError("platform-not-found", `${files.name} holds no image for ${platform}`, {
      hint: `It holds: ${platforms.join(", ")}.`,
    });
  }
  const chosen = matching[0] ?? first;
  if (!chosen) throw malformed(files, "it holds no image");
  const others = manifests.filter((other) => other !== chosen && other.platform === chosen.platform);
  return { chosen, others: others.filter((other) => other.digest !== chosen.digest) };
}

function descriptorsOf(index: JsonObject, names: readonly string[]): Descriptor[] {
  const list = Array.isArray(index["manifests"]) ? index["manifests"] : [];
  return list.map(asObject).flatMap((descriptor): Descriptor[] => {
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

function isNamedBy({ names, digest }: Descriptor, reference: string | undefined): boolean {
  return (
    reference === undefined ||
    digest === reference ||
    names.some((name) => name === reference || name.endsWith(`/${reference}`) || name.endsWith(`:${reference}`))
  );
}

function placeOf(layer: unknown, index: number): LayerPlace {
  const { digest, mediaType } = asObject(layer);
  if (typeof digest !== "string") return { path: undefined, digest: undefined, name: `number ${index + 1}` };
  return { path: blobPath(digest), digest, name: digest, ...(typeof mediaType === "string" && { mediaType }) };
}

function readBlob(files: LayoutFiles, digest: string, { verifyDigests }: ImageOptions): Buffer | undefined {
  const path = blobPath(digest);
  const bytes = path === undefined ? undefined : readDocument(files, path);
  if (bytes && verifyDigests)
    checkDigest(hashFor(digest).update(bytes), { digest, what: `a document in ${files.name}` });
  return bytes;
}

function blobPath(digest: string): string | undefined {
  const parts = /^(sha256|sha512):([0-9a-f]{64}|[0-9a-f]{128})$/.exec(digest);
  return parts ? `blobs/${parts[1]}/${parts[2]}` : undefined;
}

function malformed(files: LayoutFiles, reason: string): PlimsollError {
  return new PlimsollError("layout-malformed", `${files.name} is not a whole OCI layout: ${reason}`, {
    hint: "Copy or export the image again.",
  });
}

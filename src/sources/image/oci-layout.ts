import { PlimsollError } from "../../model/error.ts";
import { meansSamePlatform } from "../../model/packages/platform.ts";
import {
  blobPath,
  collectManifests,
  descriptorsOf,
  type FoundManifest,
  type LayoutDescriptor,
  malformed,
  mostManifests,
  platformOfConfig,
  readBlob,
  tooDeep,
} from "./collect-manifests.ts";
import type { Image, ImageOptions } from "./image.ts";
import { firstForPlatform, hostPlatform, noSuchImage, noSuchPlatform } from "./image-choice.ts";
import { asObject, parseDocument, readImageConfig } from "./image-config.ts";
import { type LayoutFiles, readDocument, withOwnBudget } from "./layout-files.ts";
import { MissingPart } from "./missing-part.ts";
import { type LayerPlace, openLayers } from "./open-layers.ts";
import { pickByLastPart, pickNamed } from "./pick-named.ts";

/*
 * An OCI image layout: `index.json` lists manifests or further indexes, and `blobs/<algorithm>/<hex>` holds everything
 * by digest. Docker's manifest types are read in the same way.
 *
 * Source: OCI image-spec 1.1, "Image Layout", "Image Index", "Image Manifest".
 */

/** The path that marks an OCI layout. */
export const ociIndexPath = "index.json";

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
  const { images, damaged, isTooDeep } = collectManifests(files, [{ digest, names }], options);
  if (images.length === 0)
    throw isTooDeep
      ? tooDeep(files)
      : malformed(files, `${digest} does not lead to an image manifest in the layout`, new MissingPart());
  const chosen = pickPlatform(images, files, options);
  const rivals = images.filter((other) => isRival(other, chosen)).map(nameOf);
  const others = [
    ...rivals,
    ...damaged.filter((other) => !isForOtherPlatform(other, chosen)).map(({ digest: own }) => own),
  ];
  const image = openManifest(files, { chosen, others }, options);
  files.parsed.forget();
  return image;
}

/** An image of a layout, for one platform. */
export interface PlatformImage {
  readonly manifestDigest: string;
  /** The digest of its config. */
  readonly id: string;
  readonly platform: string | undefined;
  /** Digests of the uncompressed layers, lowest first. */
  readonly diffIds: readonly string[];
}

/**
 * The images that a digest leads to of which the manifest and the config are there; for a layout without `index.json`.
 * Errors: `layout-malformed`, `digest-mismatch`, `limit-exceeded`.
 */
export function listOciImages(files: LayoutFiles, digest: string, options: ImageOptions): readonly PlatformImage[] {
  const { images } = collectManifests(files, [{ digest, names: [] }], options);
  return images.flatMap(({ digest: manifestDigest, manifest, platform }): PlatformImage[] => {
    const id = String(asObject(manifest["config"])["digest"]);
    const bytes = readBlob(files, id, options);
    if (!bytes) return [];
    const config = readImageConfig(bytes, `the image config in ${files.name}`, files.parsed);
    return [{ manifestDigest, id, platform: config.platform ?? platform, diffIds: config.diffIds }];
  });
}

function openManifest(
  files: LayoutFiles,
  { chosen, others }: { readonly chosen: FoundManifest; readonly others: readonly string[] },
  options: ImageOptions,
): Image {
  const configDigest = asObject(chosen.manifest["config"])["digest"];
  // Go writes an empty list as null.
  const layers = chosen.manifest["layers"] === null ? [] : chosen.manifest["layers"];
  if (typeof configDigest !== "string" || !Array.isArray(layers)) {
    throw malformed(files, "its manifest is not the manifest of an image");
  }
  const configBytes = readBlob(files, configDigest, options);
  if (!configBytes) throw malformed(files, `its config ${configDigest} is missing`, new MissingPart());
  const config = readImageConfig(configBytes, `the image config in ${files.name}`, files.parsed);
  return {
    id: configDigest,
    manifestDigest: chosen.digest,
    tags: chosen.names,
    ...(config.platform === undefined ? {} : { platform: config.platform }),
    user: config.user,
    config: config.json,
    layers: openLayers(files, layers.map(placeOf), { config, options }),
    unexamined: others,
    [Symbol.dispose]: () => files[Symbol.dispose](),
  };
}

/**
 * The manifest that reference and platform pick, and the names of other images. What `index.json` lists under one name,
 * or without names, for several platforms is one image. Errors: as {@link openOciLayout}.
 */
export function resolveManifest(
  files: LayoutFiles,
  options: ImageOptions,
): { readonly chosen: FoundManifest; readonly others: readonly string[] } {
  const bytes = readDocument(files, ociIndexPath);
  if (!bytes) throw malformed(files, "its index.json is missing", new MissingPart());
  const index = asObject(parseDocument(bytes, `index.json in ${files.name}`, files));
  const listed = descriptorsOf(index, { place: ociIndexPath, names: [] });
  const named = choose(listed, files, options);
  if (named.length === 0 && options.reference !== undefined) {
    const names = listed.flatMap((descriptor) => descriptor.names);
    throw noSuchImage(options.reference, { layout: files.name, names });
  }
  const seen = new Set<string>();
  const entries = named.slice(0, mostManifests).map((descriptor) => {
    return { descriptor, ...collectManifests(files, [descriptor], { ...options, seen }) };
  });
  const manifests = entries.flatMap(({ images }) => images);
  if (manifests.length === 0) {
    if (entries.some(({ isTooDeep }) => isTooDeep)) throw tooDeep(files);
    throw entries.some(({ artifacts }) => artifacts > 0) && entries.every(({ damaged }) => damaged.length === 0)
      ? onlyArtifacts(files)
      : malformed(files, "its index.json lists no image manifest that the layout contains", new MissingPart());
  }
  const chosen = pickPlatform(manifests, files, options);
  const own = entries.find(({ images }) => images.includes(chosen));
  const rivals = new Rivals(files, { chosen, listed: withNames(named) });
  const mayBeRival = (one: LayoutDescriptor): boolean => !isForOtherPlatform(one, chosen);
  const others = entries.filter(({ descriptor, images, artifacts, damaged, known }) => {
    if (!own || descriptor.digest === own.descriptor.digest) return false;
    const isSameName = JSON.stringify(descriptor.names) === JSON.stringify(own.descriptor.names);
    if (damaged.length > 0) return !isSameName || damaged.some(mayBeRival);
    if (images.length === 0) return artifacts + known === 0 && !(isSameName && isForOtherPlatform(descriptor, chosen));
    if (images.some(({ digest }) => digest === chosen.digest)) return false;
    return !isSameName || images.some((one) => rivals.has(one));
  });
  const within = own?.images.filter((one) => rivals.has(one)) ?? [];
  const beside = [...within, ...others.map(({ descriptor }) => descriptor), ...named.slice(mostManifests)];
  const lost = own?.damaged.filter(mayBeRival).map(({ digest }) => digest) ?? [];
  return { chosen, others: [...textsFor(beside, chosen), ...lost] };
}

/**
 * By a name or a digest, by the last part of a name whose tag is `latest`, or by the digest of a manifest within an
 * index. Errors: those of {@link collectManifests}.
 */
function choose(
  listed: readonly LayoutDescriptor[],
  files: LayoutFiles,
  options: ImageOptions,
): readonly LayoutDescriptor[] {
  const { reference } = options;
  if (reference === undefined) return listed;
  const named = pickDescribed(listed, reference);
  if (named.length > 0) return named;
  if (blobPath(reference) === undefined)
    return pickByLastPart(listed, { ...describedNames, reference: `${reference}:latest` });
  return collectManifests(files, listed, options).images.filter(({ digest }) => digest === reference);
}

/** The digests of those that have a name: without one no loader makes an image of them. */
function withNames(listed: readonly LayoutDescriptor[]): ReadonlySet<string> {
  return new Set(listed.filter(({ names }) => names.length > 0).map(({ digest }) => digest));
}

/** The name by which each can be asked for; the digest of one that shares its name with another or with the chosen. */
function textsFor(others: readonly LayoutDescriptor[], chosen: FoundManifest): readonly string[] {
  const counts = new Map(chosen.names.map((name) => [name, 1]));
  for (const name of others.map(nameOf)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return others.map((other) => ((counts.get(nameOf(other)) ?? 0) > 1 ? other.digest : nameOf(other)));
}

/**
 * The images for the platform of the chosen one. containerd makes an image of each entry that `index.json` itself lists
 * with a name, whatever platform the entry gives: there the config states the platform too, and a config that cannot be
 * read may be for any.
 */
class Rivals {
  readonly #files: LayoutFiles;
  readonly #chosen: FoundManifest;
  readonly #listed: ReadonlySet<string>;

  /** `listed`: the digests that `index.json` itself lists with a name. */
  constructor(
    files: LayoutFiles,
    { chosen, listed }: { readonly chosen: FoundManifest; readonly listed: ReadonlySet<string> },
  ) {
    this.#files = withOwnBudget(files);
    this.#chosen = chosen;
    this.#listed = listed;
  }

  has(one: FoundManifest): boolean {
    return isRival(one, this.#chosen) || (this.#listed.has(one.digest) && this.#isRivalByConfig(one));
  }

  #isRivalByConfig({ platform: _, osVersion: __, ...one }: FoundManifest): boolean {
    try {
      return isRival({ ...one, ...platformOfConfig(this.#files, one.manifest) }, this.#chosen);
    } catch (error) {
      if (error instanceof PlimsollError) return one.digest !== this.#chosen.digest;
      throw error;
    }
  }
}

/** Another image for the same platform. */
function isRival(other: FoundManifest, chosen: FoundManifest): boolean {
  return other.digest !== chosen.digest && isForSame(other, chosen);
}

function isForOtherPlatform(other: LayoutDescriptor, chosen: FoundManifest): boolean {
  return other.platform !== undefined && !isForSame(other, chosen);
}

/** True for two of one platform. Windows runs images of its own version only, so that an index has one for each. */
export function isForSame(one: LayoutDescriptor, other: LayoutDescriptor): boolean {
  if (!meansSamePlatform(one.platform, other.platform)) return false;
  const [version, otherVersion] = [one.osVersion, other.osVersion];
  return version === undefined || otherVersion === undefined || version === otherVersion;
}

/** The first name of what an index names, else its digest. */
export function nameOf({ names, digest }: LayoutDescriptor): string {
  return names[0] ?? digest;
}

function onlyArtifacts({ name }: LayoutFiles): PlimsollError {
  return new PlimsollError("image-not-found", `${name} contains an artifact, not an image`, {
    hint: "It may be a chart, a signature or a database; specify an image.",
  });
}

function pickPlatform(
  manifests: readonly FoundManifest[],
  files: LayoutFiles,
  { platform, manifestDigest }: ImageOptions,
): FoundManifest {
  const matching =
    manifests.find(({ digest }) => digest === manifestDigest) ??
    firstForPlatform(manifests, platform ?? hostPlatform());
  if (platform !== undefined && !matching) {
    throw noSuchPlatform(platform, { what: files.name, platforms: manifests.map((manifest) => manifest.platform) });
  }
  const chosen = matching ?? manifests[0];
  if (!chosen) throw malformed(files, "it contains no image");
  return chosen;
}

/** Those entries of an index that a reference means, by a digest or a name; the last part of one may be a mere tag. */
export function pickDescribed(listed: readonly LayoutDescriptor[], reference: string): readonly LayoutDescriptor[] {
  const byDigest = listed.filter(({ digest }) => digest === reference);
  return byDigest.length > 0 ? byDigest : pickNamed(listed, { ...describedNames, reference });
}

const describedNames = { namesOf: ({ names }: LayoutDescriptor) => names, boundaries: "/:" };

function placeOf(layer: unknown, index: number): LayerPlace {
  const { digest, mediaType, size } = asObject(layer);
  if (typeof digest !== "string") return { path: undefined, digest: undefined, name: `number ${index + 1}` };
  return {
    path: blobPath(digest),
    digest,
    name: digest,
    ...(typeof mediaType === "string" && { mediaType }),
    ...(typeof size === "number" && size >= 0 && { size }),
  };
}

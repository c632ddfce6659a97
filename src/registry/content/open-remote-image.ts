import { freeBuffer } from "../../io/bytes/free-buffer.ts";
import { PlimsollError } from "../../model/error.ts";
import { mostLayers } from "../../model/images/most-layers.ts";
import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";
import { type ImageReference, referenceText } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../connection/registry-client.ts";
import { ArtifactError } from "./artifact-error.ts";
import { imageFor, noImageFor, refuseOther } from "./choose-image.ts";
import { type Descriptor, platformIn, readDescriptor } from "./descriptor.ts";
import { entriesOf, imagesIn, withDigest } from "./images-in.ts";
import { isArtifact } from "./is-artifact.ts";
import { type Manifest, malformed } from "./manifest.ts";

/**
 * An image in a registry, opened: manifest and config are here and proved, the layers are not. Nothing is downloaded
 * for a layer until {@link RemoteLayer.read} is called, so one that is known by its digest costs nothing.
 */
export interface RemoteImage {
  /** As asked, with the digest of this image's own manifest. */
  readonly reference: ImageReference;
  readonly manifest: Manifest;
  /** The index that it was picked from, when there was one. */
  readonly index: Manifest | undefined;
  /** As its config says, with the variant of the index where the config lacks it; else as the index says. */
  readonly platform: string | undefined;
  /** The platform by which an index lists it; undefined where none does, or without one. */
  readonly namedPlatform: string | undefined;
  readonly configDigest: string;
  /** JSON; read it as that of any image. */
  readonly config: Buffer;
  /** Lowest first. */
  readonly layers: readonly RemoteLayer[];
}

/** A layer in a registry. */
export interface RemoteLayer extends Descriptor {
  /**
   * The stored bytes as they come. The registry's digest is proved after the last byte: whoever reads to the end
   * without an error has read what the manifest names.
   *
   * Errors: `image-not-found`, `digest-mismatch`, `registry-unreachable`, `registry-refused`, `registry-failed`,
   * `cancelled`.
   */
  read(options?: RemoteReadOptions): AsyncGenerator<Buffer>;
}

/** How a layer is read. */
export interface RemoteReadOptions {
  /** The first byte; 0 unless given. */
  readonly from?: number;
  /** The byte after the last; the end unless given. A part is not proved. */
  readonly to?: number;
  /** Fail with `registry-failed` when the registry sends what lies before the part too. */
  readonly partOnly?: boolean;
  /** True for the pieces as they come, of which several may share memory; else they are joined to pieces of 1 MiB. */
  readonly asTheyCome?: boolean;
  /** Called with the size of each piece. */
  readonly progress?: (bytes: number) => void;
}

/** Which image of an index is wanted. */
export interface RemoteImageOptions {
  /**
   * `os/architecture[/variant]`. The same platform is taken first, then the highest variant below it, which runs there
   * too, then any variant of one that was named without. Where the index names none, the images' own configs do.
   */
  readonly platform: string;
  /** True to take the first image when there is none for the platform, and a single one whatever it is for. */
  readonly orAny?: boolean;
  /** The platform for which an index names the image, where the reference leaves the index out. */
  readonly namedPlatform?: string | undefined;
  /** What the reference names, when it is here already. */
  readonly manifest?: Manifest | undefined;
}

const largestConfig: number = 16 * 1024 * 1024;
/** Images of an index without a platform that are asked for theirs. */
const mostSilent = 64;
/** How deep indexes may lie in indexes. */
export const deepestIndex = 4;
/** Bytes that are handed on at once: whoever inflates them does it faster in large pieces. */
const pieceSize: number = 1024 * 1024;

/**
 * Opens the image that a reference names.
 *
 * Errors: `image-not-found`, `platform-not-found`, `usage` for what names no platform, `manifest-malformed` also for an
 * artifact that is not an image, `digest-mismatch`, `limit-exceeded`, those of every request.
 */
export async function openRemoteImage(
  client: RegistryClient,
  reference: ImageReference,
  options: RemoteImageOptions,
): Promise<RemoteImage> {
  const what = referenceText(reference);
  let manifest = options.manifest ?? (await client.manifest(reference));
  let index: Manifest | undefined;
  let named = options.namedPlatform;
  for (let depth = 0; manifest.kind === "index"; depth++) {
    if (depth >= deepestIndex) throw tooDeep(what);
    index ??= manifest;
    const entries = entriesOf(manifest).length;
    const chosen = await choose(client, reference, { ...options, what, images: imagesIn(manifest), entries, depth });
    named = chosen.platform ?? named;
    manifest = await client.manifest(withDigest(reference, chosen.digest));
  }
  if (await isArtifact(client, reference, manifest)) throw new ArtifactError(what);
  const config = readDescriptor(manifest.document["config"]);
  const layers = listIn(manifest.document["layers"]);
  if (!config || !layers) throw malformed(what, "it has no config or no layers");
  if (layers.length > mostLayers)
    throw new PlimsollError("limit-exceeded", `${what} has more than ${mostLayers} layers`);
  const bytes = await client.blobBytes(reference, config, largestConfig);
  const own = platformOf(bytes);
  if (named === undefined && options.orAny !== true) refuseOther(what, { platform: own, wanted: options.platform });
  return {
    reference: withDigest(reference, manifest.digest),
    manifest,
    index,
    platform: platformFrom(own, named),
    namedPlatform: named,
    configDigest: config.digest,
    config: bytes,
    layers: layers.map((layer, number) => {
      const descriptor = readDescriptor(layer);
      if (!descriptor) throw malformed(what, `its layer ${number + 1} has no digest or no size`);
      return { ...descriptor, read: (range = {}) => read(client, { reference, descriptor, range }) };
    }),
  };
}

interface Choice extends RemoteImageOptions {
  /** How errors name the reference. */
  readonly what: string;
  readonly images: readonly Descriptor[];
  /** How many entries the index has, images and others. */
  readonly entries: number;
  /** How many indexes lie around these images. */
  readonly depth: number;
}

/**
 * Chooses by the platforms in the index; an image without one there is asked for its own config, and one that says
 * nothing there either fits any platform.
 */
async function choose(client: RegistryClient, reference: ImageReference, choice: Choice): Promise<Descriptor> {
  const { images, entries, platform, orAny, what } = choice;
  const named = imageFor(platform, images);
  const silent = images.filter((image) => image.platform === undefined);
  const certain = named ?? (images.length === 1 ? silent[0] : undefined);
  if (certain) return certain;
  const told = silent.length === 0 ? [] : await askSilent(client, reference, { ...choice, images: silent });
  const chosen =
    imageFor(platform, told) ??
    told.find((image) => image.platform === undefined) ??
    (orAny ? (told[0] ?? images[0]) : undefined);
  if (chosen) return chosen;
  const others = images.filter((image) => image.platform !== undefined);
  throw noImageFor(platform, { what, images: [...others, ...told], entries });
}

/** Those that are images, and all that lie in indexes among them, with the platforms that their configs give. */
async function askSilent(client: RegistryClient, reference: ImageReference, choice: Choice): Promise<Descriptor[]> {
  const { what, images, depth } = choice;
  const told: Descriptor[] = [];
  const waiting = images.map((image) => ({ image, depth }));
  for (let asked = 0, next = waiting.shift(); next; next = waiting.shift()) {
    const { image } = next;
    if (image.platform !== undefined) {
      told.push(image);
      continue;
    }
    if (++asked > mostSilent) {
      throw new PlimsollError("limit-exceeded", `${what} has more than ${mostSilent} images without a platform`, {
        hint: "Specify an image by its digest.",
      });
    }
    const manifest = await client.manifest(withDigest(reference, image.digest));
    if (manifest.kind === "index") {
      const inside = next.depth + 1;
      if (inside >= deepestIndex) throw tooDeep(what);
      waiting.push(...imagesIn(manifest).map((inner) => ({ image: inner, depth: inside })));
      continue;
    }
    if (await isArtifact(client, reference, manifest)) continue;
    const config = readDescriptor(manifest.document["config"]);
    if (!config) throw malformed(`the manifest ${image.digest}`, "it has no config");
    const platform = platformOf(await client.blobBytes(reference, config, largestConfig));
    told.push({ ...image, ...(platform !== undefined && { platform }) });
  }
  return told;
}

function tooDeep(what: string): PlimsollError {
  return malformed(
    what,
    `its indexes are nested more than ${deepestIndex} levels deep`,
    "Specify the image itself by its digest: NAME@sha256:….",
  );
}

/** Go writes an empty list as null. */
function listIn(layers: unknown): readonly unknown[] | undefined {
  if (layers === null) return [];
  return Array.isArray(layers) ? layers : undefined;
}

/** Whatever way leads to an image, its config is the same. */
function platformFrom(config: string | undefined, index: string | undefined): string | undefined {
  return config === undefined || index?.startsWith(`${config}/`) ? index : config;
}

function platformOf(config: Buffer): string | undefined {
  const document = parseJson(config.toString("utf8"));
  return isJsonObject(document) ? platformIn(document) : undefined;
}

async function* read(
  client: RegistryClient,
  {
    reference,
    descriptor,
    range: { progress, asTheyCome, ...range },
  }: { readonly reference: ImageReference; readonly descriptor: Descriptor; readonly range: RemoteReadOptions },
): AsyncGenerator<Buffer> {
  let left = (range.to ?? descriptor.size) - (range.from ?? 0);
  let joined: Buffer | undefined;
  let size = 0;
  for await (const piece of client.blob(reference, descriptor, range)) {
    progress?.(piece.length);
    if (asTheyCome) {
      yield piece;
      continue;
    }
    for (let at = 0; at < piece.length; ) {
      joined ??= Buffer.allocUnsafeSlow(Math.min(pieceSize, Math.max(left, piece.length - at)));
      const count = piece.copy(joined, size, at);
      at += count;
      size += count;
      left -= count;
      if (size < joined.length) continue;
      yield joined;
      joined = undefined;
      size = 0;
    }
    freeBuffer(piece);
  }
  if (joined) yield joined.subarray(0, size);
}

import { createWriteStream, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { DiskFile } from "../../io/bytes/random-access.ts";
import { makeFolder } from "../../io/files/make-folder.ts";
import { TemporaryFolder, temporarySpaceHint } from "../../io/files/temporary-folder.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Tree } from "../../model/images/tree.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { asEngineError } from "../image/as-engine-error.ts";
import type { Image, ImageOptions } from "../image/image.ts";
import { hostPlatform, matchesPlatform, noSuchPlatform } from "../image/image-choice.ts";
import { asObject, parseDocument, platformOf } from "../image/image-config.ts";
import { LayerTree } from "../image/layer-tree.ts";
import { FolderLayout } from "../image/layout-files.ts";
import { listOciImages, openOciImage, type PlatformImage } from "../image/oci-layout.ts";

/** Something that gives blobs by their digests, at a price: an engine's API or a registry. */
export interface BlobSource {
  /** How errors name it. */
  readonly name: string;
  /** The bytes of a blob; they are compared with the digest here. Errors are its own. */
  read(digest: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

const largestDocument: number = 16 * 1024 * 1024;
const deepestIndex = 4;
const mostManifests = 64;

/**
 * Opens the image whose manifest or index has a digest. Manifests and config are fetched now, a layer when it is
 * walked, so that one whose inventory is cached is never fetched. Everything is compared with its digest. Fetched blobs
 * lie in a temporary folder until the image is disposed.
 *
 * Errors: `layout-malformed`, `platform-not-found`, `digest-mismatch`, `limit-exceeded`, `target-unreadable` when there
 * is not a room, `output-not-written` when no folder can be made, those of `source`.
 */
export async function openBlobImage(
  source: BlobSource,
  {
    digest,
    names,
    options,
  }: { readonly digest: string; readonly names: readonly string[]; readonly options: ImageOptions },
): Promise<Image> {
  const folder = new BlobFolder(source, options.signal);
  try {
    const sizes = await fetchDocuments(folder, digest, options);
    const files = new FolderLayout(folder.path, namesOf(source));
    const verified = { ...options, verifyDigests: true, digestsAreTrusted: true };
    const image = openOciImage(files, { digest, names, options: verified });
    return {
      ...image,
      layers: image.layers.map((layer) => {
        const blob = layer.digest;
        if (blob === undefined) return layer;
        const { largestLayer } = options;
        return {
          ...layer,
          size: sizes.get(blob) ?? 0,
          cacheKey: blob,
          verifies: true,
          tree: folder.layer(blob, largestLayer),
        };
      }),
      [Symbol.dispose]() {
        image[Symbol.dispose]();
        folder[Symbol.dispose]();
      },
    };
  } catch (error) {
    folder[Symbol.dispose]();
    throw asEngineError(error);
  }
}

function namesOf({ name }: BlobSource): { readonly name: string; readonly holder: string } {
  return { name: `the image from ${name}`, holder: name };
}

/**
 * The images that a digest leads to of which the source has the manifest and the config, for every platform; no layer
 * is fetched. Errors: `layout-malformed`, `digest-mismatch`, `limit-exceeded`, `target-unreadable` when there is no
 * room, `output-not-written` when no folder can be made, those of `source` but `image-not-found`.
 */
export async function listBlobImages(
  source: BlobSource,
  digest: string,
  options: ImageOptions,
): Promise<readonly PlatformImage[]> {
  using folder = new BlobFolder(source, options.signal);
  let level = [digest];
  let seen = 0;
  for (let depth = 0; depth < deepestIndex && level.length > 0; depth++) {
    const next: string[] = [];
    for (const wanted of level.slice(0, mostManifests - seen)) {
      seen++;
      const manifest = asObject(parseDocument(await fetched(folder, wanted), `the manifest ${wanted}`));
      const config = asObject(manifest["config"])["digest"];
      if (typeof config === "string" && hasLayers(manifest)) await fetched(folder, config);
      const listed = Array.isArray(manifest["manifests"]) ? manifest["manifests"].map(asObject) : [];
      for (const { digest: below } of listed) if (typeof below === "string") next.push(below);
    }
    level = next;
  }
  using files = new FolderLayout(folder.path, namesOf(source));
  return listOciImages(files, digest, { ...options, verifyDigests: true });
}

/** True also for a list that is null, as Go writes an empty one. */
function hasLayers({ layers }: JsonObject): boolean {
  return layers === null || Array.isArray(layers);
}

/** An empty object in place of a document that is not there. */
async function fetched(folder: BlobFolder, digest: string): Promise<Buffer> {
  try {
    return await folder.document(digest);
  } catch (error) {
    if (error instanceof PlimsollError && error.code === "image-not-found") return Buffer.from("{}");
    throw error;
  }
}

/**
 * Fetches what leads from a digest to configs. From an index it fetches only the manifests that may be for the wanted
 * platform; when no platform was requested and the default is missing, it fetches those that are present. Gives the
 * sizes of layers.
 */
async function fetchDocuments(
  folder: BlobFolder,
  digest: string,
  { platform, manifestDigest }: ImageOptions,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  let seen = 0;
  const fetch = async (wanted: string, depth: number): Promise<void> => {
    if (++seen > mostManifests) {
      throw new PlimsollError("limit-exceeded", `the index ${digest} leads to more than ${mostManifests} manifests`);
    }
    const manifest = asObject(parseDocument(await folder.document(wanted), `the manifest ${wanted}`));
    for (const layer of Array.isArray(manifest["layers"]) ? manifest["layers"].map(asObject) : []) {
      const { digest: blob, size } = layer;
      if (typeof blob === "string" && typeof size === "number" && size >= 0) sizes.set(blob, size);
    }
    const config = asObject(manifest["config"])["digest"];
    if (typeof config === "string" && hasLayers(manifest)) await folder.document(config);
    if (!Array.isArray(manifest["manifests"]) || depth + 1 >= deepestIndex) return;
    const wantedPlatform = platform ?? hostPlatform();
    const { matching, others, platforms } = imagesFor(manifest["manifests"].map(asObject), {
      platform: wantedPlatform,
      manifestDigest,
    });
    const failure = await fetchAny(matching, depth + 1);
    if (failure === undefined) return;
    if (platform === undefined && (await fetchAny(others, depth + 1)) === undefined) return;
    if (failure !== "none") throw failure;
    if (platform !== undefined && others.length > 0) throw noSuchPlatform(platform, { what: folder.name, platforms });
  };
  /** Undefined when one of them is there, else the failure to get the first. */
  const fetchAny = async (digests: readonly string[], depth: number): Promise<PlimsollError | "none" | undefined> => {
    const failures: PlimsollError[] = [];
    for (const wanted of digests) {
      try {
        await fetch(wanted, depth);
      } catch (error) {
        if (!(error instanceof PlimsollError) || !passedOver.has(error.code)) throw error;
        failures.push(error);
      }
    }
    return digests.length > failures.length ? undefined : (failures[0] ?? "none");
  };
  await fetch(digest, 0);
  return sizes;
}

/** What leads to nothing in one part of an index may be in another. */
const passedOver: ReadonlySet<string> = new Set(["image-not-found", "platform-not-found"]);

/**
 * The images of an index, those for the platform and the others, or the single wanted manifest; an entry without a
 * platform is an attestation.
 */
function imagesFor(
  descriptors: readonly JsonObject[],
  { platform, manifestDigest }: { readonly platform: string; readonly manifestDigest: string | undefined },
): {
  readonly matching: readonly string[];
  readonly others: readonly string[];
  readonly platforms: readonly (string | undefined)[];
} {
  const images = descriptors.flatMap((descriptor) => {
    const own = platformOf(asObject(descriptor["platform"])).platform;
    const { digest } = descriptor;
    return typeof digest === "string" && own !== "unknown/unknown" ? [{ digest, own }] : [];
  });
  const isListed = images.some(({ digest }) => digest === manifestDigest);
  const isFor = ({ digest, own }: { readonly digest: string; readonly own: string | undefined }): boolean =>
    isListed ? digest === manifestDigest : own === undefined || matchesPlatform(own, platform);
  return {
    matching: images.filter(isFor).map(({ digest }) => digest),
    others: images.filter((image) => !isFor(image)).map(({ digest }) => digest),
    platforms: images.map(({ own }) => own),
  };
}

/** Blobs on disk, laid out as in an OCI layout. */
class BlobFolder implements Disposable {
  readonly #folder = new TemporaryFolder("plimsoll-");
  readonly name: string;
  readonly #source: BlobSource;
  readonly #signal: AbortSignal;
  readonly #files = new Map<string, Promise<DiskFile>>();

  constructor(source: BlobSource, signal: AbortSignal) {
    this.name = source.name;
    this.#source = source;
    this.#signal = signal;
  }

  get path(): string {
    return this.#folder.path;
  }

  async document(digest: string): Promise<Buffer> {
    const file = await this.#file(digest, largestDocument);
    return file.read(0, file.size);
  }

  layer(digest: string, largestLayer: number | undefined): Tree {
    return {
      walk: async (visitor, options) => {
        const file = await this.#file(digest, Number.MAX_SAFE_INTEGER);
        const tree = new LayerTree(
          { file, offset: 0, size: file.size },
          { expected: { digest, of: "stored" }, ...(largestLayer === undefined ? {} : { largestLayer }) },
        );
        return tree.walk(visitor, options);
      },
    };
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.values()) {
      file.then(
        (open) => open[Symbol.dispose](),
        () => undefined,
      );
    }
    this.#folder[Symbol.dispose]();
  }

  #file(digest: string, limit: number): Promise<DiskFile> {
    let file = this.#files.get(digest);
    if (!file) {
      file = this.#fetch(digest, limit);
      this.#files.set(digest, file);
    }
    return file;
  }

  async #fetch(digest: string, limit: number): Promise<DiskFile> {
    const parts = /^(sha256|sha512):([0-9a-f]{64}|[0-9a-f]{128})$/.exec(digest);
    if (!parts)
      throw new PlimsollError(
        "layout-malformed",
        `an image from ${this.#source.name} names a blob that is not a digest`,
      );
    const path = join(this.path, "blobs", parts[1] ?? "", parts[2] ?? "");
    // An incomplete file must not be taken for the blob.
    const partial = `${path}.partial`;
    try {
      makeFolder(dirname(path));
      await pipeline(
        limited(this.#source.read(digest, this.#signal), limit, digest),
        createWriteStream(partial, { mode: 0o600 }),
      );
      renameSync(partial, path);
    } catch (error) {
      if (error instanceof PlimsollError) throw error;
      throw new PlimsollError("target-unreadable", `${digest} cannot be fetched to ${tmpdir()}: ${reasonOf(error)}`, {
        hint: temporarySpaceHint,
        cause: error,
      });
    }
    return new DiskFile(path);
  }
}

async function* limited(pieces: AsyncIterable<Uint8Array>, limit: number, digest: string): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limit) throw new PlimsollError("limit-exceeded", `${digest} is larger than ${limit} bytes`);
    yield piece;
  }
}

import { createHash } from "node:crypto";
import { dockerListMembers } from "../../io/documents/ambiguous-document.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Image, ImageOptions } from "./image.ts";
import { matchesPlatform, noSuchImage, noSuchPlatform } from "./image-choice.ts";
import { asObject, parseDocument, readImageConfig } from "./image-config.ts";
import { type LayoutFiles, readDocument } from "./layout-files.ts";
import { MissingPart } from "./missing-part.ts";
import { type LayerPlace, openLayers } from "./open-layers.ts";
import { pickByLastPart, pickExactlyNamed, pickNamed } from "./pick-named.ts";

/**
 * The archive of `docker save`, also written by podman, skopeo, kaniko, bazel and nix: `manifest.json` lists images,
 * each with the paths of its config and of its layers. Since Docker 25 the paths point into an OCI layout
 * (`blobs/sha256/…`).
 *
 * Source: moby image/tarexport; docker/docs "Image specification v1.2".
 */
interface ManifestItem {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
}

/** The path that marks a docker-save archive. */
export const dockerManifestPath = "manifest.json";

/**
 * Opens an image of a docker-save archive; the image owns `files` from then on.
 * Errors: `layout-malformed`, `image-not-found`, `platform-not-found`, `limit-exceeded`.
 */
export function openDockerArchive(files: LayoutFiles, options: ImageOptions): Image {
  const items = readManifest(files);
  // Whoever names an image does not ask for those of other names. When several items have one tag, Docker gives it to
  // the last.
  const named = choose(items, files, options);
  const isNamed = options.reference !== undefined;
  const { platform } = options;
  const platforms = new Platforms(files);
  const chosen = named.find((item) => platforms.match(item, platform)) ?? named[0];
  if (!chosen) throw noSuchImage(options.reference, { layout: files.name, names: items.flatMap(namesOf) });
  const bytes = readDocument(files, chosen.config);
  if (!bytes) throw malformed(files, `its config ${chosen.config} is missing`, new MissingPart());
  const config = readImageConfig(bytes, `the image config in ${files.name}`, files.parsed);
  if (platform !== undefined && config.platform !== undefined && !matchesPlatform(config.platform, platform)) {
    throw noSuchPlatform(platform, {
      what: files.name,
      platforms: named.map((item) => platforms.of(item)),
    });
  }
  const others = named.filter((item) => !isSameItem(item, chosen) && (!isNamed || platforms.match(item, platform)));
  return {
    id: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
    tags: chosen.tags,
    ...(config.platform === undefined ? {} : { platform: config.platform }),
    user: config.user,
    config: config.json,
    layers: openLayers(files, chosen.layers.map(placeOf), { config, options }),
    unexamined: others.map(({ tags: [tag], config: path }) => {
      return tag === undefined || chosen.tags.includes(tag) ? path : tag;
    }),
    [Symbol.dispose]: () => files[Symbol.dispose](),
  };
}

function isSameItem(one: ManifestItem, other: ManifestItem): boolean {
  if (one === other) return true;
  const { length } = one.layers;
  if (one.config !== other.config || length !== other.layers.length) return false;
  return one.layers.every((layer, index) => layer === other.layers[index]);
}

/** An image that `manifest.json` lists. */
export interface ListedImage {
  /** The path of its config. */
  readonly config: string;
  /** The digest of its config. */
  readonly id: string;
  readonly tags: readonly string[];
  /** The paths of its layers, lowest first. */
  readonly layers: readonly string[];
}

/**
 * All images that `manifest.json` lists and of which the config is there. Errors: `layout-malformed`, `limit-exceeded`.
 */
export function listedImages(files: LayoutFiles): readonly ListedImage[] {
  const ids = new Map<string, string | undefined>();
  return readManifest(files).flatMap(({ config, tags, layers }) => {
    if (!ids.has(config)) ids.set(config, idOf(files, config));
    const hex = ids.get(config);
    return hex === undefined ? [] : [{ config, id: `sha256:${hex}`, tags, layers }];
  });
}

function readManifest(files: LayoutFiles): readonly ManifestItem[] {
  const bytes = readDocument(files, dockerManifestPath);
  if (!bytes) throw malformed(files, "its manifest.json is missing", new MissingPart());
  const { parsed } = files;
  const list = parseDocument(bytes, `manifest.json in ${files.name}`, { members: dockerListMembers, parsed });
  if (!Array.isArray(list)) throw malformed(files, "its manifest.json is not a list of images");
  const items = list.flatMap((item) => readItem(item) ?? []);
  if (items.length === 0 || items.length !== list.length)
    throw malformed(files, "its manifest.json lists no usable image");
  return items;
}

/** Go writes an empty list as null. */
function readItem(value: unknown): ManifestItem | undefined {
  const { Config: config, RepoTags: tags, Layers: list } = asObject(value);
  const layers = list === null ? [] : list;
  if (typeof config !== "string" || !Array.isArray(layers)) return undefined;
  if (!layers.every((layer) => typeof layer === "string")) return undefined;
  return { config, layers, tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [] };
}

/**
 * True when there is a `manifest.json` of an archive of images and the config of the first one: many other things have
 * a file of that name. Error: `target-unreadable`.
 */
export function isDockerArchive(files: LayoutFiles): boolean {
  const range = files.range(dockerManifestPath);
  if (!range || range.size > largestGuess) return false;
  const bytes = range.file.read(range.offset, range.size);
  if (!bytes.includes('"Config"') || !bytes.includes('"Layers"')) return false;
  const list = looselyParsed(bytes);
  const first = Array.isArray(list) ? readItem(list[0]) : undefined;
  return first !== undefined && files.range(first.config) !== undefined;
}

/**
 * False when `manifest.json` is something else: Docker and Podman take nothing but a list of objects that name configs.
 * Error: `limit-exceeded`, `layout-malformed` for one that cannot be read.
 */
export function mayListImages(files: LayoutFiles): boolean {
  const bytes = readDocument(files, dockerManifestPath);
  if (!bytes) return false;
  const value = looselyParsed(bytes);
  // Text that is not JSON may be a list with trailing data, which Docker does not read to its end.
  if (value === undefined) return bytes.toString("latin1").trimStart().startsWith("[");
  return Array.isArray(value) && value.some((item) => Object.keys(asObject(item)).some((key) => /^config$/i.test(key)));
}

/** The largest `manifest.json` that is parsed to see what it is: that of 100 images with 100 layers each. */
const largestGuess: number = 1024 * 1024;

function looselyParsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

/**
 * By the path of the config or a whole tag, else by the last part of one, by the id or its beginning, which is the
 * digest of the config, or by the last part of a name whose tag is `latest`.
 */
function choose(
  items: readonly ManifestItem[],
  files: LayoutFiles,
  { reference }: ImageOptions,
): readonly ManifestItem[] {
  if (reference === undefined) return items;
  const exact = pickExactlyNamed(items, { reference, namesOf: ({ tags, config }) => [...tags, config] });
  if (exact.length > 0) return exact;
  const byLastPart = pickByTag(items, reference);
  if (byLastPart.length > 0) return byLastPart;
  const [, hex] = /^(?:sha256:)?([0-9a-f]{4,64})$/.exec(reference) ?? [];
  const byId = hex === undefined ? [] : items.filter(({ config }) => idOf(files, config)?.startsWith(hex));
  if (byId.length > 0) return new Set(byId.map(({ config }) => config)).size === 1 ? byId : [];
  return pickByTag(items, `${reference}:latest`);
}

function idOf(files: LayoutFiles, config: string): string | undefined {
  const bytes = readDocument(files, config);
  return bytes && createHash("sha256").update(bytes).digest("hex");
}

/** The platforms of images, of which each config is read once. */
class Platforms {
  readonly #files: LayoutFiles;
  readonly #known = new Map<string, string | undefined>();

  constructor(files: LayoutFiles) {
    this.#files = files;
  }

  of({ config }: ManifestItem): string | undefined {
    if (!this.#known.has(config)) {
      const bytes = readDocument(this.#files, config);
      const { name, parsed } = this.#files;
      this.#known.set(config, bytes && readImageConfig(bytes, `the image config in ${name}`, parsed).platform);
    }
    return this.#known.get(config);
  }

  /** True for what is for the wanted platform, and for anything where none is wanted. */
  match(item: ManifestItem, wanted: string | undefined): boolean {
    if (wanted === undefined) return true;
    const own = this.of(item);
    return own !== undefined && matchesPlatform(own, wanted);
  }
}

function namesOf({ tags, config }: ManifestItem): readonly string[] {
  return tags.length === 0 ? [config] : tags;
}

/** The images of a list that a reference means by their tags. */
export function pickTagged(items: readonly ListedImage[], reference: string): readonly ListedImage[] {
  return pickNamed(items, { reference, namesOf: ({ tags }) => tags, boundaries: "/" });
}

function pickByTag(items: readonly ManifestItem[], reference: string): readonly ManifestItem[] {
  return pickByLastPart(items, { reference, namesOf: ({ tags }) => tags, boundaries: "/" });
}

function placeOf(path: string): LayerPlace {
  const digest = /^blobs\/(sha256|sha512)\/([0-9a-f]{64,128})$/.exec(path);
  return { path, name: path, digest: digest ? `${digest[1]}:${digest[2]}` : undefined };
}

function malformed(files: LayoutFiles, reason: string, cause?: MissingPart): PlimsollError {
  return new PlimsollError("layout-malformed", `${files.name} is not a complete docker archive: ${reason}`, {
    cause,
    hint: "Save the image again with docker save.",
  });
}

import { createHash } from "node:crypto";
import { PlimsollError } from "../../model/error.ts";
import type { Image, ImageOptions } from "./image.ts";
import { matchesPlatform, noSuchImage } from "./image-choice.ts";
import { asObject, parseJson, readImageConfig } from "./image-config.ts";
import { type LayoutFiles, readDocument } from "./layout-files.ts";
import { type LayerPlace, openLayers } from "./open-layers.ts";

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
  const named = choose(items, files, options);
  const chosen = named.find((item) => isFor(item, files, options.platform)) ?? named[0];
  if (!chosen) throw noSuchImage(options.reference, { layout: files.name, names: items.map(nameOf) });
  const bytes = readDocument(files, chosen.config);
  if (!bytes) throw malformed(files, `its config ${chosen.config} is missing`);
  const config = readImageConfig(bytes, `the image config in ${files.name}`);
  if (
    options.platform !== undefined &&
    config.platform !== undefined &&
    !matchesPlatform(config.platform, options.platform)
  ) {
    throw new PlimsollError("platform-not-found", `${files.name} holds ${config.platform}, not ${options.platform}`);
  }
  // Whoever names an image does not ask for the others.
  const others = options.reference === undefined ? items.filter((item) => item !== chosen) : [];
  return {
    id: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
    tags: chosen.tags,
    ...(config.platform === undefined ? {} : { platform: config.platform }),
    user: config.user,
    config: config.json,
    layers: openLayers(files, chosen.layers.map(placeOf), { config, options }),
    unexamined: others.map(nameOf),
    [Symbol.dispose]: () => files[Symbol.dispose](),
  };
}

function readManifest(files: LayoutFiles): readonly ManifestItem[] {
  const bytes = readDocument(files, dockerManifestPath);
  if (!bytes) throw malformed(files, "its manifest.json is missing");
  const list = parseJson(bytes, `manifest.json in ${files.name}`);
  if (!Array.isArray(list)) throw malformed(files, "its manifest.json is not a list of images");
  const items = list.map(asObject).flatMap((item): ManifestItem[] => {
    const { Config: config, RepoTags: tags, Layers: layers } = item;
    if (typeof config !== "string" || !Array.isArray(layers)) return [];
    if (!layers.every((layer) => typeof layer === "string")) return [];
    return [{ config, layers, tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [] }];
  });
  if (items.length === 0 || items.length !== list.length)
    throw malformed(files, "its manifest.json lists no usable image");
  return items;
}

/** By a tag, the path of the config, or the id or its beginning, which is the digest of the config. */
function choose(
  items: readonly ManifestItem[],
  files: LayoutFiles,
  { reference }: ImageOptions,
): readonly ManifestItem[] {
  if (reference === undefined) return items;
  const byName = items.filter(
    ({ tags, config }) => config === reference || tags.some((tag) => isNamedBy(tag, reference)),
  );
  const [, hex] = /^(?:sha256:)?([0-9a-f]{4,64})$/.exec(reference) ?? [];
  if (byName.length > 0 || hex === undefined) return byName;
  const byId = items.filter(({ config }) => idOf(files, config)?.startsWith(hex));
  return new Set(byId.map(({ config }) => config)).size === 1 ? byId : [];
}

function idOf(files: LayoutFiles, config: string): string | undefined {
  const bytes = readDocument(files, config);
  return bytes && createHash("sha256").update(bytes).digest("hex");
}

function isFor({ config }: ManifestItem, files: LayoutFiles, platform: string | undefined): boolean {
  if (platform === undefined) return true;
  const bytes = readDocument(files, config);
  const own = bytes && readImageConfig(bytes, `the image config in ${files.name}`).platform;
  return own !== undefined && matchesPlatform(own, platform);
}

function nameOf({ tags, config }: ManifestItem): string {
  return tags[0] ?? config;
}

function isNamedBy(tag: string, reference: string): boolean {
  return tag === reference || tag === `docker.io/${reference}` || tag.slice(tag.lastIndexOf("/") + 1) === reference;
}

function placeOf(path: string): LayerPlace {
  const digest = /^blobs\/(sha256|sha512)\/([0-9a-f]{64,128})$/.exec(path);
  return { path, name: path, digest: digest ? `${digest[1]}:${digest[2]}` : undefined };
}

function malformed(files: LayoutFiles, reason: string): PlimsollError {
  return new PlimsollError("layout-malformed", `${files.name} is not a whole docker archive: ${reason}`, {
    hint: "Save the image again with docker save.",
  });
}

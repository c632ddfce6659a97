import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type TarMember, tar } from "./tar.ts";

/** One layer of a test image. What is not given is true; what is given is written, true or not. */
export interface LayerSpec {
  readonly members?: readonly TarMember[];
  /** The stored bytes instead of a tar of `members`. */
  readonly bytes?: Uint8Array;
  readonly compression?: "gzip" | "zstd" | "none";
  /** What a manifest says that the layer is, in the place of what it is. */
  readonly mediaType?: string;
  readonly createdBy?: string;
  /** The digest of the stored bytes to claim. */
  readonly digest?: string;
  /** The digest of the uncompressed tar to claim. */
  readonly diffId?: string;
  /** Name the layer in the manifest and leave it out of the archive. */
  readonly missing?: boolean;
  /** The path to name in a docker-save manifest. */
  readonly path?: string;
}

/** What a test image says about itself. */
export interface ImageSpec {
  readonly layers: readonly LayerSpec[];
  readonly tags?: readonly string[];
  readonly architecture?: string;
  readonly os?: string;
  readonly variant?: string;
  readonly user?: string;
  /** Instead of one entry for each layer. */
  readonly history?: readonly unknown[];
  /** Fields to set in the config, or to replace there. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The files of a layout by path. */
export type LayoutContent = Readonly<Record<string, Uint8Array>>;

/** `sha256:<hex>` of some bytes. */
export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

const built = new WeakMap<LayerSpec, { readonly plain: Uint8Array; readonly stored: Uint8Array }>();

/** The tar of a layer, and its bytes as stored. */
function buildLayer(layer: LayerSpec): { readonly plain: Uint8Array; readonly stored: Uint8Array } {
  const known = built.get(layer);
  if (known) return known;
  const { members = [], bytes, compression = "none" } = layer;
  const plain = bytes ?? tar(members);
  const isPlain = bytes !== undefined || compression === "none";
  const stored = isPlain ? plain : compression === "gzip" ? gzipSync(plain) : zstdCompressSync(plain);
  built.set(layer, { plain, stored });
  return { plain, stored };
}

/** The files that `docker save` wrote before version 25: a folder for each layer, named by the order here. */
export function legacyDockerLayout(images: readonly ImageSpec[]): LayoutContent {
  const files: Record<string, Uint8Array> = {};
  const manifest = images.map((image, position) => {
    const config = configBytes(image);
    const configPath = `${sha256(config).slice(7)}.json`;
    files[configPath] = config;
    const paths = image.layers.map((layer, index) => {
      const path = layer.path ?? `${String(position).padStart(4, "0")}${String(index).padStart(60, "0")}/layer.tar`;
      if (!layer.missing) files[path] = buildLayer(layer).stored;
      return path;
    });
    return { Config: configPath, RepoTags: image.tags ?? null, Layers: paths };
  });
  return { ...files, "manifest.json": json(manifest) };
}

/** The files that `docker save` writes since version 25: an OCI layout and a manifest.json that points into it. */
export function dockerLayout(images: readonly ImageSpec[]): LayoutContent {
  const manifest = images.map((image) => ({
    Config: blobPath(sha256(configBytes(image))),
    RepoTags: image.tags ?? null,
    Layers: image.layers.map((layer) => layer.path ?? blobPath(claimedDigest(layer))),
  }));
  return { ...ociLayout(images), "manifest.json": json(manifest) };
}

/** An OCI image layout; each image's tags are its names in the index. */
export function ociLayout(images: readonly ImageSpec[]): LayoutContent {
  const files: Record<string, Uint8Array> = { "oci-layout": json({ imageLayoutVersion: "1.0.0" }) };
  const manifests = images.map((image) => {
    const config = configBytes(image);
    files[blobPath(sha256(config))] = config;
    for (const layer of image.layers) {
      if (!layer.missing) files[blobPath(claimedDigest(layer))] = buildLayer(layer).stored;
    }
    const manifest = manifestBytes(image);
    files[blobPath(sha256(manifest))] = manifest;
    return {
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      digest: sha256(manifest),
      size: manifest.length,
      platform: platformOf(image),
      ...(image.tags?.[0] === undefined ? {} : { annotations: { "org.opencontainers.image.ref.name": image.tags[0] } }),
    };
  });
  return { ...files, "index.json": json({ schemaVersion: 2, manifests }) };
}

/** The manifest of an image in an OCI layout. */
function manifestBytes(image: ImageSpec): Buffer {
  const config = configBytes(image);
  return json({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: sha256(config), size: config.length },
    layers: image.layers.map((layer) => ({
      mediaType:
        layer.mediaType ?? `application/vnd.oci.image.layer.v1.tar${layer.compression ? `+${layer.compression}` : ""}`,
      digest: claimedDigest(layer),
      size: buildLayer(layer).stored.length,
    })),
  });
}

/** A layout as one tar. */
export function layoutTar(files: LayoutContent): Buffer {
  return tar(Object.entries(files).map(([name, content]) => ({ name, content })));
}

/** Writes a layout to a folder. */
export function writeLayout(folder: string, files: LayoutContent): void {
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

function configBytes(image: ImageSpec): Buffer {
  return json({
    ...platformOf(image),
    config: { ...(image.user === undefined ? {} : { User: image.user }) },
    rootfs: { type: "layers", diff_ids: image.layers.map((layer) => layer.diffId ?? sha256(buildLayer(layer).plain)) },
    history: image.history ?? image.layers.map(({ createdBy = "COPY . /" }) => ({ created_by: createdBy })),
    ...image.config,
  });
}

function claimedDigest(layer: LayerSpec): string {
  return layer.digest ?? sha256(buildLayer(layer).stored);
}

function platformOf({ os = "linux", architecture = "amd64", variant }: ImageSpec): Record<string, string> {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** A layout of what `manifest.json` names and what `index.json` names. */
export function layoutOfTwoLists(named: readonly ImageSpec[], indexed: readonly ImageSpec[]): LayoutContent {
  const own = dockerLayout(named);
  return { ...own, ...ociLayout(indexed), "manifest.json": own["manifest.json"] ?? Buffer.alloc(0) };
}

import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json-object.ts";
import type { Image, ImageOptions } from "../image/image.ts";
import { asObject, parseJson } from "../image/image-config.ts";
import { type ImageName, imageNameOf } from "./image-name.ts";
import { isFile, isFolder, readStoreFile } from "./store-files.ts";
import { openUnpackedImage, type StoredLayer } from "./unpacked-image.ts";

/**
 * The store of Podman, CRI-O and Buildah (`/var/lib/containers/storage`, rootless `~/.local/share/containers/storage`), with the
 * drivers overlay and vfs.
 *
 * - `<driver>-images/images.json`: a list of images with `id`, `digest`, `names` and `layer`, the uppermost;
 * - `<driver>-images/<id>/<key>`: big data, `manifest` and the config under its digest. A key with other characters than letters,
 *   digits, `.` and `-` is written as `=` and its base64;
 * - `<driver>-layers/layers.json` and `volatile-layers.json`: lists of layers with `id`, `parent` and `diff-digest`;
 * - `<driver>-layers/<id>.tar-split.gz`: the record of the layer's tar;
 * - `overlay/<id>/diff` and `vfs/dir/<id>`: the files.
 *
 * Source: containers/storage `images.go`, `layers.go`, `drivers/overlay`, `drivers/vfs`.
 */
const contentFolders: Readonly<Record<string, (root: string, layer: string) => string>> = {
  overlay: (root, layer) => join(root, "overlay", layer, "diff"),
  vfs: (root, layer) => join(root, "vfs", "dir", layer),
};

interface ImageRecord {
  readonly id: string;
  readonly digest: string;
  readonly names: readonly string[];
  readonly layer: string;
}

const idPattern = /^[0-9a-f]{64}$/;
const mostLayers = 1_000;

/**
 * Opens an image by its name, its id or the beginning of its id; undefined when the store has none.
 * Errors: `target-unreadable`, `layout-malformed`, `limit-exceeded`, and those of `openUnpackedImage`.
 */
export function openContainersStorage(root: string, reference: string, options: ImageOptions): Image | undefined {
  const name = imageNameOf(reference);
  for (const [driver, contentFolder] of Object.entries(contentFolders)) {
    const list = readStoreFile(join(root, `${driver}-images`, "images.json"));
    if (!list) continue;
    const images = recordsOf(list, `images.json in ${root}`).flatMap(imageRecord);
    const image = choose(images, name);
    if (image) return openRecord(image, { root, driver, contentFolder, options });
  }
  return undefined;
}

/** True when a folder has the form of such a store. Error: `target-unreadable`. */
export function isContainersStorage(root: string): boolean {
  return Object.keys(contentFolders).some((driver) => isFile(join(root, `${driver}-images`, "images.json")));
}

function openRecord(
  image: ImageRecord,
  {
    root,
    driver,
    contentFolder,
    options,
  }: {
    readonly root: string;
    readonly driver: string;
    readonly contentFolder: (root: string, layer: string) => string;
    readonly options: ImageOptions;
  },
): Image {
  const bigData = (key: string): Buffer | undefined =>
    readStoreFile(join(root, `${driver}-images`, image.id, bigDataName(key)));
  const manifest = bigData("manifest");
  const descriptor = asObject(manifest && asObject(parseJson(manifest, `the manifest of ${image.id}`))["config"]);
  const configDigest = typeof descriptor["digest"] === "string" ? descriptor["digest"] : `sha256:${image.id}`;
  const config = /^sha(?:256|512):[0-9a-f]+$/.test(configDigest) ? bigData(configDigest) : undefined;
  if (!config) {
    throw new PlimsollError("layout-malformed", `the store ${root} has no config for the image ${image.id}`, {
      hint: "Pull or build the image again.",
    });
  }
  return openUnpackedImage(
    {
      store: root,
      id: configDigest,
      config,
      ...(image.digest === "" ? {} : { manifestDigest: image.digest }),
      tags: image.names,
      layers: () => findLayers(image.layer, { root, driver, contentFolder }),
    },
    options,
  );
}

/** From the uppermost layer down, handed back lowest first; undefined when one is missing or was not kept with its record. */
function findLayers(
  top: string,
  {
    root,
    driver,
    contentFolder,
  }: {
    readonly root: string;
    readonly driver: string;
    readonly contentFolder: (root: string, layer: string) => string;
  },
): StoredLayer[] | undefined {
  const known = new Map<string, JsonObject>();
  for (const file of ["layers.json", "volatile-layers.json"]) {
    const list = readStoreFile(join(root, `${driver}-layers`, file));
    for (const layer of list ? recordsOf(list, `${file} in ${root}`) : []) {
      if (typeof layer["id"] === "string") known.set(layer["id"], layer);
    }
  }
  const found: StoredLayer[] = [];
  for (let id: unknown = top; typeof id === "string" && id !== ""; ) {
    const layer = known.get(id);
    const record = join(root, `${driver}-layers`, `${id}.tar-split.gz`);
    if (!layer || !idPattern.test(id) || found.length > mostLayers || !isFile(record)) return undefined;
    const folder = contentFolder(root, id);
    if (!isFolder(folder)) return undefined;
    const { "diff-digest": diffId, "diff-size": size } = layer;
    found.push({
      record,
      folder,
      diffId: typeof diffId === "string" ? diffId : undefined,
      size: typeof size === "number" && size > 0 ? size : 0,
    });
    id = layer["parent"];
  }
  return found.reverse();
}

function bigDataName(key: string): string {
  return /^[a-z0-9.-]+$/i.test(key) ? key : `=${Buffer.from(key).toString("base64")}`;
}

function recordsOf(bytes: Buffer, name: string): JsonObject[] {
  const list = bytes.length === 0 ? [] : parseJson(bytes, name);
  return Array.isArray(list) ? list.map(asObject) : [];
}

function imageRecord({ id, digest, names, layer }: JsonObject): ImageRecord[] {
  if (typeof id !== "string" || !idPattern.test(id)) return [];
  return [
    {
      id,
      digest: typeof digest === "string" ? digest : "",
      names: Array.isArray(names) ? names.filter((name) => typeof name === "string") : [],
      layer: typeof layer === "string" ? layer : "",
    },
  ];
}

/** A name counts before the beginning of an id, a full name before a short one. */
function choose(images: readonly ImageRecord[], name: ImageName): ImageRecord | undefined {
  for (const candidate of name.full) {
    const found = images.find(({ names }) => names.includes(candidate));
    if (found) return found;
  }
  if (name.digest !== undefined) {
    const { digest, repository } = name;
    const found = images.find(
      (image) =>
        image.digest === digest &&
        image.names.some((text) => text.startsWith(`${repository}:`) || text.startsWith(`${repository}@`)),
    );
    if (found) return found;
  }
  if (name.suffix !== undefined) {
    const { suffix } = name;
    const found = images.filter(({ names }) => names.some((text) => text.endsWith(`/${suffix}`)));
    if (found.length === 1) return found[0];
  }
  const begin = name.idBeginning;
  const byId = begin === undefined ? [] : images.filter(({ id }) => id.startsWith(begin));
  return byId.length === 1 ? byId[0] : undefined;
}

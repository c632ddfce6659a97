import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json-object.ts";
import { locateTable } from "../image/chunked/locate-table.ts";
import type { Image, ImageOptions } from "../image/image.ts";
import { asObject, parseJson, readImageConfig } from "../image/image-config.ts";
import { type ImageName, imageNameOf } from "./image-name.ts";
import { findPartialLayer } from "./partial-layer.ts";
import { isFile, isFolder, readStoreFile } from "./store-files.ts";
import { openUnpackedImage, type StoredLayer } from "./unpacked-image.ts";

/**
 * The store of Podman, CRI-O and Buildah (`/var/lib/containers/storage`, rootless `~/.local/share/containers/storage`),
 * with the drivers overlay and vfs.
 *
 * - `<driver>-images/images.json`: a list of images with `id`, `digest`, `names` and `layer`, the uppermost;
 * - `<driver>-images/<id>/<key>`: big data, `manifest` and the config under its digest. A key with other characters
 *   than letters, digits and `.` is written as `=` and its base64;
 * - `<driver>-layers/layers.json` and `volatile-layers.json`: lists of layers with `id`, `parent`, `diff-digest` and
 *   `toc-digest`;
 * - `<driver>-layers/<id>.tar-split.gz`: the record of the layer's tar;
 * - `<driver>-layers/<id>/<key>`: big data of a layer that was pulled in part, `zstd-chunked-manifest`, its table of
 *   contents, and `zstd-chunked-layer-data`, which says how its files lie: `{"format":0}` by their names, `1` by their
 *   digests, for composefs;
 * - `overlay/<id>/diff` and `vfs/dir/<id>`: the files.
 *
 * The `diff-digest` of a layer that was pulled in part is that of the compressed layer where Podman 4.3 wrote it, and
 * missing where a later one did.
 *
 * Source: containers/storage `images.go`, `layers.go`, `store.go`, `drivers/overlay`, `drivers/vfs`, `pkg/chunked`.
 */
const contentFolders: Readonly<Record<string, ContentFolder>> = {
  overlay: (root, layer) => join(root, "overlay", layer, "diff"),
  vfs: (root, layer) => join(root, "vfs", "dir", layer),
};

type ContentFolder = (root: string, layer: string) => string;

/** A store of one driver. */
interface Store {
  readonly root: string;
  readonly driver: string;
  readonly contentFolder: ContentFolder;
}

interface ImageRecord {
  readonly id: string;
  readonly digest: string;
  readonly names: readonly string[];
  readonly layer: string;
}

const idPattern = /^[0-9a-f]{64}$/;
const mostLayers = 1_000;

/** How an image of such a store is opened. */
export interface ContainersStorageOptions extends ImageOptions {
  /** Fewer digits, without `sha256:` before, are no beginning of an id but a name: `db`, `cafe`. 2 unless given. */
  readonly fewestIdDigits?: number;
}

/**
 * Opens an image by its name, its id or the beginning of its id; undefined when the store has none. Errors: `usage` for
 * what names several, `target-unreadable`, also when no image has the name and entries of the list are no images,
 * `layout-malformed`, `limit-exceeded`, and those of `openUnpackedImage`.
 */
export function openContainersStorage(
  root: string,
  reference: string,
  options: ContainersStorageOptions,
): Image | undefined {
  const { idBeginning, ...names } = imageNameOf(reference);
  const isId = reference.startsWith("sha256:") || (idBeginning?.length ?? 0) >= (options.fewestIdDigits ?? 0);
  const name = isId && idBeginning !== undefined ? { ...names, idBeginning } : names;
  const damages: string[] = [];
  for (const [driver, contentFolder] of Object.entries(contentFolders)) {
    const { images, damage } = imagesOf(root, driver);
    if (damage !== undefined) damages.push(damage);
    const image = choose(images, { name, root });
    if (image) return openRecord(image, { root, driver, contentFolder }, options);
  }
  if (damages.length === 0) return undefined;
  const message = `${damages.join(", ")}, so it cannot be told whether it has ${JSON.stringify(reference)}`;
  throw new PlimsollError("target-unreadable", message, { hint });
}

const hint = "See what podman images --all says of the store.";

/**
 * The digest by which a registry gave the image of this id, `sha256:…`; undefined for one that is not there, and for
 * one that was built or loaded here: a push packs its layers, which gives another digest. Such an image has its layers
 * under the digests of their tars.
 */
export function pulledDigest(root: string, id: string): string | undefined {
  const hex = id.replace("sha256:", "");
  for (const [driver, contentFolder] of Object.entries(contentFolders)) {
    const image = imagesOf(root, driver).images.find((one) => one.id === hex);
    if (!image) continue;
    const { manifest, config } = documentsOf(image, { root, driver, contentFolder });
    const layers = objectsIn(manifest["layers"]).map(({ digest }) => digest);
    const diffIds = config ? readImageConfig(config, `the config of ${hex}`).diffIds : [];
    const isPacked = layers.length > 0 && diffIds.length > 0 && !layers.some((digest) => diffIds.includes(`${digest}`));
    return isPacked && image.digest !== "" ? image.digest : undefined;
  }
  return undefined;
}

/** True when a folder has the form of such a store. Error: `target-unreadable`. */
export function isContainersStorage(root: string): boolean {
  return Object.keys(contentFolders).some((driver) => isFile(join(root, `${driver}-images`, "images.json")));
}

/** The images of a driver, and a clause about entries that are none. */
function imagesOf(
  root: string,
  driver: string,
): { readonly images: readonly ImageRecord[]; readonly damage: string | undefined } {
  const list = { root, folder: `${driver}-images`, file: "images.json" };
  const records = recordsOf(list);
  const images = records.flatMap(imageRecord);
  return { images, damage: damageOf(records.length - images.length, { list, kind: "image" }) };
}

function openRecord(image: ImageRecord, store: Store, options: ImageOptions): Image {
  const { root } = store;
  const { manifest, config, configDigest } = documentsOf(image, store);
  if (!config && "manifests" in manifest) {
    throw new PlimsollError("layout-malformed", `${image.names[0] ?? image.id} is a list of images and none itself`, {
      hint: "Scan one of the images that podman manifest inspect shows, or push the list and scan registry:NAME.",
    });
  }
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
      layers: (diffIds) => findLayers(image.layer, { store, diffIds, descriptors: objectsIn(manifest["layers"]) }),
    },
    options,
  );
}

/** The manifest of an image, empty when there is none, and its config. */
function documentsOf(
  { id }: ImageRecord,
  { root, driver }: Store,
): { readonly manifest: JsonObject; readonly configDigest: string; readonly config: Buffer | undefined } {
  const bigData = (key: string): Buffer | undefined =>
    readStoreFile(join(root, `${driver}-images`, id, bigDataName(key)));
  const bytes = bigData("manifest");
  const manifest = asObject(bytes && parseJson(bytes, `the manifest of ${id}`));
  const descriptor = asObject(manifest["config"]);
  const configDigest = typeof descriptor["digest"] === "string" ? descriptor["digest"] : `sha256:${id}`;
  const config = /^sha(?:256|512):[0-9a-f]+$/.test(configDigest) ? bigData(configDigest) : undefined;
  return { manifest, configDigest, config };
}

interface LayerRecord {
  readonly id: string;
  readonly values: JsonObject;
}

/**
 * From the uppermost layer down, handed back lowest first; undefined when one is missing or its content cannot be told.
 */
function findLayers(
  top: string,
  {
    store,
    diffIds,
    descriptors,
  }: { readonly store: Store; readonly diffIds: readonly string[]; readonly descriptors: readonly JsonObject[] },
): StoredLayer[] | undefined {
  const known = new Map<string, JsonObject>();
  const damages: string[] = [];
  for (const file of ["layers.json", "volatile-layers.json"]) {
    const list = { root: store.root, folder: `${store.driver}-layers`, file };
    const values = recordsOf(list);
    const layers = values.flatMap(layerRecord);
    for (const layer of layers) known.set(layer.id, layer.values);
    const damage = damageOf(values.length - layers.length, { list, kind: "layer" });
    if (damage !== undefined) damages.push(damage);
  }
  const records: LayerRecord[] = [];
  for (let id: unknown = top; typeof id === "string" && id !== ""; ) {
    const values = known.get(id);
    if (!values && damages.length > 0) {
      throw new PlimsollError("layout-malformed", `a layer of the image is missing: ${damages.join(", ")}`, { hint });
    }
    if (!values || records.length > mostLayers) return undefined;
    records.push({ id, values });
    id = values["parent"];
  }
  if (records.length !== diffIds.length) return undefined;
  const found: StoredLayer[] = [];
  for (const [index, record] of records.reverse().entries()) {
    const descriptor = descriptors.length === diffIds.length ? descriptors[index] : undefined;
    const layer = storedLayer(record, store, { diffId: diffIds[index] ?? "", descriptor: descriptor ?? {} });
    if (!layer) return undefined;
    found.push(layer);
  }
  return found;
}

/** Undefined when it is not there, is another one, or lies otherwise than by the names of its files. */
function storedLayer(
  { id, values }: LayerRecord,
  { root, driver, contentFolder }: Store,
  { diffId, descriptor }: { readonly diffId: string; readonly descriptor: JsonObject },
): StoredLayer | undefined {
  const layers = join(root, `${driver}-layers`);
  const record = join(layers, `${id}.tar-split.gz`);
  const folder = contentFolder(root, id);
  const data = readStoreFile(join(layers, id, bigDataName("zstd-chunked-layer-data")));
  const { format = 0 } = data ? asObject(parseJson(data, `what ${root} says of the layer ${id}`)) : {};
  if (!isFolder(folder) || format !== 0) return undefined;
  const { "diff-digest": digest, "diff-size": size, "toc-digest": tableDigest } = values;
  if (isFile(record)) {
    return {
      record,
      folder,
      diffId: typeof digest === "string" ? digest : undefined,
      size: typeof size === "number" && size > 0 ? size : 0,
    };
  }
  const pulled = pulledLayer(descriptor);
  const names = [undefined, "", diffId, ...pulled.names];
  if (!names.includes(digest) || !names.includes(tableDigest)) return undefined;
  const table = join(layers, id, bigDataName("zstd-chunked-manifest"));
  return findPartialLayer({ table, folder, chunksEnd: pulled.chunksEnd });
}

/** What the manifest says of a layer: the digests by which a store may name it, and where its chunks end. */
function pulledLayer({ digest, size = 0, annotations }: JsonObject): {
  readonly names: readonly unknown[];
  readonly chunksEnd: number;
} {
  const bytes = typeof size === "number" && size > 0 ? size : Number.MAX_SAFE_INTEGER;
  const texts = Object.entries(asObject(annotations)).filter(
    (pair): pair is [string, string] => typeof pair[1] === "string",
  );
  const location = locateTable(Object.fromEntries(texts), bytes);
  return {
    names: [digest, location?.digest],
    chunksEnd: location?.format === "zstd:chunked" ? location.from : bytes,
  };
}

function bigDataName(key: string): string {
  return /^[a-z0-9.]+$/.test(key) ? key : `=${Buffer.from(key).toString("base64")}`;
}

/** A list of a store, a file in a folder of its root. */
interface StoreList {
  readonly root: string;
  readonly folder: string;
  readonly file: string;
}

/** The entries of a list; one of none may be `null`. Error: `layout-malformed` for what is no list. */
function recordsOf(list: StoreList): readonly JsonObject[] {
  const bytes = readStoreFile(join(list.root, list.folder, list.file));
  const records = (bytes && bytes.length > 0 ? parseJson(bytes, nameOf(list)) : undefined) ?? [];
  if (Array.isArray(records)) return records.map(asObject);
  throw new PlimsollError("layout-malformed", `${nameOf(list)} is no list`, { hint });
}

function nameOf({ root, folder, file }: StoreList): string {
  return `${folder}/${file} in ${root}`;
}

/** A clause; undefined when no entry is lost. */
function damageOf(
  lost: number,
  { list, kind }: { readonly list: StoreList; readonly kind: string },
): string | undefined {
  if (lost === 0) return undefined;
  return lost === 1
    ? `an entry of ${nameOf(list)} is no ${kind}`
    : `${lost} entries of ${nameOf(list)} are no ${kind}s`;
}

function layerRecord(values: JsonObject): LayerRecord[] {
  const { id } = values;
  return typeof id === "string" && idPattern.test(id) ? [{ id, values }] : [];
}

function objectsIn(list: unknown): JsonObject[] {
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

/**
 * A name counts before the beginning of an id, a full name before a short one. Error: `usage` when several are meant.
 */
function choose(
  images: readonly ImageRecord[],
  { name, root }: { readonly name: ImageName; readonly root: string },
): ImageRecord | undefined {
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
  const { suffix, idBeginning: begin } = name;
  const isShort = (text: string): boolean => suffix !== undefined && text.endsWith(`/${suffix}`);
  const byName = images.filter(({ names }) => names.some(isShort));
  if (byName.length === 1) return byName[0];
  const byId = begin === undefined ? [] : images.filter(({ id }) => id.startsWith(begin));
  if (byId.length === 1) return byId[0];
  const names = byName.flatMap((image) => image.names.filter(isShort).slice(0, 1));
  const meant = names.length > 0 ? names : byId.map(({ id }) => id);
  if (meant.length === 0) return undefined;
  const several = `${meant.length} images of the store ${root}`;
  throw new PlimsollError("usage", `${several} are meant by ${JSON.stringify(suffix ?? begin)}`, {
    hint: `Write one of: ${meant.slice(0, 10).join(", ")}.`,
  });
}

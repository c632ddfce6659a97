import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import { mostLayers } from "../../model/images/most-layers.ts";
import { type JsonObject, parseJson as parseText } from "../../model/objects/json-object.ts";
import { isDigest, parseReference } from "../../model/packages/reference.ts";
import { locateTable } from "../image/chunked/locate-table.ts";
import { checkDigest, hashFor } from "../image/digest.ts";
import type { Image, ImageOptions } from "../image/image.ts";
import { asObject, parseDocument, parseJson, readImageConfig } from "../image/image-config.ts";
import { imageNameOf } from "./image-name.ts";
import { findPartialLayer } from "./partial-layer.ts";
import { isFile, isFolder, readStoreFile } from "./store-files.ts";
import { damageOf, recordsOf, seeImages } from "./store-list.ts";
import { chooseImage, type ImageRecord, storedImages } from "./stored-images.ts";
import { openUnpackedImage, type StoredLayer } from "./unpacked-image.ts";

/**
 * The store of Podman, CRI-O and Buildah (`/var/lib/containers/storage`, rootless `~/.local/share/containers/storage`),
 * with the drivers overlay and vfs.
 *
 * - `<driver>-images/images.json`: a list of images with `id`, `names`, `names-history`, `layer`, the uppermost, and
 *   `big-data-digests`. `digest` is that of the manifest that came first, which need not be the one that is kept as
 *   `manifest`;
 * - `<driver>-images/<id>/<key>`: big data, `manifest`, the same as `manifest-<digest>`, the index that it was picked
 *   from as `manifest-<digest>` too, and the config under its digest. A key with other characters than letters, digits
 *   and `.` is written as `=` and its base64;
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

const idPattern = /^[0-9a-f]{64}$/;
/** Number of manifests of one image, each up to 64 MiB, that are searched for an index. */
const mostManifests = 20;

/** How an image of such a store is opened. */
export interface ContainersStorageOptions extends ImageOptions {
  /** Fewer digits, without `sha256:` before, are not a beginning of an id but a name: `db`, `cafe`. 2 unless given. */
  readonly fewestIdDigits?: number;
}

/**
 * Opens an image by its name, its id or the beginning of its id; undefined when the store does not have it. Errors:
 * `usage` for a reference that names several, `target-unreadable`, also when no image has the name and entries of the
 * list are not images, `layout-malformed`, `limit-exceeded`, and those of `openUnpackedImage`.
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
    const { images, damage } = storedImages(root, driver);
    if (damage !== undefined) damages.push(damage);
    const image = chooseImage(images, { name, root });
    if (image) return openRecord(image, { root, driver, contentFolder }, options);
  }
  if (damages.length === 0) return undefined;
  const message = `${damages.join(", ")}, so it is unknown whether it has ${JSON.stringify(reference)}`;
  throw new PlimsollError("target-unreadable", message, { hint: seeImages });
}

/** Where an image came from. */
export interface PulledImage {
  /** The digest by which a registry gave it, `sha256:…`. */
  readonly digest: string;
  /** That of the index that it was picked from for its platform; undefined where none is kept, or several are. */
  readonly index?: string;
  /**
   * A name of the only repository that it had names of; undefined when there are several: it was pulled from one of
   * them and tagged by hand for the others, and the store does not say which. `localhost` is not counted, where no
   * registry is.
   */
  readonly name?: string;
}

/**
 * The origin of the image with this id; undefined for an image that is missing, that was built or loaded here, or whose
 * manifest is damaged. A push packs layers, which gives another digest: an image that was not pulled has its layers
 * under the digests of their tars.
 */
export function pulledImage(root: string, id: string): PulledImage | undefined {
  const hex = id.replace("sha256:", "");
  for (const [driver, contentFolder] of Object.entries(contentFolders)) {
    const image = storedImages(root, driver).images.find((one) => one.id === hex);
    if (!image) continue;
    const { manifest, manifestDigest, config } = documentsOf(image, { root, driver, contentFolder });
    if (manifestDigest === undefined || (image.manifestDigest ?? manifestDigest) !== manifestDigest) return undefined;
    const layers = objectsIn(manifest["layers"]).map(({ digest }) => digest);
    const diffIds = config ? readImageConfig(config, `the config of ${hex}`).diffIds : [];
    const isPacked = layers.length > 0 && diffIds.length > 0 && !layers.some((digest) => diffIds.includes(`${digest}`));
    if (!isPacked) return undefined;
    const name = nameOfOnlyRepository(image.everyName);
    const [index, ...otherIndexes] = indexesOf(image, { root, driver, contentFolder }, manifestDigest);
    return {
      digest: manifestDigest,
      ...(index !== undefined && otherIndexes.length === 0 && { index }),
      ...(name !== undefined && { name }),
    };
  }
  return undefined;
}

/** The digests of the indexes that Podman kept with an image when it pulled it, and that list its manifest. */
function indexesOf({ id, digests }: ImageRecord, store: Store, manifestDigest: string): readonly string[] {
  const others = new Set(digests.filter((one) => typeof one === "string" && one !== manifestDigest && isDigest(one)));
  return [...others].slice(0, mostManifests).filter((digest): digest is string => {
    if (typeof digest !== "string") return false;
    const bytes = readBigData(store, id, `manifest-${digest}`);
    if (!bytes || `${digest.split(":")[0]}:${hashFor(digest).update(bytes).digest("hex")}` !== digest) return false;
    const { manifests } = asObject(parseText(bytes.toString("utf8")));
    return objectsIn(manifests).some((one) => one["digest"] === manifestDigest);
  });
}

function nameOfOnlyRepository(names: readonly string[]): string | undefined {
  const repositories = new Map<string, string>();
  for (const name of names) {
    const { registry, repository } = parseReference(name) ?? { registry: "", repository: name };
    if (registry !== "localhost") repositories.set(`${registry}/${repository}`, name);
  }
  const [only] = repositories.values();
  return repositories.size === 1 ? only : undefined;
}

/** True when a folder has the form of such a store. Error: `target-unreadable`. */
export function isContainersStorage(root: string): boolean {
  return Object.keys(contentFolders).some((driver) =>
    isFile(join(root, `${driver}-images`, "images.json"), { store: root }),
  );
}

function openRecord(image: ImageRecord, store: Store, options: ImageOptions): Image {
  const { root } = store;
  const { manifest, manifestBytes, manifestDigest, config, configDigest } = documentsOf(image, store);
  if (!config && "manifests" in manifest) {
    throw new PlimsollError("layout-malformed", `${image.names[0] ?? image.id} is a list of images, not an image`, {
      hint: "Scan one of the images that podman manifest inspect shows, or push the list and scan registry:NAME.",
    });
  }
  if (!config) {
    throw new PlimsollError("layout-malformed", `the store ${root} has no config for the image ${image.id}`, {
      hint: "Pull or build the image again.",
    });
  }
  checkManifest(image, { root, manifestBytes });
  return openUnpackedImage(
    {
      store: root,
      id: configDigest,
      config,
      ...(manifestDigest === undefined ? {} : { manifestDigest }),
      tags: image.names,
      layers: (diffIds) => findLayers(image.layer, { store, diffIds, descriptors: objectsIn(manifest["layers"]) }),
    },
    options,
  );
}

/** Errors: `digest-mismatch`, `layout-malformed`. */
function checkManifest(
  { id, manifestDigest: digest }: ImageRecord,
  { root, manifestBytes }: { readonly root: string; readonly manifestBytes: Buffer | undefined },
): void {
  if (digest === undefined || !manifestBytes) return;
  if (typeof digest !== "string" || !isDigest(digest)) {
    throw new PlimsollError("layout-malformed", `the digest of the manifest of ${id} in ${root} is not valid`, {
      hint: seeImages,
    });
  }
  checkDigest(hashFor(digest).update(manifestBytes), { digest, what: `the manifest of ${id} in ${root}` });
}

interface Documents {
  /** Empty when there is none. */
  readonly manifest: JsonObject;
  readonly manifestBytes: Buffer | undefined;
  /** As it is, whatever the store says. */
  readonly manifestDigest: string | undefined;
  readonly configDigest: string;
  readonly config: Buffer | undefined;
}

function readBigData({ root, driver }: Store, id: string, key: string): Buffer | undefined {
  return readStoreFile(join(root, `${driver}-images`, id, bigDataName(key)));
}

function documentsOf({ id }: ImageRecord, store: Store): Documents {
  const bigData = (key: string): Buffer | undefined => readBigData(store, id, key);
  const bytes = bigData("manifest");
  const manifest = asObject(bytes && parseDocument(bytes, `the manifest of ${id}`));
  const descriptor = asObject(manifest["config"]);
  const configDigest = typeof descriptor["digest"] === "string" ? descriptor["digest"] : `sha256:${id}`;
  const config = /^sha(?:256|512):[0-9a-f]+$/.test(configDigest) ? bigData(configDigest) : undefined;
  const manifestDigest = bytes && `sha256:${hashFor("sha256:").update(bytes).digest("hex")}`;
  return { manifest, manifestBytes: bytes, manifestDigest, configDigest, config };
}

interface LayerRecord {
  readonly id: string;
  readonly values: JsonObject;
}

/**
 * Walks from the uppermost layer down and returns the layers lowest first; undefined when one is missing or its content
 * is unknown.
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
      throw new PlimsollError("layout-malformed", `a layer of the image is missing: ${damages.join(", ")}`, {
        hint: seeImages,
      });
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
  const { format = 0 } = data ? asObject(parseJson(data, `the record in ${root} of the layer ${id}`)) : {};
  if (!isFolder(folder) || format !== 0) return undefined;
  const { "diff-digest": digest, "diff-size": size, "toc-digest": tableDigest } = values;
  if (isFile(record)) {
    return {
      record,
      folder,
      diffId: typeof digest === "string" ? digest : undefined,
      size: typeof size === "number" ? size : 0,
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

function layerRecord(values: JsonObject): LayerRecord[] {
  const { id } = values;
  return typeof id === "string" && idPattern.test(id) ? [{ id, values }] : [];
}

function objectsIn(list: unknown): JsonObject[] {
  return Array.isArray(list) ? list.map(asObject) : [];
}

import type { FileRange } from "../../io/bytes/read-range.ts";
import { compressionOf, magicSize } from "../../io/compression/decompress.ts";
import { blockSize } from "../../io/tar/header.ts";
import { PlimsollError } from "../../model/error.ts";
import { mostLayers } from "../../model/images/most-layers.ts";
import type { Tree } from "../../model/images/tree.ts";
import { hashFor } from "./digest.ts";
import type { ImageLayer, ImageOptions } from "./image.ts";
import type { ImageConfig } from "./image-config.ts";
import { layerOfConfig } from "./layer-of-config.ts";
import { type ExpectedDigest, LayerTree } from "./layer-tree.ts";
import { holds, type LayoutFiles } from "./layout-files.ts";
import { damagedLayer, doubtfulLayer, missingLayer, obstacleOf, unreadableLayer } from "./unreadable-layer.ts";

/** Where a manifest says that a layer is. */
export interface LayerPlace {
  /** Undefined when what the manifest says cannot be a place in the layout. */
  readonly path: string | undefined;
  /** The digest of the stored bytes, when the manifest gives it. */
  readonly digest: string | undefined;
  /** How an error names the layer. */
  readonly name: string;
  /** What the manifest says that it is, when it does. */
  readonly mediaType?: string;
  /** How many bytes are stored, when the manifest says it. */
  readonly size?: number;
}

/**
 * Opens the layers of an image, lowest first. A layer that is not in the layout fails when it is walked, so that the
 * others can be walked; a layer that contradicts the manifest and the config fails once it is read. Error:
 * `limit-exceeded` beyond {@link mostLayers} layers.
 */
export function openLayers(
  files: LayoutFiles,
  places: readonly LayerPlace[],
  { config, options }: { readonly config: ImageConfig; readonly options: ImageOptions },
): readonly ImageLayer[] {
  if (places.length > mostLayers) {
    throw new PlimsollError("limit-exceeded", `${files.name} lists more than ${mostLayers} layers for one image`);
  }
  return places.map((place, index): ImageLayer => {
    const { path, digest, mediaType = "" } = place;
    const range = path === undefined ? undefined : files.range(path);
    const said = layerOfConfig(config, { index, count: places.length });
    const expected = expectedDigest(digest, said.diffId);
    const obstacle = obstacleOf(mediaType);
    const doubt = range && doubtAbout(range, place, { diffId: said.diffId, files });
    const isDubious = range && doubt === undefined && (hasOtherSize(range, place) || mayBeCut(range));
    const verifies = (options.verifyDigests || isDubious === true) && expected !== undefined;
    const isUsual = path !== undefined && range && obstacle === undefined && doubt === undefined;
    const provedKey = verifies && options.digestsAreTrusted ? expected.digest : undefined;
    const fileKey = isUsual ? `file:${files.identity(path)}${verifies ? ":verified" : ""}` : "";
    return {
      ...(digest === undefined ? {} : { digest }),
      size: range?.size ?? 0,
      ...said,
      cacheKey: isUsual ? (provedKey ?? fileKey) : "",
      verifies,
      tree: treeOf(place, { files, range, obstacle, doubt, expected: verifies ? expected : undefined, options }),
    };
  });
}

interface TreeOfOptions {
  readonly files: LayoutFiles;
  readonly range: FileRange | undefined;
  readonly obstacle: string | undefined;
  readonly doubt: string | undefined;
  readonly expected: ExpectedDigest | undefined;
  readonly options: ImageOptions;
}

function treeOf(
  place: LayerPlace,
  { files, range, obstacle, doubt, expected, options: { largestLayer } }: TreeOfOptions,
): Tree {
  const { path, name, mediaType = "" } = place;
  if (obstacle !== undefined) return unreadableLayer(obstacle);
  if (!range) {
    const why = path === undefined ? undefined : files.obstacle(path)?.reason;
    return missingLayer(name, { holder: files.holder, mediaType, obstacle: why });
  }
  const tree = new LayerTree(range, {
    ...(expected && { expected }),
    ...(largestLayer !== undefined && { largestLayer }),
  });
  if (doubt !== undefined) return doubtfulLayer(tree, `the layer ${name} ${doubt}`);
  if (!hasOtherSize(range, place)) return tree;
  return damagedLayer(tree, `the layer ${name} is ${range.size} bytes, but ${place.size} in the manifest`);
}

function expectedDigest(digest: string | undefined, diffId: string | undefined): ExpectedDigest | undefined {
  if (digest !== undefined) return { digest, of: "stored" };
  return diffId === undefined ? undefined : { digest: diffId, of: "uncompressed" };
}

/**
 * True for a tar without an end mark, as for Go's reader there need not be one: cut off between two of its entries it
 * looks whole, so that its digest must tell.
 */
function mayBeCut({ file, offset, size }: FileRange): boolean {
  if (size === 0 || compressionOf(file.read(offset, Math.min(magicSize, size))) !== "none") return false;
  const length = Math.min(2 * blockSize, size);
  return file.read(offset + size - length, length).some((byte) => byte !== 0);
}

/** True for a layer that is longer or shorter than said. No loader minds that, so that its digest must tell. */
function hasOtherSize({ size }: FileRange, { size: told }: LayerPlace): boolean {
  return told !== undefined && told !== size;
}

/**
 * The evidence that a layer is not the one that the image names, as far as it shows without reading the layer;
 * undefined without such evidence. A layer that is stored uncompressed has one digest for both, so that the config
 * gives its place: Docker 25.0.0 wrote OCI manifests with the layers in any order (moby#47150), which only Podman
 * before 5.4 unpacks in that way.
 */
function doubtAbout(
  { file, offset, size }: FileRange,
  { digest, size: told }: LayerPlace,
  { diffId, files }: { readonly diffId: string | undefined; readonly files: LayoutFiles },
): string | undefined {
  const digests = [digest, diffId].filter((one) => one !== undefined);
  if (size === 0 && digests.some((one) => !isDigestOfNothing(one)))
    return told === undefined || told === 0
      ? "is empty, but its digest is not that of an empty file"
      : `is 0 bytes, but ${told} in the manifest`;
  if (digest === undefined || diffId === undefined || digest === diffId) return undefined;
  if (algorithmOf(digest) !== algorithmOf(diffId)) return undefined;
  if (compressionOf(file.read(offset, Math.min(magicSize, size))) !== "none") return undefined;
  const mismatch = "does not match its diff ID in the image config, so most engines reject the image";
  const inOrder = holds(files, "manifest.json")
    ? "; docker-archive: reads the layers of its tar in the right order"
    : "";
  return `${mismatch}: save it again with a newer Docker${inOrder}`;
}

function isDigestOfNothing(digest: string): boolean {
  return digest === `${algorithmOf(digest)}:${hashFor(digest).digest("hex")}`;
}

function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(":"));
}

import { PlimsollError } from "../../model/error.ts";
import {
  blobPath,
  type CollectedManifests,
  collectManifests,
  descriptorsOf,
  type FoundManifest,
  type LayoutDescriptor,
  malformed,
  mostManifests,
} from "./collect-manifests.ts";
import { type ListedImage, listedImages } from "./docker-archive.ts";
import type { Image, ImageOptions } from "./image.ts";
import { configOf, ImageComparison } from "./image-comparison.ts";
import { asObject, osVersionOf, parseDocument } from "./image-config.ts";
import { holds, type LayoutFiles, readDocument, withOwnBudget } from "./layout-files.ts";
import { isForSame, nameOf, ociIndexPath, pickDescribed } from "./oci-layout.ts";

/**
 * The images that `index.json` of an archive names and its `manifest.json`, which led to `image`, does not, as targets:
 * containerd and Podman load those where Docker loads the ones of `manifest.json`. Other platforms of an image that
 * both name are none. An index that leads to no image, or cannot be read, is one. Empty for an archive without
 * `index.json`, and for one of whose entries no loader finds any.
 */
export function imagesOnlyInIndex(
  files: LayoutFiles,
  { image, options }: { readonly image: Image; readonly options: ImageOptions },
): readonly string[] {
  if (!holds(files, ociIndexPath)) return [];
  const whole = `oci-archive:${files.name}`;
  try {
    const entries = readEntries(withOwnBudget(files), options);
    const knowsByContent = holds(files, "oci-layout");
    if (!knowsByContent && entries.length > 0 && entries.every(({ isMissing }) => isMissing)) return [];
    const references = options.reference === undefined ? [] : [options.reference, ...image.tags];
    if (references.length > mostManifests) throw malformed(files, `its image has more than ${mostManifests} names`);
    const listed = entries.map(({ descriptor }) => descriptor);
    const wanted = new Set(references.flatMap((name) => pickDescribed(listed, name)));
    const named = entries.filter(({ descriptor }) => wanted.has(descriptor));
    const meant = named.length > 0 ? named : entries;
    const known = new KnownImages(files, named.length > 0 ? image : undefined);
    const isReached = meant.some(({ images }) => images.some((one) => configOf(one) === image.id && known.has(one)));
    const told = new Set(isReached ? othersBeside(image, { entries: meant, known }) : othersThan(known, meant));
    const others = meant.filter((entry) => told.has(entry) || (knowsByContent && entry.isMissing));
    if (!isReached && others.length === 0) return [whole];
    return others.map(({ descriptor }) => `${whole}:${nameOf(descriptor)}`);
  } catch (error) {
    if (!(error instanceof PlimsollError) || error.code === "cancelled") throw error;
    return [whole];
  }
}

/** What an entry of `index.json` leads to. */
interface IndexEntry extends CollectedManifests {
  readonly descriptor: LayoutDescriptor;
  /**
   * True for one that is not below `blobs/`, as all of apko. With the file `oci-layout` containerd knows blobs by their
   * content, wherever they lie; without it no loader finds this one.
   */
  readonly isMissing: boolean;
}

/**
 * What an entry with a name says of the platform counts for nothing: of each that `index.json` itself lists containerd
 * makes an image under its name, and there the config tells.
 */
function readEntries(files: LayoutFiles, options: ImageOptions): readonly IndexEntry[] {
  const bytes = readDocument(files, ociIndexPath);
  const index = bytes === undefined ? {} : asObject(parseDocument(bytes, `index.json in ${files.name}`, files));
  const listed = descriptorsOf(index, { place: ociIndexPath, names: [] });
  if (listed.length > mostManifests) throw malformed(files, `its index.json has more than ${mostManifests} entries`);
  const collected = new Map<string, CollectedManifests>();
  let count = 0;
  return listed.map((descriptor) => {
    const { digest, names, mediaType, platform, osVersion } = descriptor;
    const start: LayoutDescriptor = {
      digest,
      names,
      ...(mediaType !== undefined && { mediaType }),
      ...(names.length === 0 && platform !== undefined && { platform }),
      ...(names.length === 0 && osVersion !== undefined && { osVersion }),
    };
    const key = JSON.stringify([digest, mediaType, start.platform, start.osVersion]);
    const known = collected.get(key);
    const found = known ?? collectManifests(files, [start], options);
    collected.set(key, found);
    if (!known) count += found.images.length + found.artifacts + found.damaged.length;
    if (count > mostCompared) throw malformed(files, `its index.json leads to more than ${mostCompared} manifests`);
    const path = blobPath(digest);
    return { ...found, descriptor, isMissing: path !== undefined && found.artifacts === 0 && !holds(files, path) };
  });
}

/** The most manifests that all entries together may lead to; several may lead to the same. */
const mostCompared: number = 10 * mostManifests;

/** The images that `manifest.json` names: what has the config of one and its layers is known. */
class KnownImages {
  /** By their configs: several may have the same layers, compressed in another way. */
  readonly #images: ReadonlyMap<string, readonly ListedImage[]>;
  readonly #comparison: ImageComparison;
  readonly #answers = new Map<FoundManifest, boolean>();

  /** With `only` that image alone. Errors: `layout-malformed`, `limit-exceeded`. */
  constructor(files: LayoutFiles, only: Image | undefined) {
    const listed = listedImages(withOwnBudget(files)).filter(
      ({ id, tags }) => !only || (id === only.id && JSON.stringify(tags) === JSON.stringify(only.tags)),
    );
    this.#images = Map.groupBy(listed, ({ id }) => id);
    this.#comparison = new ImageComparison(withOwnBudget(files));
  }

  has(one: FoundManifest): boolean {
    const known = this.#answers.get(one);
    if (known !== undefined) return known;
    const listed = this.#images.get(configOf(one)) ?? [];
    const answer = listed.some((image) => this.#comparison.isSame(image, one));
    this.#answers.set(one, answer);
    return answer;
  }
}

/** The entries that lead to another image for the platform of `image`, or only to images of another name. */
function othersBeside(
  image: Image,
  { entries, known }: { readonly entries: readonly IndexEntry[]; readonly known: KnownImages },
): readonly IndexEntry[] {
  const isKnown = (one: FoundManifest): boolean => known.has(one);
  const namesOfKnown = new Set(entries.filter(({ images }) => images.some(isKnown)).map(keyOfNames));
  return entries.filter((entry) => {
    const unknown = [...entry.images.filter((one) => !isKnown(one)), ...entry.damaged];
    if (entry.isTooDeep || unknown.some((one) => mayBeForSame(one, image))) return true;
    return unknown.length > 0 && !namesOfKnown.has(keyOfNames(entry));
  });
}

/** Equal for entries of the same names. */
function keyOfNames({ descriptor }: IndexEntry): string {
  return JSON.stringify(descriptor.names);
}

/** An image without a platform may be for any: containerd takes it for one of its own. */
function mayBeForSame(one: LayoutDescriptor, { platform, config }: Image): boolean {
  if (one.platform === undefined || platform === undefined) return true;
  return isForSame(one, { digest: "", names: [], platform, ...osVersionOf(config) });
}

function othersThan(known: KnownImages, entries: readonly IndexEntry[]): readonly IndexEntry[] {
  return entries.filter(({ images, damaged, isTooDeep }) => {
    return isTooDeep || damaged.length > 0 || images.some((one) => !known.has(one));
  });
}

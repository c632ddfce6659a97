import { PlimsollError } from "../../model/error.ts";
import {
  type CollectedManifests,
  collectManifests,
  descriptorsOf,
  type FoundManifest,
  type LayoutDescriptor,
  malformed,
  mostManifests,
} from "./collect-manifests.ts";
import type { Image, ImageOptions } from "./image.ts";
import { asObject, osVersionOf, parseJson } from "./image-config.ts";
import { type LayoutFiles, readDocument } from "./layout-files.ts";
import { isForSame, isNamedBy, nameOf, ociIndexPath } from "./oci-layout.ts";

/** What `manifest.json` led to, and how. */
interface FromManifest {
  readonly image: Image;
  /** The digests of all configs that `manifest.json` names. */
  readonly configs: readonly string[];
  readonly options: ImageOptions;
}

/**
 * The images that `index.json` of an archive names and its `manifest.json` does not, as targets: containerd and Podman
 * load those where Docker loads the ones of `manifest.json`. Other platforms of an image that both name are none. An
 * index that leads to no image, or cannot be read, is one. Empty for an archive without `index.json`.
 */
export function imagesOnlyInIndex(files: LayoutFiles, { image, configs, options }: FromManifest): readonly string[] {
  if (files.range(ociIndexPath) === undefined && files.obstacle(ociIndexPath) === undefined) return [];
  const whole = `oci-archive:${files.name}`;
  try {
    const entries = readEntries(withOwnBudget(files), options);
    const references = options.reference === undefined ? [] : [options.reference, ...image.tags];
    const named = entries.filter(({ descriptor }) => references.some((name) => isNamedBy(descriptor, name)));
    const meant = named.length > 0 ? named : entries;
    const known = new Set(named.length > 0 ? [image.id] : [image.id, ...configs]);
    const isReached = meant.some(({ images }) => images.some((one) => configOf(one) === image.id));
    const others = meant.filter((entry) =>
      isReached ? isOther(entry, { image, known, entries: meant }) : hasOther(entry, known),
    );
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
}

function readEntries(files: LayoutFiles, options: ImageOptions): readonly IndexEntry[] {
  const bytes = readDocument(files, ociIndexPath);
  const index = bytes === undefined ? {} : asObject(parseJson(bytes, `index.json in ${files.name}`));
  const listed = descriptorsOf(index, { place: ociIndexPath, names: [] });
  if (listed.length > mostManifests) throw malformed(files, `its index.json has more than ${mostManifests} entries`);
  const collected = new Map<string, CollectedManifests>();
  let count = 0;
  return listed.map((descriptor) => {
    const known = collected.get(descriptor.digest);
    const found = known ?? collectManifests(files, [descriptor], options);
    collected.set(descriptor.digest, found);
    if (!known) count += found.images.length + found.artifacts + found.damaged.length;
    if (count > mostCompared) throw malformed(files, `its index.json leads to more than ${mostCompared} manifests`);
    return { ...found, descriptor };
  });
}

/** The most manifests that all entries together may lead to; several may lead to the same. */
const mostCompared: number = 10 * mostManifests;

/** The same files: what is read of them for a comparison does not count against what the image may take. */
function withOwnBudget(files: LayoutFiles): LayoutFiles {
  return {
    name: files.name,
    documentBytes: 0,
    range: (path) => files.range(path),
    obstacle: (path) => files.obstacle(path),
    identity: (path) => files.identity(path),
    [Symbol.dispose]: () => undefined,
  };
}

/** True for an entry that leads to another image for the platform of `image`, or only to images of another name. */
function isOther(
  entry: IndexEntry,
  {
    image,
    known,
    entries,
  }: { readonly image: Image; readonly known: ReadonlySet<string>; readonly entries: readonly IndexEntry[] },
): boolean {
  const unknown = [...entry.images.filter((one) => !known.has(configOf(one))), ...entry.damaged];
  if (entry.isTooDeep || unknown.some((one) => mayBeForSame(one, image))) return true;
  const isNamedWithKnown = entries.some(
    (one) => isSameName(one.descriptor, entry.descriptor) && one.images.some((found) => known.has(configOf(found))),
  );
  return unknown.length > 0 && !isNamedWithKnown;
}

/** What has no platform may be for any: containerd takes it for one of its own. */
function mayBeForSame(one: LayoutDescriptor, { platform, config }: Image): boolean {
  if (one.platform === undefined || platform === undefined) return true;
  return isForSame(one, { digest: "", names: [], platform, ...osVersionOf(config) });
}

function hasOther({ images, damaged, isTooDeep }: IndexEntry, known: ReadonlySet<string>): boolean {
  return isTooDeep || damaged.length > 0 || images.some((one) => !known.has(configOf(one)));
}

function isSameName(one: LayoutDescriptor, other: LayoutDescriptor): boolean {
  return one === other || JSON.stringify(one.names) === JSON.stringify(other.names);
}

function configOf({ manifest }: FoundManifest): string {
  return String(asObject(manifest["config"])["digest"]);
}

import { PlimsollError } from "../../model/error.ts";
import type { PlatformImage } from "../image/oci-layout.ts";
import { imageNameOf } from "./image-name.ts";

/** What containerd knows of its images, read from its folder or asked through its socket. */
export interface ContainerdIndex {
  /** How errors name it. */
  readonly place: string;
  /** The names of all namespaces, in any order. */
  namespaces(): Promise<readonly string[]>;
  /** The digest of the manifest or index that a whole name means; undefined when there is none. */
  digestOf(name: string, namespace: string): Promise<string | undefined>;
  /** All images of a namespace, in any order. */
  images(namespace: string): Promise<readonly NamedDigest[]>;
  /**
   * The images that a digest leads to whose manifest and config are present; empty when none is, or when they are
   * damaged.
   */
  platformImages(digest: string, namespace: string): Promise<readonly PlatformImage[]>;
}

/** A name and the digest of the manifest or index that it means. */
export interface NamedDigest {
  readonly name: string;
  readonly digest: string;
}

/** An image in containerd. */
export interface ContainerdImage extends NamedDigest {
  readonly namespace: string;
}

/** Where containerd's images are looked for when no namespace is named, before all others. */
const usualNamespaces = ["default", "k8s.io", "moby"];

/** The most images of which manifests and configs are read to find an id. */
const mostImages = 10_000;

/** Fewer digits of an id than these, without `sha256:` before, are more likely a name: `db`, `cafe`. */
const fewestDigits = 7;

const isId = /^sha256:[0-9a-f]*$/;

/**
 * Looks up a name, the digest of a manifest or index, an id, or the beginning of either, in one namespace or in all: in
 * `default`, `k8s.io` and `moby`, then by name. Undefined when there is none. By an id it is the manifest whose config
 * has it.
 *
 * Errors: `usage` when a name means different images in several namespaces, or a beginning fits several; those of the
 * index.
 */
export async function findInContainerd(
  index: ContainerdIndex,
  reference: string,
  namespace?: string,
): Promise<ContainerdImage | undefined> {
  const namespaces = namespace === undefined ? inUsualOrder(await index.namespaces()) : [namespace];
  return (await findByName(index, { reference, namespaces })) ?? (await findByDigest(index, { reference, namespaces }));
}

interface Search {
  readonly reference: string;
  readonly namespaces: readonly string[];
}

function inUsualOrder(namespaces: readonly string[]): readonly string[] {
  const usual = usualNamespaces.filter((namespace) => namespaces.includes(namespace));
  return [...new Set([...usual, ...[...namespaces].sort()])];
}

async function findByName(
  index: ContainerdIndex,
  { reference, namespaces }: Search,
): Promise<ContainerdImage | undefined> {
  // The CRI plugin names images by their ids too; these are distinguished from other ids below.
  if (isId.test(reference)) return undefined;
  const found: ContainerdImage[] = [];
  for (const namespace of namespaces) {
    for (const name of imageNameOf(reference).full) {
      const digest = await index.digestOf(name, namespace);
      if (digest === undefined) continue;
      found.push({ name, digest, namespace });
      break;
    }
  }
  const [first] = found;
  if (!first || new Set(found.map(({ digest }) => digest)).size === 1) return first;
  const where = found.map((image) => `${image.digest.slice(0, 19)} in ${image.namespace}`).join(", ");
  throw new PlimsollError("usage", `${reference} matches several images of containerd at ${index.place}: ${where}`, {
    hint: `Set CONTAINERD_NAMESPACE to one of ${namesOf(found)}, or use the digest: containerd:${first.digest}.`,
  });
}

/** What fits, and what it is known by: equal for what is the same image. */
interface Fitting extends ContainerdImage {
  readonly identity: string;
}

/** Digests before ids, because those are known without reading an image. */
async function findByDigest(
  index: ContainerdIndex,
  { reference, namespaces }: Search,
): Promise<ContainerdImage | undefined> {
  const { repository, digest, idBeginning = "" } = imageNameOf(reference);
  const fewest = reference.startsWith("sha256:") ? 1 : fewestDigits;
  const isBeginning = idBeginning.length >= fewest;
  if (digest === undefined && !isBeginning) return undefined;
  const beginning = digest ?? `sha256:${idBeginning}`;
  const fits = (one: string): boolean => one.startsWith(beginning);
  const isThere = ({ name }: NamedDigest): boolean =>
    digest === undefined || name.startsWith(`${repository}:`) || name.startsWith(`${repository}@`);

  const all: ContainerdImage[] = [];
  for (const namespace of namespaces) {
    const images = (await index.images(namespace)).filter(isThere).map((image) => ({ ...image, namespace }));
    all.push(...images.sort((a, b) => (a.name < b.name ? -1 : 1)));
  }
  const search = { all, fits, reference, index };
  const byDigest = all.filter((image) => fits(image.digest)).map((image) => ({ ...image, identity: image.digest }));
  return (
    onlyOne(byDigest, search) ?? (await findByIdAsName(beginning, search)) ?? onlyOne(await byContent(search), search)
  );
}

/** State of a search for digests. */
interface DigestSearch {
  readonly index: ContainerdIndex;
  readonly all: readonly ContainerdImage[];
  readonly fits: (digest: string) => boolean;
  readonly reference: string;
}

/** Kubernetes' part names an image by its whole id too, so that others need not be read. */
async function findByIdAsName(id: string, search: DigestSearch): Promise<ContainerdImage | undefined> {
  const named = search.all.find(({ name }) => name === id);
  if (!named) return undefined;
  const alsoNamed = search.all.filter(
    ({ digest, namespace }) => digest === named.digest && namespace === named.namespace,
  );
  const all = [alsoNamed.find(({ name }) => !isId.test(name)) ?? named];
  return onlyOne(await byContent({ ...search, all }), search) ?? all[0];
}

/** The manifests that digests lead to which fit, or whose configs do. */
async function byContent({ index, all, fits }: DigestSearch): Promise<readonly Fitting[]> {
  const found: Fitting[] = [];
  const groups = [...Map.groupBy(all, ({ digest }) => digest).values()];
  for (const [image] of groups.slice(0, mostImages)) {
    if (!image) continue;
    for (const { manifestDigest, id } of await index.platformImages(image.digest, image.namespace)) {
      if (fits(manifestDigest)) found.push({ ...image, digest: manifestDigest, identity: manifestDigest });
      else if (fits(id)) found.push({ ...image, digest: manifestDigest, identity: id });
    }
  }
  return found;
}

function onlyOne(found: readonly Fitting[], { reference, index }: DigestSearch): ContainerdImage | undefined {
  const identities = [...new Set(found.map(({ identity }) => identity))];
  if (identities.length > 1) {
    throw new PlimsollError(
      "usage",
      `${identities.length} images of containerd at ${index.place} begin with ${reference}`,
      {
        hint: `Give more of the id: ${identities.slice(0, 5).join(", ")}.`,
      },
    );
  }
  const [first] = found;
  return first && { name: first.name, digest: first.digest, namespace: first.namespace };
}

function namesOf(images: readonly ContainerdImage[]): string {
  return images.map(({ namespace }) => namespace).join(", ");
}

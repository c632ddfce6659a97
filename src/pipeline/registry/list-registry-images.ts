import { PlimsollError } from "../../model/error.ts";
import { dockerHub, type ImageReference } from "../../model/packages/reference.ts";
import type { RegistryFailure } from "../../model/reports/registry-report.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { isAttachmentTag } from "../../registry/content/list-referrers.ts";
import { repositoriesBelow } from "../../registry/vendors/list-repositories.ts";
import { forEachInParallel } from "../for-each-in-parallel.ts";
import { compareTags } from "./compare-tags.ts";
import type { HeldManifests } from "./held-manifests.ts";
import { type ImageDate, newestImages, type TaggedImage } from "./newest-images.ts";
import type { TagFilter } from "./tag-filter.ts";

/** Which images of a registry are listed. */
export interface ListRegistryOptions {
  readonly registry: string;
  /** A repository, or the part of a path that repositories begin with; empty for all. */
  readonly prefix: string;
  readonly filter: TagFilter;
  /** The most images of each repository. */
  readonly newest?: number | undefined;
  readonly dateOf: (image: TaggedImage) => Promise<ImageDate>;
  /** Takes the manifests that come with the answers. */
  readonly manifests: HeldManifests;
  /** Whether to ask for manifests where their digests would do, since they will be wanted. */
  readonly mayFetch: () => boolean;
  /** Called with the images of each repository; what it throws ends the listing. */
  readonly found: (images: readonly TaggedImage[]) => void;
  /** Called as more is known. */
  readonly progress?: (listed: { readonly repositories: number; readonly tags: number }) => void;
}

/** What was listed of a registry. */
export interface RegistryListing {
  /** Repositories, also those without tags. */
  readonly repositories: number;
  /** Tags that are wanted. */
  readonly tags: number;
  /** How many tags name what is attached to an image: signatures, attestations, SBOMs. */
  readonly attached: number;
  readonly failures: readonly RegistryFailure[];
  /** Repositories without tags, sorted. */
  readonly empty: readonly string[];
  /** Repositories that are listed and, when they are asked for, not there, sorted. */
  readonly unknown: readonly string[];
}

/** Requests that wait for an answer at a time; the client has its own, lower bound for each registry. */
const atOnce = 8;

/**
 * Lists the images of a registry, and hands on those of each repository as soon as they are known. A repository or a
 * tag of which the registry tells nothing is among the failures.
 *
 * Errors: those of {@link repositoriesBelow}, `cancelled`.
 */
export async function listRegistryImages(
  client: RegistryClient,
  options: ListRegistryOptions,
): Promise<RegistryListing> {
  const { registry, prefix, filter, newest, dateOf, found, progress } = options;
  const failures: RegistryFailure[] = [];
  const [empty, unknown]: [string[], string[]] = [[], []];
  const counts = { repositories: 0, tags: 0, attached: 0 };
  const incomplete = (reason: string): void => {
    const cause = new PlimsollError("registry-failed", `the list of repositories may be incomplete: ${reason}`);
    failures.push(failureOf(cause, { tags: [] }));
  };
  const names = repositoriesBelow(client, registry, prefix, { problem: incomplete });
  await forEachInParallel(names, atOnce, async (repository) => {
    counts.repositories++;
    const listing = await tagsOf(client, { registry, repository }).catch((cause: unknown) => {
      failures.push(failureOf(cause, { repository, tags: [] }));
    });
    if (listing === undefined) return;
    if (listing === "unknown") {
      unknown.push(repository);
      return;
    }
    const { tags: listed, misfit, cut } = listing;
    if (cut) failures.push(failureOf(cut, { repository, tags: [] }));
    if (misfit !== undefined) failures.push(misfitFailure(repository, misfit));
    else if (listed.length === 0) empty.push(repository);
    const wanted = listed.filter((tag) => !isAttachmentTag(tag) && filter(tag));
    counts.attached += listed.filter((tag) => isAttachmentTag(tag) && filter(tag)).length;
    counts.tags += wanted.length;
    progress?.(counts);
    const images = await imagesOf(client, { registry, repository, tags: wanted }, { ...options, failures });
    found(newest === undefined ? images : await newestImages(images, { newest, dateOf, atOnce }));
  });
  return { ...counts, failures, empty: empty.sort(), unknown: unknown.sort() };
}

/** A failure as the report has it. Rethrows what is not a {@link PlimsollError}, and `cancelled`. */
export function failureOf(cause: unknown, where: Omit<RegistryFailure, "code" | "message" | "hint">): RegistryFailure {
  if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
  const { code, message, hint } = cause;
  return { ...where, code, message, ...(hint !== undefined && { hint }) };
}

/** An image under a name that no tag can have cannot be asked for. */
function misfitFailure(repository: string, name: string): RegistryFailure {
  const message = `the registry lists invalid tag names, such as ${JSON.stringify(name.slice(0, 100))}`;
  return failureOf(new PlimsollError("registry-failed", message), { repository, tags: [] });
}

interface TagListing {
  readonly tags: readonly string[];
  /** The first of the names that are not tags. */
  readonly misfit: string | undefined;
  /** Why there are more tags than came. */
  readonly cut: PlimsollError | undefined;
}

/**
 * The tags of a repository. `unknown` for one that the registry lists and does not have: it was deleted, or the
 * credentials do not open it.
 */
async function tagsOf(
  client: RegistryClient,
  repository: { readonly registry: string; readonly repository: string },
): Promise<TagListing | "unknown"> {
  const tags: string[] = [];
  const misfits: string[] = [];
  try {
    const names = client.tags(repository, (name) => {
      if (misfits.length === 0) misfits.push(name);
    });
    for await (const tag of names) tags.push(tag);
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    if (cause.code === "image-not-found") return "unknown";
    if (cause.code !== "limit-exceeded" || tags.length === 0) throw cause;
    return { tags, misfit: misfits[0], cut: cause };
  }
  return { tags, misfit: misfits[0], cut: undefined };
}

/** What tags stand for, each image once. */
async function imagesOf(
  client: RegistryClient,
  { tags, ...repository }: { readonly registry: string; readonly repository: string; readonly tags: readonly string[] },
  { failures, ...options }: Fetching & { readonly failures: RegistryFailure[] },
): Promise<readonly TaggedImage[]> {
  const byDigest = new Map<string, string[]>();
  await forEachInParallel(tags, atOnce, async (tag) => {
    try {
      const digest = await digestOfTag(client, { ...repository, tag }, options);
      if (digest === undefined) {
        throw new PlimsollError("image-not-found", "the registry lists the tag, but has no image for it");
      }
      const known = byDigest.get(digest);
      if (known) known.push(tag);
      else byDigest.set(digest, [tag]);
    } catch (cause) {
      failures.push(failureOf(cause, { repository: repository.repository, tags: [tag] }));
    }
  });
  return [...byDigest].map(([digest, names]) => ({ ...repository, digest, tags: names.sort(compareTags) }));
}

type Fetching = Pick<ListRegistryOptions, "manifests" | "mayFetch">;

/**
 * What a tag stands for, undefined for nothing. Where the manifest will be wanted, and each is not paid for, it is
 * fetched right away: that saves a request for each image. Else it is left alone, since registries note when an image
 * was fetched last, and clear away by that.
 */
async function digestOfTag(
  client: RegistryClient,
  reference: ImageReference,
  { manifests, mayFetch }: Fetching,
): Promise<string | undefined> {
  const { registry } = reference;
  if (mayFetch() && registry !== dockerHub && client.rateLimit(registry) === undefined) {
    const manifest = await client.manifestOf(reference).catch((cause: unknown) => {
      if (!(cause instanceof PlimsollError) || !isManifestError(cause)) throw cause;
    });
    if (manifest) {
      manifests.keep(manifest);
      return manifest.digest;
    }
  }
  return (await client.head(reference))?.digest;
}

/** True for what a scan of the image tells better, since it knows the digest. */
function isManifestError({ code }: PlimsollError): boolean {
  return ["image-not-found", "manifest-malformed", "digest-mismatch", "limit-exceeded"].includes(code);
}

import type { RegistryFailure, RegistryScope } from "../../../model/reports/registry-report.ts";
import { type KnownImage, KnownImages, type KnownRepository } from "./known-images.ts";

/** The results of a registry run that a later search needs. */
export interface RememberedRun {
  /** Start of the run, RFC 3339. */
  readonly startedAt: string;
  readonly scope: RegistryScope;
  /** Failures to list, and listed repositories that do not exist; undefined when the list was not finished. */
  readonly listing: { readonly failures: readonly RegistryFailure[]; readonly unknown: readonly string[] } | undefined;
  readonly images: Iterable<KnownImage & { readonly repository: string }>;
}

/** Stores the images of each repository in the cache folder, for `registry find`. */
export function rememberRun(cache: string, { startedAt, scope, listing, images }: RememberedRun): void {
  const known = new KnownImages(cache);
  const { registry, prefix = "", named, reference, tags, newest } = scope;
  const failures = listing?.failures ?? [];
  const byRepository = Map.groupBy(images, ({ repository }) => repository);
  const ofRepositories = Map.groupBy(failures, ({ repository = "" }) => repository);
  const isListed = named === undefined && reference === undefined;
  const isFiltered = tags.length > 0 || newest !== undefined;
  for (const repository of new Set([...byRepository.keys(), ...ofRepositories.keys()])) {
    if (repository === "") continue;
    const seen = (byRepository.get(repository) ?? []).map(withoutRepository);
    const gaps = (ofRepositories.get(repository) ?? []).map(gapOf);
    const isWhole = isListed && !isFiltered && gaps.length === 0 && listing !== undefined;
    const earlier = isWhole ? undefined : known.repository(registry, repository);
    const kept = earlier ? withoutTags(earlier.images, seen) : [];
    const before = isListed ? [] : (earlier?.gaps ?? [onlySome]);
    const record: KnownRepository = {
      kind: "repository",
      registry,
      repository,
      seenAt: startedAt,
      images: [...seen, ...kept],
      gaps: [...new Set([...gaps, ...before])],
    };
    known.keepIndex(record);
  }
  if (!isListed) return;
  const gaps = [
    ...(listing === undefined ? ["the scan did not finish"] : []),
    ...(isFiltered ? [onlySome] : []),
    ...(ofRepositories.get("") ?? []).map(gapOf),
    ...(listing?.unknown ?? []).map((name) => `${name} is listed, but was deleted or cannot be accessed`),
  ];
  known.keepIndex({ kind: "scope", registry, prefix, scannedAt: startedAt, gaps });
}

const onlySome = "only some tags were scanned";

function gapOf({ tags, message }: RegistryFailure): string {
  return tags.length === 0 ? message : `${tags.join(", ")}: ${message}`;
}

function withoutRepository({ tags, digest, manifests, gaps }: KnownImage): KnownImage {
  return { tags, digest, manifests, gaps };
}

/** The images of an earlier run, without those that newer images replace. */
function withoutTags(earlier: readonly KnownImage[], newer: readonly KnownImage[]): readonly KnownImage[] {
  const tags = new Set(newer.flatMap((image) => image.tags));
  const digests = new Set(newer.map(({ digest }) => digest));
  return earlier.flatMap((image) => {
    const left = image.tags.filter((tag) => !tags.has(tag));
    const isReplaced = digests.has(image.digest) || (left.length === 0 && image.tags.length > 0);
    return isReplaced ? [] : [{ ...image, tags: left }];
  });
}

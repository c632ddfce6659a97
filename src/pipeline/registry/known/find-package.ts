import { PlimsollError } from "../../../model/error.ts";
import type { PackageMatch, PackageSearchSummary, UnknownImages } from "../../../model/packages/package-search.ts";
import { answerRevision } from "../../scan/remember-verdict.ts";
import { type KnownImage, KnownImages, type KnownRepository, type KnownScope } from "./known-images.ts";
import type { PackageQuery } from "./package-query.ts";

/** The scope of a search. */
export interface FindPackageOptions {
  /** The cache folder that `scan --registry` fills. */
  readonly cache: string;
  /** A registry or a part of it; by default everything that was scanned. */
  readonly place?: { readonly registry: string; readonly prefix: string } | undefined;
}

/** A running search. Consume all matches before asking for the summary. */
export interface PackageSearch {
  readonly matches: Iterable<PackageMatch>;
  /** Complete after the last match. */
  readonly summary: () => PackageSearchSummary;
}

type Place = Pick<KnownScope, "registry" | "prefix">;

const mostUnknown = 100;
const mostSimilar = 5;

/**
 * Finds the images that contain a package, in the cached results of `scan --registry`. Uses no network, and keeps the
 * packages of one image in memory at a time.
 *
 * Error: `image-not-found` when the cache has no results for the place.
 */
export function findPackage(query: PackageQuery, { cache, place }: FindPackageOptions): PackageSearch {
  const known = new KnownImages(cache);
  const scopes: KnownScope[] = [];
  const names: Pick<KnownRepository, "registry" | "repository" | "seenAt">[] = [];
  for (const record of known.index()) {
    if (record.kind === "scope") scopes.push(record);
    else if (!place || isIn(place, record)) {
      names.push({ registry: record.registry, repository: record.repository, seenAt: record.seenAt });
    }
  }
  const overlapping = scopes.filter((scope) => !place || overlaps(scope, place)).sort(byName);
  const relevant = overlapping.filter((scope) => !overlapping.some((other) => replaces(other, scope, place)));
  if (relevant.length === 0 && names.length === 0) throw nothingKnown(place);
  const state = new SearchState(place, relevant);
  return {
    matches: { [Symbol.iterator]: () => search(query, { known, names: names.sort(byName), scopes: relevant, state }) },
    summary: () => state.summary(),
  };
}

interface SearchParts {
  readonly known: KnownImages;
  readonly names: readonly Pick<KnownRepository, "registry" | "repository" | "seenAt">[];
  readonly scopes: readonly KnownScope[];
  readonly state: SearchState;
}

function* search(query: PackageQuery, { known, names, scopes, state }: SearchParts): Generator<PackageMatch> {
  for (const name of names) {
    if (isGone(name, scopes)) continue;
    const record = known.repository(name.registry, name.repository);
    if (!record) continue;
    const { registry, repository, gaps, images } = record;
    const isListed = scopes.some((scope) => isIn(scope, name));
    for (const reason of gaps.length > 0 || isListed ? gaps : [onlySome]) state.miss({ registry, repository, reason });
    for (const image of images) yield* searchImage(query, image, { registry, repository, known, state });
  }
}

interface ImagePlace extends Pick<SearchParts, "known" | "state"> {
  readonly registry: string;
  readonly repository: string;
}

function* searchImage(
  query: PackageQuery,
  { tags, digest, manifests, gaps }: KnownImage,
  { registry, repository, known, state }: ImagePlace,
): Generator<PackageMatch> {
  const where = { registry, repository, tags, digest };
  for (const reason of gaps) state.miss({ ...where, reason });
  for (const manifestDigest of manifests) {
    const listed = known.packages(manifestDigest);
    if (!listed) {
      state.miss({ ...where, reason: "the packages are not in the cache" });
      continue;
    }
    const { scannedAt, packages, layers, gap, revision } = listed;
    if (gap !== undefined) state.miss({ ...where, reason: gap });
    if (revision !== answerRevision)
      state.miss({ ...where, reason: "the image was scanned by another version of Plimsoll" });
    state.searched(manifestDigest, scannedAt);
    for (const found of packages) {
      const fit = query.fits(found);
      if (fit === false) {
        if (query.isSimilar(found)) state.similar(found.name);
        continue;
      }
      if (fit === true) state.found(manifestDigest);
      else state.miss({ ...where, reason: `the version of ${found.name} cannot be compared: ${found.version}` });
      const layerDigest = found.layer === null ? undefined : (layers[found.layer] ?? undefined);
      yield {
        ...where,
        manifestDigest,
        scannedAt,
        package: found,
        ...(layerDigest !== undefined && { layerDigest }),
        ...(fit === "undecided" && { undecided: true }),
      };
    }
  }
}

/** Collects the summary of a search. */
class SearchState {
  readonly #scopes: readonly KnownScope[];
  readonly #images = new Set<string>();
  readonly #found = new Set<string>();
  readonly #similar = new Set<string>();
  readonly #unknown: UnknownImages[] = [];
  #unknownCount = 0;
  #oldest: string | undefined;

  constructor(place: Place | undefined, scopes: readonly KnownScope[]) {
    this.#scopes = scopes;
    for (const { registry, prefix, gaps } of scopes) {
      for (const reason of gaps) this.miss({ registry, ...(prefix !== "" && { repository: prefix }), reason });
    }
    if (place && !scopes.some((scope) => covers(scope, place))) {
      const { registry, prefix } = place;
      this.miss({ registry, ...(prefix !== "" && { repository: prefix }), reason: onlySome });
    }
  }

  miss(unknown: UnknownImages): void {
    this.#unknownCount++;
    if (this.#unknown.length < mostUnknown) this.#unknown.push(unknown);
  }

  searched(manifestDigest: string, scannedAt: string): void {
    this.#images.add(manifestDigest);
    if (this.#oldest === undefined || scannedAt < this.#oldest) this.#oldest = scannedAt;
  }

  found(manifestDigest: string): void {
    this.#found.add(manifestDigest);
  }

  similar(name: string): void {
    if (this.#similar.size < mostSimilar) this.#similar.add(name);
  }

  summary(): PackageSearchSummary {
    const none = this.#unknownCount > 0 ? "cannot-tell" : "not-found";
    return {
      answer: this.#found.size > 0 ? "found" : none,
      scopes: this.#scopes.map((scope) => ({ name: nameOf(scope), scannedAt: scope.scannedAt })),
      ...(this.#oldest !== undefined && { oldest: this.#oldest }),
      images: this.#images.size,
      found: this.#found.size,
      unknown: this.#unknown,
      unknownCount: this.#unknownCount,
      similar: this.#found.size > 0 ? [] : [...this.#similar].sort(),
    };
  }
}

const onlySome = "only part of it was scanned";

/** Whether a later run over the same scope no longer listed the repository. */
function isGone(
  { registry, repository, seenAt }: SearchParts["names"][number],
  scopes: readonly KnownScope[],
): boolean {
  return scopes.some(
    (scope) =>
      scope.gaps.length === 0 &&
      scope.registry === registry &&
      isIn(scope, { registry, repository }) &&
      seenAt < scope.scannedAt,
  );
}

function isIn({ registry, prefix }: Place, name: { readonly registry: string; readonly repository: string }): boolean {
  if (name.registry !== registry) return false;
  return prefix === "" || name.repository === prefix || name.repository.startsWith(`${prefix}/`);
}

function covers(scope: Place, { registry, prefix }: Place): boolean {
  return isIn(scope, { registry, repository: prefix });
}

function overlaps(scope: Place, place: Place): boolean {
  return covers(scope, place) || covers(place, scope);
}

/** Whether a later run covers the relevant part of an earlier one. */
function replaces(later: KnownScope, earlier: KnownScope, place: Place | undefined): boolean {
  const part = place && covers(earlier, place) ? place : earlier;
  return later !== earlier && later.scannedAt > earlier.scannedAt && covers(later, part);
}

function nameOf({ registry, prefix }: Place): string {
  return prefix === "" ? registry : `${registry}/${prefix}`;
}

function byName<T extends { readonly registry: string; readonly repository?: string; readonly prefix?: string }>(
  a: T,
  b: T,
): number {
  const text = ({ registry, repository, prefix = "" }: T): string => `${registry}/${repository ?? prefix}`;
  return text(a) < text(b) ? -1 : 1;
}

function nothingKnown(place: Place | undefined): PlimsollError {
  const about = place ? ` about ${nameOf(place)}` : " about any registry";
  const target = place ? nameOf(place) : "HOST";
  return new PlimsollError("image-not-found", `the cache has no scan results${about}`, {
    hint: `Run plimsoll scan --registry ${target} first, with the same cache folder.`,
  });
}

import { availableParallelism } from "node:os";
import { extractors } from "../../extractors/builtin.ts";
import { TemporaryFolder } from "../../io/files/temporary-folder.ts";
import { PlimsollError } from "../../model/error.ts";
import { type ImageReference, referenceText } from "../../model/packages/reference.ts";
import type { RegistryFailure, RegistryReport, RegistryScope } from "../../model/reports/registry-report.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { AdvisoriesOfRun } from "../database/advisories-of-run.ts";
import { noContentSearch } from "../inventory/content-search.ts";
import { layersAtOnce } from "../inventory/inventory.ts";
import { InventoryCache } from "../inventory/inventory-cache.ts";
import { LayerWorkers, threadCount } from "../inventory/layer-workers.ts";
import { namesOfLayer } from "../inventory/name-budget.ts";
import type { ScanOptions } from "../scan/scan.ts";
import { FinishedScans } from "./finished-scans.ts";
import { listNamedImages } from "./list-named-images.ts";
import { listRegistryImages, type RegistryListing } from "./list-registry-images.ts";
import type { TaggedImage } from "./newest-images.ts";
import { registryImageDates } from "./registry-image-dates.ts";
import { RegistryRun } from "./registry-run.ts";
import { type LayerCounts, SharedLayers } from "./shared-layers.ts";
import { tagFilter } from "./tag-filter.ts";

/** What of a registry is scanned. */
export interface RegistryPlace {
  /** As references name it. */
  readonly registry: string;
  /** A repository, or the part of a path that repositories begin with; empty for all. */
  readonly prefix: string;
  /** Patterns for tags, as {@link tagFilter} reads them. */
  readonly tags: readonly string[];
  /** The most images of each repository. */
  readonly newest?: number | undefined;
}

/** Images that were named one by one. */
export interface NamedImages {
  /** As references name it: that of all. */
  readonly registry: string;
  readonly references: readonly ImageReference[];
  /** What could not be scanned before the run began. */
  readonly failures: readonly RegistryFailure[];
}

/** How far a run is. */
export type RegistryProgress =
  | {
      readonly stage: "listing";
      readonly repositories: number;
      readonly tags: number;
      /** Images that are scanned already. */
      readonly done: number;
    }
  | {
      readonly stage: "scanning";
      /** Images that are scanned already: an index counts as one image, whatever platforms it has. */
      readonly done: number;
      /** Images that are to be scanned, counted as `done` is. */
      readonly total: number;
      /** The image that was begun last. */
      readonly current: string;
      /** Bytes of layers that were downloaded. */
      readonly bytes: number;
      readonly layers: LayerCounts;
    };

/** How a registry is scanned. */
export interface ScanRegistryOptions extends Omit<ScanOptions, "registry" | "shared" | "progress" | "alsoKnownAs"> {
  readonly client: RegistryClient;
  /** True to scan every image of an index. */
  readonly allPlatforms: boolean;
  /** Images that are scanned at a time; by default by the number of cores. */
  readonly atOnce?: number | undefined;
  /** True to scan again what an earlier run finished. */
  readonly fresh: boolean;
  readonly runProgress?: (progress: RegistryProgress) => void;
  /** True to add the packages of each image to the report; requires a cache. */
  readonly listPackages?: boolean;
}

/**
 * Scans a registry or a part of it: each image once, whatever tags and repositories have it, each layer once, several
 * at a time. What an earlier run with the same advisories finished is taken from the cache. An image that cannot be
 * scanned is among the report's failures, and the rest goes on.
 *
 * Errors: those of {@link listRegistryImages}, `image-not-found` when there is nothing to scan, `usage`, those of the
 * advisories, `cancelled`.
 */
export function scanRegistry(place: RegistryPlace, options: ScanRegistryOptions): Promise<RegistryReport> {
  const { registry, prefix, newest } = place;
  const { client, platform, cache } = options;
  const filter = tagFilter(place.tags);
  const scope: RegistryScope = {
    registry,
    ...(prefix !== "" && { prefix }),
    tags: place.tags,
    ...(newest !== undefined && { newest }),
  };
  return run(scope, options, async (registryRun) => {
    let images = 0;
    const listing = await listRegistryImages(client, {
      registry,
      prefix,
      filter,
      newest,
      dateOf: registryImageDates(client, { platform, cache }),
      manifests: registryRun.manifests,
      mayFetch: () => registryRun.expectsNew,
      found(more) {
        images += more.length;
        registryRun.add(more);
      },
      progress: (listed) => registryRun.noteListed(listed),
    });
    if (images === 0 && listing.failures.length === 0) throw nothingThere(place, listing);
    return listing;
  });
}

/** Scans every image of the index that a reference names. Errors: as {@link scanRegistry}. */
export function scanAllPlatforms(reference: ImageReference, options: ScanRegistryOptions): Promise<RegistryReport> {
  const { registry, repository, tag, digest } = reference;
  const scope: RegistryScope = { registry, prefix: repository, reference: digest ?? tag ?? "latest", tags: [] };
  return run(scope, options, async (registryRun) => {
    const head = digest === undefined ? await options.client.head(reference) : { digest };
    if (!head) {
      throw new PlimsollError("image-not-found", `the registry ${registry} has no image ${referenceText(reference)}`, {
        hint: "Check the name and the tag. Without credentials, registries often report a private image as not found.",
      });
    }
    const tags = digest === undefined ? [tag ?? "latest"] : [];
    const image: TaggedImage = { registry, repository, digest: head.digest, tags };
    registryRun.add([image]);
    return { repositories: 1, tags: tags.length, attached: 0, failures: [], empty: [], unknown: [] };
  });
}

/**
 * Scans images of one registry that were named one by one, each once whatever tags it was named by.
 * Errors: `usage`, those of the advisories, `cancelled`.
 */
export function scanNamedImages(images: NamedImages, options: ScanRegistryOptions): Promise<RegistryReport> {
  const { registry, references, failures } = images;
  const named = references.map((reference) => referenceText(reference).slice(registry.length + 1));
  return run({ registry, named, tags: [] }, options, async (registryRun) => {
    const listing = await listNamedImages(options.client, references, (found) => void registryRun.add(found));
    return { ...listing, failures: [...failures, ...listing.failures] };
  });
}

async function run(
  asked: RegistryScope,
  options: ScanRegistryOptions,
  list: (registryRun: RegistryRun) => Promise<RegistryListing>,
): Promise<RegistryReport> {
  const { allPlatforms, platform, cache, signal, client, fresh, runProgress } = options;
  const scope = { ...asked, ...(allPlatforms ? { platform: "all" } : platform !== undefined ? { platform } : {}) };
  using advisories = new AdvisoriesOfRun({ ...options, manyTargets: true });
  using folder = layerFolder(cache);
  const atOnce = options.atOnce ?? defaultAtOnce();
  const count = threadCount();
  using workers =
    count > 0
      ? new LayerWorkers({ folder: folder.path, names: namesOfLayer, search: noContentSearch, count, signal })
      : undefined;
  const layers = new SharedLayers({
    cache: new InventoryCache(folder.path, extractors),
    atOnce: workers?.atOnce ?? layersAtOnce,
    ...(workers && { workers }),
    signal,
  });
  const registryRun = new RegistryRun({
    ...options,
    client,
    allPlatforms,
    layers,
    advisories,
    atOnce,
    fresh,
    finished: new FinishedScans(cache, options),
    ...(runProgress && { runProgress }),
  });
  try {
    await registryRun.scanAll(list);
  } finally {
    registryRun.remember(scope);
  }
  return registryRun.report(scope);
}

function nothingThere({ registry, prefix, tags }: RegistryPlace, listing: RegistryListing): PlimsollError {
  const where = prefix === "" ? registry : `${registry}/${prefix}`;
  if (listing.repositories === 0) {
    const message =
      prefix === "" ? `${where} lists no repository` : `${registry} lists no repository ${prefix}, and none below it`;
    return new PlimsollError("image-not-found", message, {
      hint: "Check the name; many registries list only the repositories that the credentials can access.",
    });
  }
  const chosen = tags.length === 0 ? "" : ` that matches ${tags.join(",")}`;
  return new PlimsollError("image-not-found", `the repositories of ${where} have no tag${chosen}`, {
    hint: tags.length === 0 ? "Push an image there first." : "Check the patterns of --tags.",
  });
}

function defaultAtOnce(): number {
  return Math.max(8, Math.min(16, availableParallelism() + 2));
}

/** Where inventories of layers lie during a run: the cache folder, or without one a folder that goes away. */
function layerFolder(cache: string | undefined): Disposable & { readonly path: string } {
  return cache === undefined ? new TemporaryFolder("plimsoll-layers-") : { path: cache, [Symbol.dispose]() {} };
}

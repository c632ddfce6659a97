import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ListedPackage } from "../../../model/package-search.ts";
import { packRecord, RecordStore, unpackAnyRecord, unpackRecord } from "../../../store/record-store.ts";

/** What the cache keeps of the packages of one image. */
export interface KnownPackages {
  /** When it was scanned, RFC 3339. */
  readonly scannedAt: string;
  readonly packages: readonly ListedPackage[];
  /** Digests of the layers, lowest first; null for one without. */
  readonly layers: readonly (string | null)[];
  /** Why packages may be missing; absent when the whole image was read. */
  readonly gap?: string;
  /** See `answerRevision`: what another version of the program found may lack packages. */
  readonly revision: string;
}

/** An image, or an index, as a repository had it when it was scanned. */
export interface KnownImage {
  readonly tags: readonly string[];
  readonly digest: string;
  /** The images' own manifests. */
  readonly manifests: readonly string[];
  /** Why the packages of all or some of its images are not known. */
  readonly gaps: readonly string[];
}

/** What is known of a repository. */
export interface KnownRepository {
  readonly kind: "repository";
  readonly registry: string;
  readonly repository: string;
  /** When the run began that saw it last, RFC 3339. */
  readonly seenAt: string;
  readonly images: readonly KnownImage[];
  /** Why it may hold more images. */
  readonly gaps: readonly string[];
}

/** A run over a registry, or over what is below a path. */
export interface KnownScope {
  readonly kind: "scope";
  readonly registry: string;
  /** Empty for the whole registry. */
  readonly prefix: string;
  readonly scannedAt: string;
  /** Why repositories may be missing. */
  readonly gaps: readonly string[];
}

/** Raise it when a record changes its shape or its meaning. */
const format = 1;
const largestRecord: number = 256 * 1024 * 1024;

/** The packages of images that were scanned in registries, and which images these have, in the cache folder. */
export class KnownImages {
  readonly #folder: string;
  readonly #packages: RecordStore;
  readonly #index: RecordStore;

  constructor(cache: string) {
    this.#folder = join(cache, "registry-index");
    this.#packages = new RecordStore(join(cache, "registry-packages"));
    this.#index = new RecordStore(this.#folder);
  }

  /** Keeps the packages of an image, unless a reading with fewer gaps is known. */
  keepPackages(manifestDigest: string, packages: KnownPackages): void {
    const known = packages.gap === undefined ? undefined : this.packages(manifestDigest);
    if (known && known.gap === undefined && known.revision === packages.revision) return;
    const key = JSON.stringify([format, manifestDigest]);
    this.#packages.set(key, packRecord(key, packages));
  }

  /** The packages of an image; undefined when they are not known. */
  packages(manifestDigest: string): KnownPackages | undefined {
    const key = JSON.stringify([format, manifestDigest]);
    const packed = this.#packages.get(key, largestRecord);
    return packed && unpackRecord<KnownPackages>(key, packed, largestRecord);
  }

  keepIndex(record: KnownRepository | KnownScope): void {
    const key = keyOf(record);
    this.#index.set(key, packRecord(key, record));
  }

  repository(registry: string, repository: string): KnownRepository | undefined {
    const key = keyOf({ kind: "repository", registry, repository });
    const packed = this.#index.get(key, largestRecord);
    return packed && unpackRecord<KnownRepository>(key, packed, largestRecord);
  }

  /** All that is known of registries, in no order, one record at a time. */
  *index(): Generator<KnownRepository | KnownScope> {
    for (const name of namesIn(this.#folder)) {
      const bytes = readIfSmall(join(this.#folder, name));
      const record = bytes && unpackAnyRecord<KnownRepository | KnownScope>(bytes, largestRecord);
      if (record && record.key === keyOf(record.value)) yield record.value;
    }
  }
}

function keyOf(
  record: Pick<KnownRepository, "kind" | "registry" | "repository"> | Pick<KnownScope, "kind" | "registry" | "prefix">,
): string {
  const { kind, registry } = record;
  return JSON.stringify([format, kind, registry, record.kind === "scope" ? record.prefix : record.repository]);
}

/** What is being written has a longer name. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
  } catch {
    return [];
  }
}

function readIfSmall(path: string): Buffer | undefined {
  try {
    return statSync(path).size <= largestRecord ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}

import { join } from "node:path";
import type { ListedPackage } from "../../../model/packages/package-search.ts";
import { packRecord, RecordStore, unpackRecord } from "../../../store/record-store.ts";

/** The packages of one image, as the cache keeps them. */
export interface KnownPackages {
  /** When the image was scanned, RFC 3339. */
  readonly scannedAt: string;
  readonly packages: readonly ListedPackage[];
  /** Digests of the layers, lowest first; null for one without. */
  readonly layers: readonly (string | null)[];
  /** Why packages may be missing; absent when the whole image was read. */
  readonly gap?: string;
  /** The `answerRevision` of the scan; a scan with another revision may have missed packages. */
  readonly revision: string;
}

/** An image, or an index, as a repository had it when it was scanned. */
export interface KnownImage {
  readonly tags: readonly string[];
  readonly digest: string;
  /** Digests of the images' own manifests. */
  readonly manifests: readonly string[];
  /** Why the packages of all or some of its images are not known. */
  readonly gaps: readonly string[];
}

/** The images of a repository that were seen. */
export interface KnownRepository {
  readonly kind: "repository";
  readonly registry: string;
  readonly repository: string;
  /** Start of the latest run that saw the repository, RFC 3339. */
  readonly seenAt: string;
  readonly images: readonly KnownImage[];
  /** Why the repository may hold more images. */
  readonly gaps: readonly string[];
}

/** A run over a registry, or over what is below a path. */
export interface KnownScope {
  readonly kind: "scope";
  readonly registry: string;
  /** Empty for the whole registry. */
  readonly prefix: string;
  /** Start of the run, RFC 3339. */
  readonly scannedAt: string;
  /** Why repositories may be missing. */
  readonly gaps: readonly string[];
}

/** Raise it when a record changes its shape or its meaning. */
const format = 1;
const largestRecord: number = 256 * 1024 * 1024;

/** The cache of a registry search: the packages of scanned images, and the images of each repository. */
export class KnownImages {
  readonly #packages: RecordStore;
  readonly #index: RecordStore;

  constructor(cache: string) {
    this.#packages = new RecordStore(join(cache, "registry-packages"));
    this.#index = new RecordStore(join(cache, "registry-index"));
  }

  /** Keeps the packages of an image, unless a reading with fewer gaps is known. */
  keepPackages(manifestDigest: string, packages: KnownPackages): void {
    const known = packages.gap === undefined ? undefined : this.packages(manifestDigest);
    if (known && known.gap === undefined && known.revision === packages.revision) return;
    const key = packagesKey(manifestDigest);
    this.#packages.set(key, packRecord(key, packages));
  }

  /** The packages of an image; undefined when they are not known. */
  packages(manifestDigest: string): KnownPackages | undefined {
    return read(this.#packages, packagesKey(manifestDigest));
  }

  keepIndex(record: KnownRepository | KnownScope): void {
    const key = keyOf(record);
    this.#index.set(key, packRecord(key, record));
  }

  repository(registry: string, repository: string): KnownRepository | undefined {
    return read(this.#index, keyOf({ kind: "repository", registry, repository }));
  }

  /** All known repositories and scopes in no order, read one at a time. */
  *index(): Generator<KnownRepository | KnownScope> {
    for (const { key, value } of this.#index.records<KnownRepository | KnownScope>(largestRecord)) {
      if (key === keyOf(value)) yield value;
    }
  }
}

function read<T extends object>(store: RecordStore, key: string): T | undefined {
  const packed = store.get(key, largestRecord);
  return packed && unpackRecord<T>(key, packed, largestRecord);
}

function packagesKey(manifestDigest: string): string {
  return JSON.stringify([format, manifestDigest]);
}

function keyOf(
  record: Pick<KnownRepository, "kind" | "registry" | "repository"> | Pick<KnownScope, "kind" | "registry" | "prefix">,
): string {
  const { kind, registry } = record;
  return JSON.stringify([format, kind, registry, record.kind === "scope" ? record.prefix : record.repository]);
}

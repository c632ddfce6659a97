import type { Package } from "./package.ts";

/** The properties of a package that a search uses. */
export type ListedPackage = Pick<Package, "type" | "name" | "version" | "purl" | "paths" | "layer" | "source">;

/** A package that a search found, in one image of one repository. */
export interface PackageMatch {
  readonly registry: string;
  readonly repository: string;
  readonly tags: readonly string[];
  /** The digest that the tags name: of the image's manifest, or of an index. */
  readonly digest: string;
  /** The digest of the image's own manifest. */
  readonly manifestDigest: string;
  /** When the image was scanned, RFC 3339. */
  readonly scannedAt: string;
  readonly package: ListedPackage;
  /** The digest of the layer that brought the package, when it is known. */
  readonly layerDigest?: string;
  /** True when the version cannot be compared with the range of the search. */
  readonly undecided?: true;
}

/** Images whose packages are not known, or a repository or registry that may have such images. */
export interface UnknownImages {
  readonly registry: string;
  /** Absent when the reason concerns the whole registry. */
  readonly repository?: string;
  readonly tags?: readonly string[];
  readonly digest?: string;
  readonly reason: string;
}

/** The result of a search, beside its matches. */
export interface PackageSearchSummary {
  readonly answer: "found" | "not-found" | "cannot-tell";
  /** The searched registries, `HOST` or `HOST/PREFIX`, with the time of their last scan, RFC 3339. */
  readonly scopes: readonly { readonly name: string; readonly scannedAt: string }[];
  /** The time of the oldest image scan, RFC 3339; absent without images. */
  readonly oldest?: string;
  /** Number of distinct images that were searched. */
  readonly images: number;
  /** Number of distinct images that contain the package. */
  readonly found: number;
  /** The first unknown images; {@link PackageSearchSummary.unknownCount} counts all. */
  readonly unknown: readonly UnknownImages[];
  readonly unknownCount: number;
  /** Names of packages that contain the text of the search, when it found nothing. */
  readonly similar: readonly string[];
}

import type { Package } from "./package.ts";

/** What a search needs of a package. */
export type ListedPackage = Pick<Package, "type" | "name" | "version" | "purl" | "paths" | "layer" | "source">;

/** A package that a search found, in an image as one repository has it. */
export interface PackageMatch {
  readonly registry: string;
  readonly repository: string;
  readonly tags: readonly string[];
  /** What the tags stand for: the image's manifest, or an index. */
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

/** Something of a registry whose packages are not known. */
export interface UnknownImages {
  readonly registry: string;
  /** Absent when it is about the registry. */
  readonly repository?: string;
  readonly tags?: readonly string[];
  readonly digest?: string;
  readonly reason: string;
}

/** What a search can say once all images were searched. */
export interface PackageSearchSummary {
  readonly answer: "found" | "not-found" | "cannot-tell";
  /** What was searched: `HOST` or `HOST/PREFIX`, with when it was last scanned, RFC 3339. */
  readonly scopes: readonly { readonly name: string; readonly scannedAt: string }[];
  /** When the image that was scanned first was scanned, RFC 3339; absent without images. */
  readonly oldest?: string;
  /** Images whose packages were searched, by their manifests. */
  readonly images: number;
  /** Images that have the package, by their manifests. */
  readonly found: number;
  /** The first of what is not known. */
  readonly unknown: readonly UnknownImages[];
  /** How much is not known. */
  readonly unknownCount: number;
  /** Names of packages that contain the text of the search, when it found nothing. */
  readonly similar: readonly string[];
}

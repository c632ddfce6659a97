/** A manifest or an index, as a registry sends it. */
export interface SourceManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Computed from the bytes. */
  readonly digest: string;
}

/** What a registry lists as a referrer of an image. */
export interface Referrer {
  readonly digest: string;
  /** As the registry says; some say it wrongly or not at all. */
  readonly artifactType?: string;
  /** Its manifest, when it has been read; else it is asked for by its digest. */
  readonly manifest?: SourceManifest;
}

/**
 * Where signatures are read. Errors are `PlimsollError`s: `cancelled` ends the verification, all others mean that
 * something could not be looked at.
 */
export interface SignatureSource {
  /** The manifest under a tag or a digest; undefined when the registry says that it does not have it. */
  manifest(repository: string, reference: string): Promise<SourceManifest | undefined>;
  /**
   * The bytes of a blob, of which its manifest says that there are `maxBytes`. Errors: `limit-exceeded` beyond
   * `maxBytes`, `image-not-found`, `digest-mismatch`.
   */
  blob(repository: string, digest: string, maxBytes: number): Promise<Uint8Array>;
  /**
   * The referrers of an image, from the registry's API or else from the fallback tag. Source: OCI distribution-spec
   * 1.1.
   */
  referrers(repository: string, digest: string): AsyncIterable<Referrer>;
}

/**
 * What a server or folder said of a file's state, to be shown again next time: `etag`, `last-modified` and the address
 * that they are `from`, a feed's own words.
 */
export type Position = Readonly<Record<string, string>>;

/** What one request brought. */
export type Fetched =
  | { readonly kind: "file"; readonly path: string; readonly position: Position }
  /** As it was at the position that was shown. */
  | { readonly kind: "unchanged" }
  /** There is no such file (404 or 410). `place` is where it was looked for, as one may read it. */
  | { readonly kind: "absent"; readonly place?: string };

/** How a file is fetched. */
export interface FetchFileOptions {
  /** Bytes of the file as transferred. */
  readonly maxBytes: number;
  /** The `position` that came with the file last time, when what was made of it is still there. */
  readonly previous?: Position | undefined;
  /** Hexadecimal, from the publisher. */
  readonly sha256?: string;
}

/**
 * Where a feed's files are: the publisher's server, a mirror of it, or a folder laid out like it.
 *
 * `address` is absolute, or relative to the feed's own {@link AdvisoryFeed.address}. With a mirror, the address
 * `https://HOST/PATH` is looked for at `MIRROR/HOST/PATH`.
 */
export interface FeedSource {
  /**
   * Brings a file to the disk, in a folder that goes when the update ends. A download that broke off is resumed.
   *
   * Errors: `feed-unreachable`, `feed-malformed` (the checksum is another), `limit-exceeded`, `output-not-written`,
   * `cancelled`.
   */
  fetch(address: string, options: FetchFileOptions): Promise<Fetched>;
}

/** One maintained line of a product's releases, as endoflife.date tells it. */
export interface ReleaseCycle {
  /** `12`, `22.04`, `3.19`. */
  readonly cycle: string;
  readonly codename?: string;
  /** A date (`2028-06-30`), or whether support has ended where no date is known. */
  readonly endOfLife: string | boolean;
  /** The end of what the publisher sells or a separate team gives beyond that, where there is such a thing. */
  readonly extendedEnd?: string | boolean;
}

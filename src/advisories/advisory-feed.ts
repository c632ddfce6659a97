import type { ZipSource } from "../io/zip.ts";
import type { Advisory } from "../model/advisory.ts";
import type { Context, Plugin } from "../model/plugin.ts";

/** A piece of a feed on the local disk: what one request brought. Disposing of it gives its file back. */
export interface FeedPart extends Disposable {
  /** For messages and progress: the ecosystem's name. */
  readonly name: string;
  readonly bytes: ZipSource;
}

/** What a feed needs to fetch. */
export interface FetchOptions {
  readonly signal: AbortSignal;
  /** An existing folder for downloads. */
  readonly workFolder: string;
  /** Only these ecosystems (without suffix); all when absent. */
  readonly ecosystems?: readonly string[];
}

/** A publisher's advisories. `fetch` touches network and disk, `parse` never does. */
export interface AdvisoryFeed extends Plugin {
  /**
   * The parts at `from`, a folder or an address, one after the other in an order that does not change.
   *
   * Errors: `feed-unreachable`, `feed-malformed`, `limit-exceeded`, `usage`, `cancelled`.
   */
  fetch(from: string, options: FetchOptions): AsyncIterable<FeedPart>;
  /** The advisories of a part, always in the same order; what is not one is a problem. Error: `feed-malformed`. */
  parse(part: FeedPart, context: Context): Iterable<Advisory>;
}

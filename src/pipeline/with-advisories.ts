import type { AdvisoryIndex } from "../model/advisory.ts";
import type { Contents } from "../model/report.ts";
import { limitsOf, openAdvisories } from "./advisory-source.ts";
import type { DatabaseAgeLimits } from "./database-age.ts";
import { checkSignal, type ExamineOptions, examineTarget } from "./examine-target.ts";
import type { FetchedMissing } from "./fetch-missing-advisories.ts";
import type { FeedAccess, UpdateProgress } from "./update-database.ts";

/** What a target is compared with. */
export interface CompareOptions extends ExamineOptions {
  /** The database to use; without it the built-in advisories. */
  readonly database?: string;
  /** Set to fetch into this file what the target needs and `database` lacks; it is then used instead of `database`. */
  readonly fetchMissing?: { readonly database: string; readonly access: FeedAccess };
  /** By default {@link defaultAgeLimits}. */
  readonly databaseAge?: DatabaseAgeLimits;
  /** Called while missing advisories are fetched. */
  readonly fetchProgress?: (progress: UpdateProgress) => void;
}

/** A target and the advisories for it, open. */
export interface OpenComparison {
  readonly contents: Contents;
  readonly index: AdvisoryIndex;
  /** Why some advisories are missing that should have been fetched. */
  readonly failures: readonly string[];
}

/**
 * Takes stock of a target, fetches the advisories that it needs and are missing, if that is allowed, and opens them while `use` works.
 *
 * Errors: those of {@link examineTarget}, `database-not-found`, `database-malformed`, `database-outdated`.
 */
export async function withAdvisories<T>(
  text: string,
  options: CompareOptions,
  use: (opened: OpenComparison) => T,
): Promise<T> {
  const { now, signal } = options;
  using before = new OpenAdvisories(options.database);
  limitsOf(before.index.status, { now, limits: options.databaseAge });
  const contents = await examineTarget(text, options);
  options.progress?.({ stage: "matching", done: 0, total: 0 });
  checkSignal(signal);
  const { changed, failures } = await fetchMissing(contents, before, options);
  using after = changed ? new OpenAdvisories(options.fetchMissing?.database) : undefined;
  return use({ contents, index: (after ?? before).index, failures });
}

class OpenAdvisories {
  readonly index: AdvisoryIndex;

  constructor(path: string | undefined) {
    this.index = openAdvisories(path);
  }

  [Symbol.dispose](): void {
    this.index.close();
  }
}

async function fetchMissing(
  contents: Contents,
  { index }: OpenAdvisories,
  { fetchMissing: wish, fetchProgress, now, signal }: CompareOptions,
): Promise<FetchedMissing> {
  if (!wish) return { changed: false, failures: [] };
  const { fetchMissingAdvisories } = await import("./fetch-missing-advisories.ts");
  return fetchMissingAdvisories(contents, {
    ...wish,
    index: index.status.kind === "built-in" ? undefined : index,
    now,
    signal,
    ...(fetchProgress && { progress: fetchProgress }),
  });
}

import type { AdvisoryIndex } from "../model/advisory.ts";
import type { Contents } from "../model/report.ts";
import { limitsOf, openAdvisories } from "./advisory-source.ts";
import type { DatabaseAgeLimits } from "./database-age.ts";
import { rememberingIndex } from "./remembering-index.ts";
import type { FeedAccess, UpdateProgress } from "./update-database.ts";

/** Which advisories a run uses. */
export interface RunAdvisoriesOptions {
  /** The database to use; without it the built-in advisories. */
  readonly database?: string;
  /** Set to fetch into this file what a target needs and `database` lacks; it is then used instead of `database`. */
  readonly fetchMissing?: { readonly database: string; readonly access: FeedAccess };
  /** By default {@link defaultAgeLimits}. */
  readonly databaseAge?: DatabaseAgeLimits;
  /** Called while missing advisories are fetched. */
  readonly fetchProgress?: (progress: UpdateProgress) => void;
  /** The present. */
  readonly now: Date;
  readonly signal: AbortSignal;
  /** True for a run over many targets: what the advisories say of a package is remembered for the next one that has it. */
  readonly manyTargets?: boolean;
}

/** The advisories of a run, open, for any number of targets. What one target brought in is there for the next. */
export class RunAdvisories {
  readonly #options: RunAdvisoriesOptions;
  #index: AdvisoryIndex;
  #fetching: Promise<void> = Promise.resolve();
  readonly #failures: string[] = [];
  /** Ecosystems that were asked for and are still missing. */
  readonly #tried = new Set<string>();

  /** Errors: `database-not-found`, `database-malformed`, `database-outdated`. */
  constructor(options: RunAdvisoriesOptions) {
    this.#options = options;
    this.#index = this.#open(options.database);
    try {
      limitsOf(this.#index.status, { now: options.now, limits: options.databaseAge });
    } catch (cause) {
      this.#index.close();
      throw cause;
    }
  }

  /** Use it until the next `await`: then it may be another one. */
  get index(): AdvisoryIndex {
    return this.#index;
  }

  /** Why some advisories are missing that should have been fetched. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  /**
   * Fetches what a target needs and is missing, if that is allowed; each publisher is asked once in a run.
   * Errors: `database-malformed`, `cancelled`.
   */
  prepare(contents: Pick<Contents, "packages" | "distro">): Promise<void> {
    const turn = this.#fetching.then(() => this.#fetchMissing(contents));
    this.#fetching = turn.catch(() => undefined);
    return turn;
  }

  [Symbol.dispose](): void {
    this.#index.close();
  }

  #open(path: string | undefined): AdvisoryIndex {
    const index = openAdvisories(path);
    return this.#options.manyTargets ? rememberingIndex(index) : index;
  }

  async #fetchMissing(contents: Pick<Contents, "packages" | "distro">): Promise<void> {
    const { fetchMissing: wish, fetchProgress, now, signal } = this.#options;
    if (!wish) return;
    const { fetchMissingAdvisories } = await import("./fetch-missing-advisories.ts");
    const asked = new Set<string>();
    const isThere = (ecosystem: string): boolean =>
      this.#index.status.kind !== "built-in" && this.#index.covers(ecosystem);
    const needsNoFetch = (ecosystem: string): boolean => {
      asked.add(ecosystem);
      return this.#tried.has(ecosystem) || isThere(ecosystem);
    };
    const { changed, failures } = await fetchMissingAdvisories(contents, {
      ...wish,
      index: { covers: needsNoFetch },
      now,
      signal,
      ...(fetchProgress && { progress: fetchProgress }),
    });
    if (changed) {
      const fresh = this.#open(wish.database);
      this.#index.close();
      this.#index = fresh;
    }
    for (const ecosystem of asked) if (!isThere(ecosystem)) this.#tried.add(ecosystem);
    this.#failures.push(...failures);
  }
}

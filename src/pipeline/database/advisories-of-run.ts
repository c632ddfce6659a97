import { KnownFindings } from "../../detectors/vulnerabilities/joining/known-findings.ts";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";
import type { Contents } from "../../model/reports/report.ts";
import {
  type DatabaseAgeLimits,
  hasOldParts,
  refuseOldBuiltIn,
  remarksOnParts,
  remarksOnTables,
  remarksOnUndatedParts,
} from "./database-age.ts";
import { limitsOf } from "./limits-of.ts";
import { openAdvisories } from "./open-advisories.ts";
import { hasRefused, remarksOnRefused } from "./refused-records.ts";
import { rememberingIndex } from "./remembering-index.ts";
import type { FeedAccess, UpdateProgress } from "./update-database.ts";

/** Which advisories a run uses. */
export interface AdvisoriesOfRunOptions {
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
  /**
   * True for a run over many targets: what the advisories say of a package is remembered for the next one that has it.
   */
  readonly manyTargets?: boolean;
}

/** What decides which advisories are needed: what is in a target, or what {@link neededEcosystems} made of it. */
export type AdvisoryNeeds = Pick<Contents, "packages" | "distro"> | { readonly ecosystems: readonly string[] };

/** The ecosystems (without suffix) that a target's packages are compared with, sorted. */
export async function neededEcosystems(contents: Pick<Contents, "packages" | "distro">): Promise<readonly string[]> {
  loadingFeeds ??= Promise.all([import("./fetch-missing-advisories.ts"), import("./choose-feeds.ts")]);
  const [{ ecosystemsToFetch }, { feedOfEcosystem }] = await loadingFeeds;
  return ecosystemsToFetch(contents, (ecosystem) => feedOfEcosystem(ecosystem) !== undefined);
}

/** Node looks again for a module that it has, which for each image of a run takes as long as what is asked of it. */
let loadingFeeds:
  | Promise<[typeof import("./fetch-missing-advisories.ts"), typeof import("./choose-feeds.ts")]>
  | undefined;

/** The advisories of a run, open, for any number of targets. What one target brought in is there for the next. */
export class AdvisoriesOfRun {
  readonly #options: AdvisoriesOfRunOptions;
  #index: AdvisoryIndex;
  #fetching: Promise<void> = Promise.resolve();
  readonly #failures: string[] = [];
  readonly #remarks = new Set<string>();
  /** Ecosystems and feeds that were asked for: each is once. */
  readonly #tried = new Set<string>();

  /** Errors: `database-not-found`, `database-malformed`, `database-outdated`. */
  constructor(options: AdvisoriesOfRunOptions) {
    this.#options = options;
    this.known = options.manyTargets ? new KnownFindings() : undefined;
    this.#index = this.#open(options.database);
    try {
      // Others may come in place of the built-in ones.
      if (!(options.fetchMissing && this.#index.status.kind === "built-in")) this.#refuseOld();
    } catch (cause) {
      this.#index.close();
      throw cause;
    }
  }

  /** Use it until the next `await`: then it may be another one. */
  get index(): AdvisoryIndex {
    return this.#index;
  }

  /** What was found for the packages of the targets before, in a run over many. */
  readonly known: KnownFindings | undefined;

  /** Why some advisories are missing that should have been fetched, which are old, and which could not be read. */
  get failures(): readonly string[] {
    return [...this.#failures, ...this.#remarks];
  }

  /**
   * Fetches what a target needs and is missing, if that is allowed; each publisher is asked once in a run. Then looks
   * at what the target is compared with, where that is older than the database or could not be read in full. Returns
   * what of that leaves the answer about this target open, one sentence each.
   *
   * Errors: `database-malformed`, `database-outdated`, `cancelled`.
   */
  prepare(needs: AdvisoryNeeds): Promise<readonly string[]> {
    const turn = this.#fetching.then(async () => {
      await this.#fetchMissing(needs);
      await this.#refuseOldFor(needs);
      return await this.#remark(needs);
    });
    this.#fetching = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  [Symbol.dispose](): void {
    this.#index.close();
  }

  /** Where no publisher has anything for a target, nothing could come in place of the built-in advisories. */
  async #refuseOldFor(needs: AdvisoryNeeds): Promise<void> {
    try {
      this.#refuseOld();
    } catch (cause) {
      if (this.#index.status.kind !== "built-in" || (await canBeFetched(needs))) throw cause;
    }
  }

  #refuseOld(): void {
    const age = { now: this.#options.now, limits: this.#options.databaseAge };
    refuseOldBuiltIn(this.#index.status, age);
    limitsOf(this.#index.status, age);
  }

  #open(path: string | undefined): AdvisoryIndex {
    const index = openAdvisories(path);
    return this.#options.manyTargets ? rememberingIndex(index) : index;
  }

  async #fetchMissing(needs: AdvisoryNeeds): Promise<void> {
    const { fetchMissing, fetchProgress, now, signal } = this.#options;
    if (!fetchMissing) return;
    const { fetchMissingAdvisories } = await import("./fetch-missing-advisories.ts");
    const { status } = this.#index;
    const { changed, asked, failures } = await fetchMissingAdvisories(needs, {
      ...fetchMissing,
      index: status.kind === "built-in" ? undefined : this.#index,
      hasTable: (feed) => status.parts.some((part) => part.feed === feed),
      tried: this.#tried,
      now,
      signal,
      ...(fetchProgress && { progress: fetchProgress }),
    });
    if (changed) {
      const fresh = this.#open(fetchMissing.database);
      this.#index.close();
      this.#index = fresh;
    }
    for (const name of asked) this.#tried.add(name);
    this.#failures.push(...failures);
  }

  async #remark(needs: AdvisoryNeeds): Promise<readonly string[]> {
    const { status } = this.#index;
    const { now, databaseAge: limits } = this.#options;
    if (!hasOldParts(status, { now, limits }) && !hasRefused(status.parts)) return [];
    const { isPartAbout, tableTitles } = await import("./choose-feeds.ts");
    const ecosystems = "ecosystems" in needs ? needs.ecosystems : await neededEcosystems(needs);
    const asked = { ecosystems, isAbout: isPartAbout };
    const ofAge = remarksOnParts(status, { ...asked, now, limits });
    const hasDistribution = "ecosystems" in needs || needs.distro !== null;
    const titles = ecosystems.length === 0 ? new Map<string, string>() : tableTitles(hasDistribution);
    const ofTables = remarksOnTables(status, { titles, now, limits });
    const ofRefused = remarksOnRefused(status.parts, asked);
    for (const remark of [...ofAge, ...ofTables, ...ofRefused]) this.#remarks.add(remark);
    return remarksOnUndatedParts(status, { ...asked, now });
  }
}

/** True when a feed fills an ecosystem that a target needs. */
async function canBeFetched(needs: AdvisoryNeeds): Promise<boolean> {
  const { feedOfEcosystem } = await import("./choose-feeds.ts");
  const ecosystems = "ecosystems" in needs ? needs.ecosystems : await neededEcosystems(needs);
  return ecosystems.some((ecosystem) => feedOfEcosystem(ecosystem) !== undefined);
}

import { sideTables } from "../../advisories/side-tables.ts";
import { distributionEcosystem } from "../../detectors/vulnerabilities/ecosystems/distribution-ecosystem.ts";
import { ecosystemOf } from "../../detectors/vulnerabilities/ecosystems/ecosystem-of.ts";
import { leavesLanguagesOpen } from "../../detectors/vulnerabilities/matching/fixes-only.ts";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";
import type { Package } from "../../model/packages/package.ts";
import { ecosystemBase } from "../../model/packages/package-name.ts";
import type { Contents } from "../../model/reports/report.ts";
import { refusedText } from "./refused-records.ts";
import type { FeedAccess, UpdateProgress } from "./update-database.ts";

/** How missing advisories are fetched. */
export interface FetchMissingOptions {
  /** The database file that gets them; created when missing. */
  readonly database: string;
  /** What the database holds now; undefined when there is none. */
  readonly index: Pick<AdvisoryIndex, "covers"> | undefined;
  /** Whether the database has what a feed without ecosystems brings, by its id; taken for true when absent. */
  readonly hasTable?: (feed: string) => boolean;
  /** Ecosystems and feeds that were asked for before, and are not again. */
  readonly tried?: ReadonlySet<string>;
  readonly access: FeedAccess;
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly progress?: (progress: UpdateProgress) => void;
}

/** A scan is waiting and continues without the data of a silent publisher. */
const impatient = { attempts: 2, idleTimeout: 20_000 } as const;

/** What fetching missing advisories brought. */
export interface FetchedMissing {
  /** True when the database is another one than before. */
  readonly changed: boolean;
  /** The ecosystems and feeds that were asked for. */
  readonly asked: readonly string[];
  /**
   * Why some are still missing, one clause for each publisher or part of what it gives, and one for records that could
   * not be read.
   */
  readonly failures: readonly string[];
}

/**
 * Fetches the advisories that a target needs and the database lacks; or those of the ecosystems named. A failure is
 * returned, not thrown: the scan goes on with what there is.
 *
 * Error: `cancelled`.
 */
export async function fetchMissingAdvisories(
  target: Pick<Contents, "packages" | "distro"> | { readonly ecosystems: readonly string[] },
  options: FetchMissingOptions,
): Promise<FetchedMissing> {
  const { database, index, hasTable = () => true, tried, access, now, signal, progress } = options;
  const isMissing = (ecosystem: string): boolean => !tried?.has(ecosystem) && !index?.covers(ecosystem);
  const missingTable = (ecosystem: string): string[] => {
    const table = sideTables.get(ecosystem);
    return table === undefined || tried?.has(table) || hasTable(table) ? [] : [table];
  };
  const possible = "ecosystems" in target ? target.ecosystems : ecosystemsNeeded(target, { owned: true });
  if (!possible.some((one) => isMissing(one) || missingTable(one).length > 0)) return nothingAsked;
  const [{ chooseFeeds, feedOfEcosystem }, { updateDatabase }, { PlimsollError }] = await Promise.all([
    import("./choose-feeds.ts"),
    import("./update-database.ts"),
    import("../../model/error.ts"),
  ]);
  const hasFeed = (ecosystem: string): boolean => feedOfEcosystem(ecosystem) !== undefined;
  const needed = "ecosystems" in target ? target.ecosystems : ecosystemsToFetch(target, hasFeed);
  const asked = needed
    .filter(hasFeed)
    .flatMap((ecosystem) => (isMissing(ecosystem) ? ecosystem : missingTable(ecosystem)));
  if (asked.length === 0) return nothingAsked;
  try {
    const { feeds, refused, problems } = await updateDatabase({
      output: database,
      feeds: chooseFeeds(asked),
      builtAt: now.toISOString(),
      access: { ...impatient, ...access },
      signal,
      ...(progress && { progress }),
    });
    const failures = feeds.flatMap((feed) =>
      feed.failures.map(({ part, cause }) =>
        failureText(part === undefined ? feed.title : `${part} from ${feed.title}`, cause.message),
      ),
    );
    if (refused > 0) failures.push(refusedText(refused, problems));
    return { changed: true, asked, failures };
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
    return { changed: false, asked, failures: [failureText(asked.join(", "), cause.message)] };
  }
}

const nothingAsked: FetchedMissing = { changed: false, asked: [], failures: [] };

/**
 * The ecosystems (without suffix) that a target's packages are compared with, sorted; `hasFeed` says of one whether a
 * feed fills it.
 */
export function ecosystemsToFetch(
  contents: Pick<Contents, "packages" | "distro">,
  hasFeed: (ecosystem: string) => boolean,
): string[] {
  const ofDistribution = contents.distro ? distributionEcosystem(contents.distro) : undefined;
  const base = ofDistribution && "ecosystem" in ofDistribution ? ecosystemBase(ofDistribution.ecosystem) : undefined;
  const ownersAreJudged = base !== undefined && hasFeed(base) && !leavesLanguagesOpen(base);
  return ecosystemsNeeded(contents, { owned: !ownersAreJudged });
}

/**
 * The ecosystems (without suffix) of a target's packages, sorted. Packages that a distribution's package owns need
 * their own ecosystem only where the advisories about the owners are incomplete.
 */
function ecosystemsNeeded(
  { packages, distro }: Pick<Contents, "packages" | "distro">,
  { owned }: { readonly owned: boolean },
): string[] {
  const needed = new Set<string>();
  const distribution = JSON.stringify(distro);
  for (const found of packages) {
    if (found.ownedBy && !owned) continue;
    const base = baseOf(found, { distro, distribution });
    if (base !== undefined) needed.add(base);
  }
  return [...needed].sort();
}

const lastBases = new WeakMap<Package, { readonly distribution: string; readonly base: string | undefined }>();

/**
 * The ecosystem that a package has of its own; undefined for one that is compared with nothing. The images of a run
 * share packages.
 */
function baseOf(
  found: Package,
  { distro, distribution }: { readonly distro: Contents["distro"]; readonly distribution: string },
): string | undefined {
  const last = lastBases.get(found);
  if (last?.distribution === distribution) return last.base;
  const { ownedBy: _owner, ...subject } = found;
  const where = ecosystemOf(subject, distro);
  const base = "ecosystem" in where ? ecosystemBase(where.ecosystem) : undefined;
  lastBases.set(found, { distribution, base });
  return base;
}

function failureText(what: string, reason: string): string {
  return `the advisories of ${what} could not be fetched: ${reason}`;
}

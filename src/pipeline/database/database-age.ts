import type { DatabaseStatus, PartBehind } from "../../model/advisory.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Finding } from "../../model/finding.ts";

/** Days after which a database is remarked on, and after which it is refused. */
export interface DatabaseAgeLimits {
  readonly warnDays: number;
  readonly refuseDays: number;
}

/** A week without news is worth a remark; after a month a scan would miss too much to be called one. */
export const defaultAgeLimits: DatabaseAgeLimits = { warnDays: 7, refuseDays: 30 };

const dayInMilliseconds = 86_400_000;

/**
 * A remark on the age of a database; undefined when it is young enough, and for the built-in advisories, which have
 * their own remark.
 *
 * Error: `database-outdated`.
 */
export function remarkOnAge(
  status: DatabaseStatus,
  { now, limits = defaultAgeLimits }: { readonly now: Date; readonly limits?: DatabaseAgeLimits | undefined },
): string | undefined {
  if (status.kind === "built-in") return undefined;
  const days = daysSince(status.builtAt, now);
  if (Number.isNaN(days)) {
    throw new PlimsollError("database-outdated", `${status.path ?? "the database"} does not say when it was built`, {
      hint: "Run `plimsoll db update`, or build it anew.",
    });
  }
  if (days > limits.refuseDays) {
    throw new PlimsollError("database-outdated", `${status.path ?? "the database"} is ${days} days old`, {
      hint: hintFor(limits.refuseDays),
    });
  }
  if (days < -1) return `the database says that it was built ${-days} days from now; its age cannot be told`;
  if (!(days > limits.warnDays)) return undefined;
  return `the database was built ${days} days ago and knows nothing newer; run \`plimsoll db update\``;
}

/** True when {@link remarksOnParts} could remark on a part, whatever it is about. */
export function hasOldParts(
  { behind = [] }: Pick<DatabaseStatus, "behind">,
  { now, limits = defaultAgeLimits }: Pick<PartAge, "now" | "limits">,
): boolean {
  return behind.some(({ since }) => daysSince(since, now) > firstAge(limits));
}

/**
 * Remarks on parts of the database that are older than it is, because their publishers were not asked when it was last
 * updated, or did not answer: for each ecosystem that a target needs one when what it is compared with is too old.
 * `isAbout` says whether a part holds what is known of an ecosystem.
 *
 * Error: `database-outdated`.
 */
export function remarksOnParts(
  { path, behind = [] }: Pick<DatabaseStatus, "path" | "behind">,
  { ecosystems, isAbout, now, limits = defaultAgeLimits }: PartAge,
): string[] {
  return ecosystems.flatMap((ecosystem) => {
    const ages = behind.filter((part) => isAbout(part, ecosystem)).map(({ since }) => daysSince(since, now));
    const days = Math.max(0, ...ages);
    if (days <= firstAge(limits)) return [];
    if (days > limits.refuseDays) {
      const message = `the advisories of ${ecosystem} in ${path ?? "the database"} are ${days} days old`;
      throw new PlimsollError("database-outdated", message, { hint: hintFor(limits.refuseDays) });
    }
    return [`the advisories of ${ecosystem} were brought up to date ${days} days ago; run \`plimsoll db update\``];
  });
}

/**
 * Remarks on side tables of the database that are older than it is, one for each. They are never a reason to refuse:
 * without them nothing is missed, and what is said of a finding is old. `titles` has the tables that the target needs,
 * by the id of the feed.
 */
export function remarksOnTables(
  { behind = [] }: Pick<DatabaseStatus, "behind">,
  { titles, now, limits = defaultAgeLimits }: TableAge,
): string[] {
  return [...titles].flatMap(([feed, title]) => {
    const days = daysBehind(behind, { feed, now });
    if (days <= firstAge(limits)) return [];
    return [`what ${title} says was brought up to date ${days} days ago; run \`plimsoll db update\``];
  });
}

/** Which side tables are asked about, and when. */
export interface TableAge extends Pick<PartAge, "now" | "limits"> {
  readonly titles: ReadonlyMap<string, string>;
}

/**
 * Why a verdict that rests on severities of NVD is open: the table is older than a database may be, and NVD may think
 * otherwise now. A clause; undefined when it is not so old, or no finding has its severity from there.
 */
export function remarkOnSeverities(
  { behind = [] }: Pick<DatabaseStatus, "behind">,
  { findings, now, limits = defaultAgeLimits }: SeverityAge,
): string | undefined {
  const days = daysOfOldSeverities({ behind }, { now, limits });
  if (days === undefined) return undefined;
  const count = findings.filter(({ severities }) => severities[0]?.source === "NVD").length;
  if (count === 0) return undefined;
  const whose = count === 1 ? "the severity of one finding is" : `the severities of ${count} findings are`;
  return `${whose} what NVD said ${days} days ago; run \`plimsoll db update\``;
}

/** How old the table of NVD is, where it is older than a database may be. */
export function daysOfOldSeverities(
  { behind = [] }: Pick<DatabaseStatus, "behind">,
  { now, limits = defaultAgeLimits }: Pick<PartAge, "now" | "limits">,
): number | undefined {
  const days = daysBehind(behind, { feed: "nvd", now });
  return days > limits.refuseDays ? days : undefined;
}

/** Whose severities are asked about, and when. */
export interface SeverityAge extends Pick<PartAge, "now" | "limits"> {
  readonly findings: readonly Pick<Finding, "severities">[];
}

/** Which parts are asked about, and when. */
export interface PartAge {
  /** Without suffixes. */
  readonly ecosystems: readonly string[];
  readonly isAbout: (part: PartBehind, ecosystem: string) => boolean;
  readonly now: Date;
  readonly limits?: DatabaseAgeLimits | undefined;
}

/** The age of the oldest part of a feed; 0 when none is older than the database. */
function daysBehind(
  behind: readonly PartBehind[],
  { feed, now }: { readonly feed: string; readonly now: Date },
): number {
  return Math.max(0, ...behind.filter((part) => part.feed === feed).map(({ since }) => daysSince(since, now)));
}

function firstAge({ warnDays, refuseDays }: DatabaseAgeLimits): number {
  return Math.min(warnDays, refuseDays);
}

function daysSince(time: string, now: Date): number {
  return Math.floor((now.getTime() - Date.parse(time)) / dayInMilliseconds);
}

function hintFor(refuseDays: number): string {
  const allowed = refuseDays === 1 ? "one day" : `${refuseDays} days`;
  return `Run \`plimsoll db update\`, or allow more than ${allowed} with --max-db-age.`;
}

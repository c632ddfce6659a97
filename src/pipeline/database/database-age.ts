import { PlimsollError } from "../../model/error.ts";
import type { DatabaseStatus, PartBehind } from "../../model/findings/advisory.ts";
import type { Finding } from "../../model/findings/finding.ts";

/** Days after which a database is remarked on, and after which it is refused. */
export interface DatabaseAgeLimits {
  readonly warnDays: number;
  readonly refuseDays: number;
  /**
   * Those of them that the user set: the built-in advisories, which are as old as the program, are held to no others.
   */
  readonly set?: { readonly warnDays?: number | undefined; readonly refuseDays?: number | undefined };
}

/** A week without news is worth a remark; after a month a scan would miss too much to be called one. */
export const defaultAgeLimits: DatabaseAgeLimits = { warnDays: 7, refuseDays: 30 };

const dayInMilliseconds = 86_400_000;

/**
 * A remark on the age of a database; undefined when it is young enough. A database that is dated in the future may be
 * of any age, so it does not pass a limit that the user set. Built-in advisories are refused by
 * {@link refuseOldBuiltIn}.
 *
 * Error: `database-outdated`.
 */
export function remarkOnAge(
  status: DatabaseStatus,
  { now, limits = defaultAgeLimits }: { readonly now: Date; readonly limits?: DatabaseAgeLimits | undefined },
): string | undefined {
  const days = daysSince(status.builtAt, now);
  if (status.kind === "built-in") return remarkOnBuiltIn(days, limits.set);
  if (Number.isNaN(days)) {
    throw new PlimsollError("database-outdated", `${status.path ?? "the database"} has no build date`, {
      hint: "Run `plimsoll db update`, or build it again.",
    });
  }
  if (days > limits.refuseDays) {
    throw new PlimsollError("database-outdated", `${status.path ?? "the database"} is ${days} days old`, {
      hint: hintFor(limits.refuseDays),
    });
  }
  if (isInFuture(days)) {
    const remark = `the build date of the database is ${-days} days in the future; check the clock`;
    if (limits.set?.refuseDays === undefined) return remark;
    throw new PlimsollError("database-outdated", remark, { hint: hintFor(limits.refuseDays) });
  }
  if (!(days > limits.warnDays)) return undefined;
  return `the database was built ${days} days ago and has no newer advisories; run \`plimsoll db update\``;
}

function remarkOnBuiltIn(
  days: number,
  {
    warnDays = Number.POSITIVE_INFINITY,
    refuseDays = Number.POSITIVE_INFINITY,
  }: NonNullable<DatabaseAgeLimits["set"]> = {},
): string | undefined {
  if (!(days > Math.min(warnDays, refuseDays))) return undefined;
  return `the built-in advisories are ${days} days old and contain nothing newer; run \`plimsoll db update\``;
}

/**
 * Refuses built-in advisories that are older than the limit that the user set. Nothing is refused of a database in a
 * file. Error: `database-outdated`.
 */
export function refuseOldBuiltIn(
  { kind, builtAt }: Pick<DatabaseStatus, "kind" | "builtAt">,
  { now, limits }: { readonly now: Date; readonly limits?: DatabaseAgeLimits | undefined },
): void {
  const refuseDays = limits?.set?.refuseDays;
  const days = daysSince(builtAt, now);
  if (kind !== "built-in" || refuseDays === undefined || !(days > refuseDays)) return;
  throw new PlimsollError("database-outdated", `the built-in advisories are ${days} days old`, {
    hint: hintFor(refuseDays),
  });
}

/** True for a database of unknown age: it is dated more than a day from now. */
export function hasUnknownAge({ kind, builtAt }: Pick<DatabaseStatus, "kind" | "builtAt">, now: Date): boolean {
  return kind === "file" && isInFuture(daysSince(builtAt, now));
}

/** True when {@link remarksOnParts} could remark on a part, whatever it is about. */
export function hasOldParts(
  { behind = [] }: Pick<DatabaseStatus, "behind">,
  { now, limits = defaultAgeLimits }: Pick<PartAge, "now" | "limits">,
): boolean {
  return behind.some(({ since }) => ageOf(since, now) > firstAge(limits));
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
    const ages = behind.filter((part) => isAbout(part, ecosystem)).map(({ since }) => ageOf(since, now));
    const days = greatestKnown(ages);
    if (days > limits.refuseDays) {
      const message = `the advisories of ${ecosystem} in ${path ?? "the database"} are ${days} days old`;
      throw new PlimsollError("database-outdated", message, { hint: hintFor(limits.refuseDays) });
    }
    if (ages.includes(unknownAge) && limits.set?.refuseDays !== undefined) {
      throw new PlimsollError("database-outdated", undated(ecosystem), { hint: hintFor(limits.refuseDays) });
    }
    if (days <= firstAge(limits)) return [];
    return [`the advisories of ${ecosystem} were last updated ${days} days ago; run \`plimsoll db update\``];
  });
}

/**
 * Why the answer about each of these ecosystems is open of which a part is dated in the future: it may be of any age.
 */
export function remarksOnUndatedParts(
  { behind = [] }: Pick<DatabaseStatus, "behind">,
  { ecosystems, isAbout, now }: Omit<PartAge, "limits">,
): string[] {
  const undatedParts = behind.filter(({ since }) => ageOf(since, now) === unknownAge);
  return ecosystems.filter((ecosystem) => undatedParts.some((part) => isAbout(part, ecosystem))).map(undated);
}

function undated(ecosystem: string): string {
  return `the advisories of ${ecosystem} are dated in the future; their age is unknown`;
}

/**
 * Remarks on side tables of the database that are older than it is, one for each. They are never a reason to refuse:
 * without the tables no finding is missed, and only the facts about a finding are old. `titles` has the tables that the
 * target needs, by the id of the feed.
 */
export function remarksOnTables(
  { behind = [] }: Pick<DatabaseStatus, "behind">,
  { titles, now, limits = defaultAgeLimits }: TableAge,
): string[] {
  return [...titles].flatMap(([feed, title]) => {
    const days = daysBehind(behind, { feed, now, limit: firstAge(limits) });
    if (days <= firstAge(limits)) return [];
    if (days === unknownAge) return [`the data from ${title} is dated in the future; its age is unknown`];
    return [`the data from ${title} was last updated ${days} days ago; run \`plimsoll db update\``];
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
  if (days === unknownAge) return `${whose} from NVD data of unknown age; run \`plimsoll db update\``;
  return `${whose} from NVD data that is ${days} days old; run \`plimsoll db update\``;
}

/** Age in days of the NVD table, when it is older than a database may be; infinite when the age is unknown. */
export function daysOfOldSeverities(
  { behind = [] }: Pick<DatabaseStatus, "behind">,
  { now, limits = defaultAgeLimits }: Pick<PartAge, "now" | "limits">,
): number | undefined {
  const days = daysBehind(behind, { feed: "nvd", now, limit: limits.refuseDays });
  return days > limits.refuseDays ? days : undefined;
}

/** The table of severities, and the time of the question. */
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

/**
 * The age of the oldest part of a feed whose age is known; infinite when that is within the limit and the age of
 * another is not known. 0 when no part is older than the database.
 */
function daysBehind(
  behind: readonly PartBehind[],
  { feed, now, limit }: { readonly feed: string; readonly now: Date; readonly limit: number },
): number {
  const ages = behind.filter((part) => part.feed === feed).map(({ since }) => ageOf(since, now));
  const known = greatestKnown(ages);
  return known <= limit && ages.includes(unknownAge) ? unknownAge : known;
}

/** 0 for none. */
function greatestKnown(ages: readonly number[]): number {
  return Math.max(0, ...ages.filter((days) => days !== unknownAge));
}

function firstAge({ warnDays, refuseDays }: DatabaseAgeLimits): number {
  return Math.min(warnDays, refuseDays);
}

/** Older than any limit. */
const unknownAge = Number.POSITIVE_INFINITY;

/** Age of a part, in days. */
function ageOf(since: string, now: Date): number {
  const days = daysSince(since, now);
  return isInFuture(days) ? unknownAge : days;
}

/** Clocks differ, by no more than a day. */
function isInFuture(days: number): boolean {
  return days < -1;
}

function daysSince(time: string, now: Date): number {
  return Math.floor((now.getTime() - Date.parse(time)) / dayInMilliseconds);
}

function hintFor(refuseDays: number): string {
  const allowed = refuseDays === 1 ? "one day" : `${refuseDays} days`;
  return `Run \`plimsoll db update\`, or allow more than ${allowed} with --max-db-age.`;
}

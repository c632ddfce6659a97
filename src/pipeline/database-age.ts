import type { DatabaseStatus, PartBehind } from "../model/advisory.ts";
import { PlimsollError } from "../model/error.ts";

/** Days after which a database is remarked on, and after which it is refused. */
export interface DatabaseAgeLimits {
  readonly warnDays: number;
  readonly refuseDays: number;
}

/** A week without news is worth a remark; after a month a scan would miss too much to be called one. */
export const defaultAgeLimits: DatabaseAgeLimits = { warnDays: 7, refuseDays: 30 };

const dayInMilliseconds = 86_400_000;

/**
 * A remark on the age of a database; undefined when it is young enough, and for the built-in advisories, which have their own remark.
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
 * Remarks on parts of the database that are older than it is, because their publishers were not asked when it was last updated, or did not
 * answer: for each ecosystem that a target needs one when what it is compared with is too old. `isAbout` says whether a part holds what is
 * known of an ecosystem.
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

/** Which parts are asked about, and when. */
export interface PartAge {
  /** Without suffixes. */
  readonly ecosystems: readonly string[];
  readonly isAbout: (part: PartBehind, ecosystem: string) => boolean;
  readonly now: Date;
  readonly limits?: DatabaseAgeLimits | undefined;
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

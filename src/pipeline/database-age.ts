import type { DatabaseStatus } from "../model/advisory.ts";
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
  const days = Math.floor((now.getTime() - Date.parse(status.builtAt)) / dayInMilliseconds);
  if (days > limits.refuseDays) {
    const allowed = limits.refuseDays === 1 ? "one day" : `${limits.refuseDays} days`;
    throw new PlimsollError("database-outdated", `${status.path ?? "the database"} is ${days} days old`, {
      hint: `Run \`plimsoll db update\`, or allow more than ${allowed} with --max-db-age.`,
    });
  }
  if (!(days > limits.warnDays)) return undefined;
  return `the database was built ${days} days ago and knows nothing newer; run \`plimsoll db update\``;
}

import type { DatabaseStatus } from "../../model/findings/advisory.ts";
import { type DatabaseAgeLimits, hasUnknownAge, remarkOnAge } from "./database-age.ts";

/**
 * What the advisories cannot tell, one sentence each, and which of that leaves the question of a scan open. Error:
 * `database-outdated`, for a file.
 */
export function limitsOf(
  status: DatabaseStatus,
  age: { readonly now: Date; readonly limits?: DatabaseAgeLimits | undefined },
): { readonly all: readonly string[]; readonly open: readonly string[] } {
  const remark = remarkOnAge(status, age);
  const remarks = remark === undefined ? [] : [remark];
  if (status.kind === "built-in") {
    const limit = `the built-in advisories are ${status.records} records of the best-known vulnerabilities, not a full feed`;
    return { all: [limit, ...remarks], open: [limit] };
  }
  return { all: remarks, open: hasUnknownAge(status, age.now) ? remarks : [] };
}

import { type DatabaseDifference, diffDatabases } from "../../advisories/database/diff-databases.ts";
import { type VerifiedDatabase, verifyDatabase } from "../../advisories/database/verify-database.ts";

/**
 * Reads a whole database file and says which content it has. Errors: `database-not-found`, `database-malformed`,
 * `cancelled`.
 */
export function inspectDatabase(path: string, signal: AbortSignal): Promise<VerifiedDatabase> {
  return verifyDatabase(path, { signal });
}

/**
 * What one database file has that another has not. Errors, when it is iterated: `database-not-found`,
 * `database-malformed`.
 */
export function compareDatabases(older: string, newer: string): DatabaseDifference {
  return diffDatabases(older, newer);
}

import { openBuiltInAdvisories } from "../advisories/built-in.ts";
import { openAdvisoryDatabase } from "../advisories/database/open-advisory-database.ts";
import type { AdvisoryIndex, DatabaseStatus } from "../model/advisory.ts";
import { type DatabaseAgeLimits, remarkOnAge } from "./database-age.ts";

/**
 * Opens the advisories of a scan: the database file, or without one those that ship with the program. For an ecosystem that the file
 * does not cover the built-in records still answer, while {@link AdvisoryIndex.covers} says that it is not covered.
 *
 * Errors: `database-not-found`, `database-malformed`.
 */
export function openAdvisories(path: string | undefined): AdvisoryIndex {
  if (path === undefined) return openBuiltInAdvisories();
  const file = openAdvisoryDatabase(path);
  const builtIn = openBuiltInAdvisories();
  return {
    status: file.status,
    covers: (ecosystem) => file.covers(ecosystem),
    find: (ecosystem, name) => (file.covers(ecosystem) ? file : builtIn).find(ecosystem, name),
    withdrawn: (ecosystem, name) => file.withdrawn(ecosystem, name),
    statements: (ecosystem, name) => file.statements(ecosystem, name),
    facts: (cve) => file.facts(cve),
    releaseCycles: (product) => file.releaseCycles(product),
    repositoryCpes: (repository) => file.repositoryCpes(repository),
    isNamed: (name) => file.isNamed?.(name) === true || builtIn.isNamed?.(name) === true,
    close() {
      file.close();
      builtIn.close();
    },
  };
}

/** What the advisories cannot tell, one sentence each, and which of that leaves the question of a scan open. */
export function limitsOf(
  status: DatabaseStatus,
  age: { readonly now: Date; readonly limits?: DatabaseAgeLimits | undefined },
): { readonly all: readonly string[]; readonly open: readonly string[] } {
  if (status.kind === "built-in") {
    const limit = `the built-in advisories are ${status.records} records of the best-known vulnerabilities, not a full feed`;
    return { all: [limit], open: [limit] };
  }
  const remark = remarkOnAge(status, age);
  return { all: remark === undefined ? [] : [remark], open: [] };
}

/** What a database says about itself; without a path, the built-in advisories. Errors: as {@link openAdvisories}. */
export function databaseStatus(path: string | undefined): DatabaseStatus {
  const index = openAdvisories(path);
  try {
    return index.status;
  } finally {
    index.close();
  }
}

import { openBuiltInAdvisories } from "../../advisories/built-in.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";

/**
 * Opens the advisories of a scan: the database file, or without one those that ship with the program. For an ecosystem
 * that the file does not cover the built-in records still answer, while {@link AdvisoryIndex.covers} says that it is
 * not covered.
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
    builtInRecords: (name) => builtIn.builtInRecords(name),
    releaseCycles: (product) => file.releaseCycles(product),
    repositoryCpes: (repository) => file.repositoryCpes(repository),
    isNamed: (name) => file.isNamed(name) || builtIn.isNamed(name),
    close() {
      file.close();
      builtIn.close();
    },
  };
}

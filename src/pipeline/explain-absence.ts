import { explainPackage } from "../detectors/vulnerabilities/explain-package.ts";
import type { Package } from "../model/package.ts";
import type { Contents } from "../model/report.ts";
import { openAdvisories } from "./advisory-source.ts";

/**
 * Why a vulnerability is not reported: a sentence for each package that a record of this name speaks of. Empty when no record does.
 * `database` is the one that the scan used; without it the built-in advisories.
 *
 * Errors: `database-not-found`, `database-malformed`.
 */
export function explainAbsence(
  { packages, distro }: Contents,
  id: string,
  database: string | undefined,
): readonly string[] {
  const index = openAdvisories(database);
  const options = { distribution: distro, index };
  try {
    return packages.flatMap((subject) => {
      const ofRecord = explainPackage(withoutOwner(subject), id, options);
      return ofRecord.length === 0 || !subject.ownedBy ? ofRecord : explainPackage(subject, id, options);
    });
  } finally {
    index.close();
  }
}

/** The package as it would be judged if no distribution owned it, to learn whether a record speaks of it at all. */
function withoutOwner({ ownedBy: _ownedBy, ...subject }: Package): Package {
  return subject;
}

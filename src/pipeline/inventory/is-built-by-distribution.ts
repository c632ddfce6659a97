import { packageOrigin } from "../../detectors/vulnerabilities/names/package-origin.ts";
import type { Distribution } from "../../model/packages/distribution.ts";
import type { FoundPackage } from "../../model/packages/package.ts";

/**
 * Whether the distribution itself built a package, as far as its vendor, maintainer and version tell. A package from
 * elsewhere (Docker's, Google's, EPEL's) is not in the distribution's advisories, so what lies in its files must be
 * judged by its own ecosystem's. Debian's few packages whose maintainer gives a private address count as from elsewhere
 * here, except updates of a stable release: the error is a finding too many, seldom one too few.
 */
export function isBuiltByDistribution(found: FoundPackage, distribution: Distribution | null): boolean {
  return packageOrigin(found, distribution).kind === "distribution";
}

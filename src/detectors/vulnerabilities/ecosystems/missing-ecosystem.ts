import type { AdvisoryIndex } from "../../../model/findings/advisory.ts";
import type { Package } from "../../../model/packages/package.ts";
import { ecosystemBase } from "../../../model/packages/package-name.ts";
import type { PackagePlace } from "../matching/match-package.ts";
import { ecosystemsOfRelease } from "../matching/release-scope.ts";

/** The ecosystem, with or without its release, of which the advisories have nothing; undefined when they have some. */
export function missingEcosystem(ecosystem: string, index: AdvisoryIndex): string | undefined {
  const base = ecosystemBase(ecosystem);
  if (!index.covers(base)) return base;
  return ecosystemsOfRelease(ecosystem).some((name) => index.covers(name)) ? undefined : ecosystem;
}

/** Whether a package need not be known to any advisories: a project of one's own. */
export function needsNoAdvisories({ ownProject }: Package, where: PackagePlace): boolean {
  return ownProject === true && ("ecosystem" in where || ("code" in where && where.code === "no-advisories"));
}

import type { Advisory, Affected } from "../../model/findings/advisory.ts";
import { ecosystemBase, normaliseName } from "../../model/packages/package-name.ts";

/** The entries of an advisory's `affected` for one package. */
export interface AffectedPackage {
  /** Without the suffix of a release. */
  readonly ecosystem: string;
  /** As `normaliseName` makes it. */
  readonly name: string;
  readonly affected: readonly Affected[];
}

/**
 * Gathers an advisory's `affected` by package, in the order of first mention; entries without a package are left out.
 */
export function groupAffected(advisory: Advisory): AffectedPackage[] {
  const groups = new Map<string, { ecosystem: string; name: string; affected: Affected[] }>();
  for (const affected of advisory.affected ?? []) {
    if (!affected.package) continue;
    const ecosystem = ecosystemBase(affected.package.ecosystem).toWellFormed();
    const name = normaliseName(ecosystem, affected.package.name).toWellFormed();
    const key = JSON.stringify([ecosystem, name]);
    const group = groups.get(key);
    if (group) group.affected.push(affected);
    else groups.set(key, { ecosystem, name, affected: [affected] });
  }
  return [...groups.values()];
}

import { wellKnownGroup } from "../../extractors/language/java/well-known-groups.ts";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";
import type { Package } from "../../model/packages/package.ts";

const mostNamed = 5;

/**
 * Clauses that name the Java archives whose contents do not give their group: advisories are filed by group and
 * artifact, so these are not compared with any; and those whose group may be a guess, where neither an advisory nor the
 * fame of the artifact supports it: these were compared under the guess, without a finding. None where there are none.
 */
export function archivesWithoutGroup(
  packages: readonly Package[],
  index: Pick<AdvisoryIndex, "find">,
): readonly string[] {
  const archives = packages.filter((found) => found.type === "maven" && !found.ownedBy);
  return [
    ...clause(
      "Java archives without a group id were not compared",
      archives.filter(({ name }) => !name.includes(":")),
    ),
    ...clause(
      "Java archives that may lack a group id were compared by name alone, which matches no advisory",
      archives.filter((found) => isDoubtful(found, index)),
    ),
  ];
}

function clause(what: string, archives: readonly Package[]): string[] {
  if (archives.length === 0) return [];
  const names = [...new Set(archives.map(({ name, version }) => `${artifactOf(name)} ${version}`.trimEnd()))];
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  return [`${what}: ${names.slice(0, mostNamed).join(", ")}${more}`];
}

function isDoubtful({ name, version, groupIsGuess }: Package, index: Pick<AdvisoryIndex, "find">): boolean {
  if (!groupIsGuess || index.find("Maven", name).length > 0) return false;
  const artifact = artifactOf(name);
  return wellKnownGroup(artifact, version) !== artifact;
}

function artifactOf(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

import type { Package } from "../../model/package.ts";

const mostNamed = 5;

/**
 * A clause that names the Java archives whose group nothing in them tells: advisories are filed by group and artifact,
 * so these are compared with none. Undefined when there are none.
 */
export function archivesWithoutGroup(packages: readonly Package[]): string | undefined {
  const nameless = packages.filter(({ type, name, ownedBy }) => type === "maven" && !name.includes(":") && !ownedBy);
  if (nameless.length === 0) return undefined;
  const names = [...new Set(nameless.map(({ name, version }) => `${name} ${version}`.trimEnd()))];
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  return `Java archives that do not tell their group were not compared: ${names.slice(0, mostNamed).join(", ")}${more}`;
}

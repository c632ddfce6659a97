import { isDomainLike } from "./coordinates.ts";

// The Maven bundle plugin makes an OSGi symbolic name of group and artifact (its "Bundle-SymbolicName" rules): the
// group alone when the artifact equals the group's last part, `<group>.<rest>` when the artifact begins with that part,
// else `<group>.<artifact>`. Read backwards with the artifact known, the group shows. Automatic module names are not
// read so: they are the names of packages (`com.thoughtworks.qdox` in `com.thoughtworks.qdox:qdox`).

/**
 * The group that, with this artifact, gives this symbolic name. Undefined when none does.
 *
 * `com.google.guava` with `guava` has two answers, `com.google` and `com.google.guava`; the shorter is given, as it is
 * right more often.
 *
 * Source: Apache Felix, "Apache Felix Maven Bundle Plugin", default of `<Bundle-SymbolicName>`.
 */
export function groupOfBundle(symbolicName: string, artifact: string): string | undefined {
  const group = candidate(symbolicName, artifact);
  return group !== undefined && isDomainLike(group) ? group : undefined;
}

/** A symbolic name split at its last point; undefined when the part before is not a group. */
export function splitBundle(symbolicName: string): { group: string; artifact: string } | undefined {
  const point = symbolicName.lastIndexOf(".");
  const group = symbolicName.slice(0, Math.max(0, point));
  return isDomainLike(group) ? { group, artifact: symbolicName.slice(point + 1) } : undefined;
}

function candidate(symbolicName: string, artifact: string): string | undefined {
  if (symbolicName.endsWith(`.${artifact}`)) return symbolicName.slice(0, -artifact.length - 1);
  const separator = /[-.]/.exec(artifact)?.index;
  if (separator === undefined) return undefined;
  const rest = `.${artifact.slice(separator + 1)}`;
  const group = symbolicName.endsWith(rest) ? symbolicName.slice(0, -rest.length) : undefined;
  return group?.endsWith(`.${artifact.slice(0, separator)}`) ? group : undefined;
}

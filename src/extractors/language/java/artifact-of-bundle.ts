import { splitBundle } from "./bundle-name.ts";
import { knownGroup, wellKnownGroup } from "./well-known-groups.ts";

/** The known artifact that a symbolic name stands for; undefined where it stands for none. */
export function artifactOfBundle(symbolicName: string): string | undefined {
  const split = splitBundle(symbolicName);
  if (split === undefined) return undefined;
  const { group, artifact } = split;
  const known = knownGroup(artifact);
  if (known === symbolicName || known === group) return artifact;
  // `org.apache.commons.lang3` stands for `commons-lang3`: the bundle plugin leaves out what the group says already.
  const joined = `${group.slice(group.lastIndexOf(".") + 1)}-${artifact}`;
  if (isJoined(joined, split)) return joined;
  if (group === "org.springframework" && wellKnownGroup(`spring-${artifact}`) === group) return `spring-${artifact}`;
  if (group === "org.apache" && knownGroup(artifact) === "org.apache.tomcat") return artifact;
  // `org.apache.tomcat-embed-core` leaves out what the artifact says already.
  return wellKnownGroup(artifact)?.startsWith(`${group}.`) ? artifact : undefined;
}

/**
 * Whether what a group and an artifact give together is of that group. A family says so only where the artifact is not
 * well known by itself: `org.apache.hadoop.zookeeper` was the name of ZooKeeper's bundle for years after it had left.
 */
function isJoined(joined: string, { group, artifact }: { readonly group: string; readonly artifact: string }): boolean {
  const known = wellKnownGroup(joined);
  if (known === undefined) return wellKnownGroup(artifact) === undefined && knownGroup(joined) === group;
  return group === known || group.startsWith(`${known}.`) || /(?:^|\.)org\.apache\.commons$/.test(group);
}

import type { DatabaseStatus } from "../../../model/findings/advisory.ts";

const mostNamed = 10;

/**
 * What a pulled or built database lacks of the one that it replaced, one sentence each: whoever replaces it by an older
 * one, or one of fewer publishers, may mean it, and whoever does not wants to hear of it.
 */
export function remarksOnReplaced({
  status,
  replaced,
}: {
  readonly status: DatabaseStatus;
  readonly replaced?: DatabaseStatus | undefined;
}): readonly string[] {
  if (!replaced) return [];
  const isOlder = Date.parse(replaced.builtAt) > Date.parse(status.builtAt);
  const remarks = isOlder
    ? [`it was built at ${status.builtAt} and replaced a database built at ${replaced.builtAt}`]
    : [];
  const held = new Set(status.parts.map(partName));
  const lost = [...new Set(replaced.parts.map(partName))].filter((part) => !held.has(part));
  if (lost.length === 0) return remarks;
  const more = lost.length > mostNamed ? ` and ${lost.length - mostNamed} more` : "";
  return [...remarks, `it lacks data of the replaced database: ${lost.slice(0, mostNamed).join(", ")}${more}`];
}

/** For OSV, the ecosystem. */
function partName({ feed, name }: DatabaseStatus["parts"][number]): string {
  return feed === "osv" ? name : feed;
}

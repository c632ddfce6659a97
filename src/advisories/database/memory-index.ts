import type { Advisory, AdvisoryIndex, DatabaseStatus } from "../../model/advisory.ts";
import { ecosystemBase, normaliseName } from "../../model/package-name.ts";
import { coverage } from "./coverage.ts";
import { groupAffected } from "./group-affected.ts";

/** What is said of the advisories as a whole. */
export type MemoryIndexOrigin = Pick<DatabaseStatus, "kind" | "builtAt" | "source">;

/** An index over advisories that are in memory; it answers as one over a database file with the same records does. */
export function memoryIndex(advisories: readonly Advisory[], origin: MemoryIndexOrigin): AdvisoryIndex {
  const byPackage = new Map<string, Advisory[]>();
  const releases = new Set<string>();
  const counts = new Map<string, { records: number; newest: string }>();
  for (const advisory of advisories) {
    for (const { package: named } of advisory.affected ?? []) if (named) releases.add(named.ecosystem);
    const groups = groupAffected(advisory);
    for (const ecosystem of new Set(groups.map((group) => group.ecosystem))) {
      const count = counts.get(ecosystem) ?? { records: 0, newest: "" };
      const newest = [count.newest, advisory.modified].sort().at(-1) ?? "";
      counts.set(ecosystem, { records: count.records + 1, newest });
    }
    if (advisory.withdrawn !== undefined) continue;
    for (const { ecosystem, name, affected } of groups) {
      const key = keyOf(ecosystem, name);
      const found = byPackage.get(key);
      if (found) found.push({ ...advisory, affected });
      else byPackage.set(key, [{ ...advisory, affected }]);
    }
  }
  const ecosystems = [...counts]
    .map(([ecosystem, count]) => ({ ecosystem, ...count }))
    .sort((a, b) => (a.ecosystem < b.ecosystem ? -1 : 1));
  return {
    status: { ...origin, records: advisories.length, ecosystems },
    covers: coverage([...releases]),
    find: (ecosystem, name) => byPackage.get(keyOf(ecosystem, normaliseName(ecosystem, name))) ?? [],
    close: () => {},
  };
}

function keyOf(ecosystem: string, name: string): string {
  return `${ecosystemBase(ecosystem)}\n${name}`;
}

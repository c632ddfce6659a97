import type {
  Advisory,
  AdvisoryIndex,
  DatabaseStatus,
  EcosystemCount,
  PackageStatement,
} from "../../model/findings/advisory.ts";
import { isKnownTime } from "../../model/findings/known-time.ts";
import type { ReleaseCycle } from "../../model/findings/release-cycle.ts";
import type { VulnerabilityFacts } from "../../model/findings/vulnerability-facts.ts";
import { ecosystemBase, normaliseName } from "../../model/packages/package-name.ts";
import type { FeedItem } from "../feed-item.ts";
import { compareModified } from "./compare-modified.ts";
import { coverage } from "./coverage.ts";
import { groupAffected } from "./group-affected.ts";
import { joinFacts } from "./join-facts.ts";

/** Facts about the advisories as a whole. */
export type MemoryIndexOrigin = Pick<DatabaseStatus, "kind" | "builtAt" | "source">;

/** An index over what is in memory; it answers as one over a database file does that has the same items in one part. */
export function memoryIndex(
  advisories: readonly Advisory[],
  origin: MemoryIndexOrigin,
  more: readonly FeedItem[] = [],
): AdvisoryIndex {
  const records = chosenAdvisories([
    ...advisories,
    ...more.flatMap((item) => (item.kind === "advisory" ? item.advisory : [])),
  ]);
  const byPackage = new Lists<Advisory>();
  const withdrawn = new Lists<Advisory>();
  const statements = new Lists<PackageStatement>();
  const facts = new Lists<VulnerabilityFacts>();
  const cycles = new Lists<ReleaseCycle>();
  const cpes = new Lists<string>();
  const releases = new Set<string>();
  for (const advisory of records) {
    for (const { package: named } of advisory.affected ?? []) if (named) releases.add(named.ecosystem);
    const lists = advisory.withdrawn === undefined ? byPackage : withdrawn;
    for (const { ecosystem, name, affected } of groupAffected(advisory)) {
      lists.add(keyOf(ecosystem, name), { ...advisory, affected });
    }
  }
  for (const item of more) {
    if (item.kind === "statement") {
      const key = keyOf(item.ecosystem, item.name);
      statements.add(key, { ...item.statement, ecosystem: item.ecosystem });
    } else if (item.kind === "facts") facts.add(item.cve, item.facts);
    else if (item.kind === "release-cycle") cycles.add(item.product, item.cycle);
    else if (item.kind === "repository") for (const cpe of item.cpes) cpes.add(item.repository, cpe);
  }
  return {
    status: { ...origin, records: records.length, ecosystems: countEcosystems(records), parts: [] },
    covers: coverage([...releases]),
    find: (ecosystem, name) => byPackage.get(keyOf(ecosystem, name)),
    withdrawn: (ecosystem, name) => withdrawn.get(keyOf(ecosystem, name)),
    statements: (ecosystem, name) => statements.get(keyOf(ecosystem, name)).toSorted(byReleaseAndBody),
    facts: (cve) => joinFacts(facts.get(cve)),
    builtInRecords: () => [],
    releaseCycles: (product) => cycles.get(product),
    repositoryCpes: (repository) => [...new Set(cpes.get(repository))],
    isNamed: (name) => {
      const wanted = name.toLowerCase();
      return allNames(records, more).some((one) => one.toLowerCase() === wanted);
    },
    close: () => {},
  };
}

function allNames(records: readonly Advisory[], more: readonly FeedItem[]): string[] {
  const ofRecords = records.flatMap(({ id, aliases = [], upstream = [], related = [] }) => [
    id,
    ...aliases,
    ...upstream,
    ...related,
  ]);
  const others = more.flatMap((item) => {
    if (item.kind === "facts") return item.cve;
    if (item.kind !== "statement") return [];
    const { name, aliases = [] } = item.statement.vulnerability;
    return [name, ...aliases];
  });
  return [...ofRecords, ...others];
}

/** Values by key. */
class Lists<T> {
  readonly #lists = new Map<string, T[]>();

  add(key: string, value: T): void {
    const list = this.#lists.get(key);
    if (list) list.push(value);
    else this.#lists.set(key, [value]);
  }

  get(key: string): readonly T[] {
    return this.#lists.get(key) ?? [];
  }
}

/** Sorted by id, of those with one id the one modified last. */
function chosenAdvisories(advisories: readonly Advisory[]): Advisory[] {
  const byId = new Map<string, Advisory>();
  for (const advisory of advisories) {
    const known = byId.get(advisory.id);
    if (!known || compareModified(advisory.modified, known.modified) >= 0) byId.set(advisory.id, advisory);
  }
  return [...byId.values()].sort((a, b) => compare(a.id, b.id));
}

function countEcosystems(advisories: readonly Advisory[]): EcosystemCount[] {
  const counts = new Map<string, { records: number; newest: string }>();
  for (const advisory of advisories) {
    for (const ecosystem of new Set(groupAffected(advisory).map((group) => group.ecosystem))) {
      const count = counts.get(ecosystem) ?? { records: 0, newest: "" };
      const newest = compare(advisory.modified, count.newest) > 0 ? advisory.modified : count.newest;
      counts.set(ecosystem, { records: count.records + 1, newest });
    }
  }
  return [...counts]
    .map(([ecosystem, { records, newest }]) => ({ ecosystem, records, ...(isKnownTime(newest) && { newest }) }))
    .sort((a, b) => compare(a.ecosystem, b.ecosystem));
}

function byReleaseAndBody({ ecosystem, ...statement }: PackageStatement, other: PackageStatement): number {
  const { ecosystem: otherEcosystem, ...otherStatement } = other;
  return compare(ecosystem, otherEcosystem) || compare(JSON.stringify(statement), JSON.stringify(otherStatement));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function keyOf(ecosystem: string, name: string): string {
  const base = ecosystemBase(ecosystem);
  return `${base}\n${normaliseName(base, name)}`;
}

import type { Advisory } from "../../../model/findings/advisory.ts";
import { distinct, groupByNames, looksLikeCve, vulnerabilitiesOf } from "../names/vulnerability-names.ts";

interface Named {
  readonly names: readonly string[];
}

/**
 * Groups of one vulnerability each, of which those without a CVE get the names that other records tell: aliases hold
 * both ways and through others, also through a record that does not cover the package. What would join several CVEs
 * tells nothing. Groups that then share a name become one, in place of the first. The members of a group that got
 * names all have all of them.
 */
export function joinByOthers<T extends Named>(
  groups: readonly (readonly T[])[],
  others: readonly Advisory[],
): readonly (readonly T[])[] {
  const asked = groups.map((group) => ({ group, names: namesOfGroup(group) }));
  const nameless = new Set(asked.flatMap(({ group, names }) => (names.some(looksLikeCve) ? [] : [group])));
  if (nameless.size === 0 || others.length === 0) return groups;
  const told = others.flatMap(vulnerabilitiesOf).map((names) => ({ group: undefined, names }));
  const found = new Map<readonly T[], readonly string[]>();
  for (const connected of groupByNames([...asked, ...told], ({ names }) => names)) {
    const names = distinct(connected.flatMap((one) => one.names));
    if (connected.length === 1 || names.filter(looksLikeCve).length > 1) continue;
    for (const { group } of connected) if (group && nameless.has(group)) found.set(group, names);
  }
  if (found.size === 0) return groups;
  const named = asked.map(({ group, names }) => ({ group, names: found.get(group) ?? names }));
  return groupByNames(named, ({ names }) => names).map((connected) => {
    const members = connected.flatMap(({ group }) => group);
    if (!connected.some(({ group }) => found.has(group))) return members;
    const names = distinct(connected.flatMap((one) => one.names));
    return members.map((member) => ({ ...member, names }));
  });
}

function namesOfGroup(group: readonly Named[]): readonly string[] {
  return distinct(group.flatMap(({ names }) => names));
}

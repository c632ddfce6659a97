import { semver } from "../../versions/semver.ts";

/** Versions from one, inclusive, to the one with the fix, exclusive. */
export type AffectedRange = readonly [from: string, fixed: string];

/** A known flaw and the versions that have it. */
export interface KnownFlaw {
  readonly id: string;
  readonly affected: readonly AffectedRange[];
}

/**
 * The flaws that a version has, each with the version that fixes it in its line; undefined when it is not a version
 * that can be compared.
 */
export function flawsIn(
  version: string,
  flaws: readonly KnownFlaw[],
): readonly { readonly id: string; readonly fixed: string }[] | undefined {
  if (semver.parse(withCountedCandidate(version)) === undefined) return undefined;
  return flaws.flatMap(({ id, affected }) => {
    const range = affected.find(([from, fixed]) => !isBelow(version, from) && isBelow(version, fixed));
    return range ? [{ id, fixed: range[1] }] : [];
  });
}

/** Whether a version comes before another; false when one of them cannot be compared. */
export function isBelow(version: string, other: string): boolean {
  const [a, b] = [semver.parse(withCountedCandidate(version)), semver.parse(withCountedCandidate(other))];
  return a !== undefined && b !== undefined && semver.compare(a, b) < 0;
}

/** runc's `rc95` is the ninety-fifth candidate, and comes behind `rc7`; as one word it would come before. */
function withCountedCandidate(version: string): string {
  return version.replace(/-rc(\d)/, "-rc.$1");
}

/** How far a step from one tag to another goes. */
export type StepSize = "digest" | "patch" | "minor" | "major";

/** From the smallest to the largest. */
export const stepSizes: readonly StepSize[] = ["digest", "patch", "minor", "major"];

/** A tag that holds a version. */
export interface TagVersion {
  readonly tag: string;
  /** The text before the version: `v`, `bookworm-`. */
  readonly prefix: string;
  /** `1.22.3` as numbers. */
  readonly numbers: readonly number[];
  /** `-alpine3.20` as texts and numbers: the base or the variant of the image. */
  readonly suffix: readonly SuffixPart[];
  readonly isPrerelease: boolean;
  /** The version is a date such as 20240101. */
  readonly isDate: boolean;
}

/** A text and the version behind it: `-alpine` and 3.20; without numbers at the end of a tag. */
interface SuffixPart {
  readonly text: string;
  readonly numbers: readonly number[];
}

const grammar = /^((?:[a-z][a-z0-9]*[-_])*v?)([0-9]+(?:\.[0-9]+)*)(?![0-9])(.*)$/i;
const prerelease =
  /^[-._]?(?:alpha|beta|rc|pre|preview|dev|snapshot|nightly|canary|milestone|ea|next|test|[abm][0-9])/i;
const laterPrerelease = /[-._](?:alpha|beta|rc|pre|preview|dev|snapshot|nightly|canary|ea)(?:[-._]?[0-9]|$|[-._])/i;
const revisionName = /(?:^|[-._])(?:r|rev|build|p|b|alpha|beta|rc|pre|preview|dev)[-._]?$/i;
const hash = /^(?=.*[a-f])[0-9a-f]{7,64}$/i;
const mostDigits = 14;
const smallestDate = 19_900_000;

/** The version in a tag; undefined for tags without one (`latest`, `bookworm`) and for hashes. */
export function parseTag(tag: string): TagVersion | undefined {
  const [, prefix = "", version, rest = ""] = grammar.exec(tag) ?? [];
  if (version === undefined || isHash(tag) || isHash(rest.replace(/^[-._]/, ""))) return undefined;
  const parts = version.split(".");
  if (parts.some(({ length }) => length > mostDigits)) return undefined;
  const numbers = parts.map(Number);
  return {
    tag,
    prefix,
    numbers,
    suffix: suffixOf(rest),
    isPrerelease: prerelease.test(rest) || laterPrerelease.test(rest),
    isDate: numbers.length === 1 && isDate(parts[0] ?? ""),
  };
}

/**
 * How far it is from one tag to a newer one of the same kind: the same prefix, the same number of parts and the same
 * variant. Undefined for a tag that is not newer or of another kind.
 */
export function stepBetween(from: TagVersion, to: TagVersion): StepSize | undefined {
  if (!isSameKind(from, to)) return undefined;
  const parts = [
    { from: from.numbers, to: to.numbers, isRevision: from.isDate },
    ...from.suffix.map((part, index) => ({
      from: part.numbers,
      to: to.suffix[index]?.numbers ?? [],
      isRevision: isRevision(part),
    })),
  ].map((part) => ({ isRevision: part.isRevision, change: changeOf(part) }));
  // The first part that differs gives the direction. Behind it only a revision may start again from a lower number.
  const [first, ...others] = parts.filter(({ change }) => change !== "same");
  if (!first || first.change === "older") return undefined;
  if (others.some((part) => part.change === "older" && !part.isRevision)) return undefined;
  return stepSizes.findLast((size) => parts.some(({ change }) => change === size));
}

/** Compares two tags of the same kind: negative when the first is older. */
export function compareTags(a: TagVersion, b: TagVersion): number {
  const numbers = [a, b].map(({ numbers: own, suffix }) => [...own, ...suffix.flatMap((part) => part.numbers)]);
  return compareNumbers(numbers[0] ?? [], numbers[1] ?? []);
}

function isSameKind(from: TagVersion, to: TagVersion): boolean {
  if (from.prefix !== to.prefix || from.numbers.length !== to.numbers.length) return false;
  if (from.isDate !== to.isDate || (to.isPrerelease && !from.isPrerelease)) return false;
  // From 5.4 to 20240101.1: the scheme changed, or a build was tagged by its date.
  if ((from.numbers[0] ?? 0) < 1000 && (to.numbers[0] ?? 0) >= 1000) return false;
  return (
    from.suffix.length === to.suffix.length &&
    from.suffix.every(({ text, numbers }, index) => {
      const other = to.suffix[index];
      return other?.text === text && other.numbers.length === numbers.length;
    })
  );
}

function changeOf({
  from,
  to,
  isRevision,
}: {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly isRevision: boolean;
}): StepSize | "same" | "older" {
  const order = compareNumbers(from, to);
  if (order === 0) return "same";
  if (order > 0) return "older";
  if (isRevision) return "patch";
  const index = from.findIndex((number, place) => number !== to[place]);
  return index === 0 ? "major" : index === 1 ? "minor" : "patch";
}

/** A number that counts builds of the same version, such as `-r9` and `-rc1`, or the date of a build. */
function isRevision({ text, numbers }: SuffixPart): boolean {
  return revisionName.test(text) || (numbers.length > 0 && numbers.every((number) => number > smallestDate));
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (const [index, number] of a.entries()) {
    const difference = number - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function suffixOf(rest: string): readonly SuffixPart[] {
  return Array.from(rest.matchAll(/([^0-9]+)([0-9]+(?:\.[0-9]+)*)?/g), ([, text = "", version]) => ({
    text,
    numbers: version === undefined ? [] : version.split(".").map(Number),
  }));
}

function isHash(text: string): boolean {
  return hash.test(text) || /^(?:sha|git|commit)[-_]?[0-9a-f]{6,64}$/i.test(text);
}

function isDate(digits: string): boolean {
  return /^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[0-9]{4,6})?$/.test(digits);
}

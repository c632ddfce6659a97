import { compareText } from "../model/text/compare-text.ts";
import { compareNaturals, endOfDigits, hasBlank, isDigit, type Natural, negate, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// A version is a chain of segments: "-" starts one, and so does every change between digits and other characters. In a
// segment "." separates the items, an empty item is 0. Letters are compared in lower case. At the end of each segment
// the items that mean nothing (0, "", ga, final, release) are dropped, and a segment without items is dropped too.
//
//   1.0-alpha-1 → [1] [alpha] [1]       1.2.3.Final → [1 2 3]       2.0.1rc2 → [2 0 1] [rc] [2]
//
// At the same place a word is lower than a new segment, and that is lower than a number. Words: alpha, beta, milestone,
// rc (cr), snapshot, the release itself, sp, then all others by their letters. "a", "b" and "m" before a digit stand
// for alpha, beta and milestone. Where one version has ended the other is compared with "the release itself".
//
// Maven 3.8.7 and 3.9 changed the order of some mixed forms (1.0-rc2 against 1.0-rc.1). The order here is that of Maven
// up to 3.8.6 and of the POM reference, because advisories are written and evaluated by it.

/** A Maven version as a chain of segments; the first may be empty, the others are not. */
export interface MavenVersion {
  readonly segments: readonly (readonly Item[])[];
}

type Item = Natural | Qualifier;

interface Qualifier {
  /** Place among the known words; {@link unknownWord} for all others. */
  readonly place: number;
  readonly word: string;
}

const places: ReadonlyMap<string, number> = new Map([
  ["alpha", 0],
  ["beta", 1],
  ["milestone", 2],
  ["rc", 3],
  ["cr", 3],
  ["snapshot", 4],
  ["", 5],
  ["ga", 5],
  ["final", 5],
  ["release", 5],
  ["sp", 6],
]);
const releasePlace = 5;
const unknownWord = 7;
const abbreviations: ReadonlyMap<string, string> = new Map([
  ["a", "alpha"],
  ["b", "beta"],
  ["m", "milestone"],
]);

/**
 * Versions of Maven artifacts. The order is Maven's own and, as there, not transitive for some forms that mix "." and
 * "-" before words: 1-alpha < 1 < 1.sp, but 1.sp < 1-alpha.
 *
 * Source: POM Reference, "Version Order Specification", and the class ComparableVersion with its tests.
 */
export const maven: VersionScheme<MavenVersion> = {
  id: "maven",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const trimmed = text.trim();
    if (trimmed === "" || hasBlank(trimmed)) return undefined;
    return { segments: readSegments(trimmed.toLowerCase()) };
  },

  compare(a, b) {
    for (let index = 0; ; index++) {
      const left = a.segments[index];
      const right = b.segments[index];
      if (left === undefined && right === undefined) return 0;
      if (left === undefined) return negate(compareWithRelease(b, index, 0));
      if (right === undefined) return compareWithRelease(a, index, 0);
      const common = Math.min(left.length, right.length);
      for (let at = 0; at < common; at++) {
        const order = compareItems(left[at] ?? 0, right[at] ?? 0);
        if (order !== 0) return order;
      }
      if (left.length > common) return compareRest(a, b, { index, at: common });
      if (right.length > common) return negate(compareRest(b, a, { index, at: common }));
    }
  },
};

/** `longer` has an item at this index, where `shorter` starts its next segment or ends. */
function compareRest(
  longer: MavenVersion,
  shorter: MavenVersion,
  { index, at }: { readonly index: number; readonly at: number },
): -1 | 0 | 1 {
  if (shorter.segments[index + 1] === undefined) return compareWithRelease(longer, index, at);
  return isQualifier(longer.segments[index]?.[at]) ? -1 : 1;
}

/** Compares what follows from an index on with nothing. */
function compareWithRelease(version: MavenVersion, index: number, at: number): -1 | 0 | 1 {
  for (let i = index; i < version.segments.length; i++) {
    const segment = version.segments[i] ?? [];
    for (let j = i === index ? at : 0; j < segment.length; j++) {
      const item = segment[j] ?? 0;
      const order = isQualifier(item) ? Math.sign(item.place - releasePlace) : item > 0 ? 1 : 0;
      if (order !== 0) return order < 0 ? -1 : 1;
    }
  }
  return 0;
}

function compareItems(a: Item, b: Item): -1 | 0 | 1 {
  if (!isQualifier(a)) return isQualifier(b) ? 1 : compareNaturals(a, b);
  if (!isQualifier(b)) return -1;
  if (a.place !== b.place) return a.place < b.place ? -1 : 1;
  return a.place === unknownWord ? compareText(a.word, b.word) : 0;
}

function isQualifier(item: Item | undefined): item is Qualifier {
  return typeof item === "object";
}

function readSegments(text: string): Item[][] {
  let segment: Item[] = [];
  const segments = [segment];
  const startSegment = (): void => {
    segment = [];
    segments.push(segment);
  };
  let position = 0;
  // After a separator, and at the start, an item is due: without one it is 0.
  let isDue = true;
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (code === 46 || code === 45) {
      if (isDue) segment.push(0);
      if (code === 45) startSegment();
      isDue = true;
      position++;
      continue;
    }
    if (!isDue) startSegment();
    isDue = false;
    const end = isDigit(code) ? endOfDigits(text, position) : endOfWord(text, position);
    segment.push(
      isDigit(code)
        ? readNatural(text, position, end)
        : readQualifier(text.slice(position, end), isDigit(text.charCodeAt(end))),
    );
    position = end;
  }
  for (const items of segments) dropNothings(items);
  return segments.filter((items, index) => index === 0 || items.length > 0);
}

function endOfWord(text: string, start: number): number {
  let end = start;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === 46 || code === 45 || isDigit(code)) break;
    end++;
  }
  return end;
}

function readQualifier(word: string, isBeforeDigit: boolean): Qualifier {
  const full = isBeforeDigit ? (abbreviations.get(word) ?? word) : word;
  return { place: places.get(full) ?? unknownWord, word: full };
}

function dropNothings(items: Item[]): void {
  for (;;) {
    const last = items.at(-1);
    if (last === undefined || !(isQualifier(last) ? last.place === releasePlace : last === 0)) return;
    items.pop();
  }
}

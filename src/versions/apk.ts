import { compareText } from "../model/text/compare-text.ts";
import { compareNaturals, endOfDigits, isDigit, type Natural, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// number {"." number} [letter [number]] {"_" suffix [number]} ["~" hash] ["-r" number]
//   suffix  alpha beta pre rc (before the release), cvs svn git hg p (after it)
//   hash    lower-case hexadecimal digits
// This is the grammar of apk-tools 3 with what apk-tools 2 also let pass and real packages carry: a number after the
// letter (`1.9.5p2-r1`), which may go on with further numbers; an empty number before, between or after dots; `-r`
// without a number.
//
// Two versions are compared part by part. At the first place where the kinds of the parts differ the kind decides, in
// the order of `Rank`; where the kinds are the same and the values differ the value decides. A number after a dot that
// starts with 0 is compared as text, so 1.01 < 1.1 and 1.01 < 1.010; it is therefore a kind of its own.

/** What a part of a version is, from the lowest to the highest. */
const Rank = {
  suffixBefore: 0,
  emptyNumber: 1,
  end: 2,
  revision: 3,
  hash: 4,
  suffixNumber: 5,
  suffixAfter: 6,
  letter: 7,
  numberFromZero: 8,
  number: 9,
} as const;

/** A version of Alpine's package manager as a list of parts. */
export interface ApkVersion {
  readonly ranks: readonly number[];
  /** One for each rank: the number, the text of a hash or of a number that starts with 0, the place of a suffix. */
  readonly values: readonly (Natural | string)[];
}

const suffixesBefore: readonly string[] = ["alpha", "beta", "pre", "rc"];
const suffixesAfter: readonly string[] = ["cvs", "svn", "git", "hg", "p"];

/**
 * Versions of Alpine, Wolfi and Chainguard packages. Source: apk-package(5), "pkgver", and apk-tools' version tests.
 */
export const apk: VersionScheme<ApkVersion> = {
  id: "apk",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const parts: Parts = { ranks: [], values: [] };
    let position = readNumbers(text, parts);
    while (position > 0 && text.charCodeAt(position) === 95) position = readSuffix(text, position + 1, parts);
    if (position > 0 && text.charCodeAt(position) === 126) position = readHash(text, position + 1, parts);
    if (position > 0 && text.startsWith("-r", position)) {
      const end = endOfDigits(text, position + 2);
      add(parts, Rank.revision, readNatural(text, position + 2, end));
      position = end;
    }
    if (position <= 0 || position < text.length) return undefined;
    add(parts, Rank.end, 0);
    return parts;
  },

  compare(a, b) {
    // Both lists end with `Rank.end`, so a difference shows before either runs out.
    for (let index = 0; index < a.ranks.length; index++) {
      const rankA = a.ranks[index] ?? Rank.end;
      const rankB = b.ranks[index] ?? Rank.end;
      if (rankA !== rankB) return rankA < rankB ? -1 : 1;
      const order = compareValues(a.values[index] ?? 0, b.values[index] ?? 0);
      if (order !== 0) return order;
    }
    return 0;
  },
};

interface Parts {
  readonly ranks: number[];
  readonly values: (Natural | string)[];
}

function add(parts: Parts, rank: number, value: Natural | string): void {
  parts.ranks.push(rank);
  parts.values.push(value);
}

/** Reads the numbers and the letter; the position after them, or -1 when there is no number at the start. */
function readNumbers(text: string, parts: Parts): number {
  let position = endOfDigits(text, 0);
  if (position === 0 && !(text.charCodeAt(0) === 46 && isDigit(text.charCodeAt(1)))) return -1;
  add(parts, Rank.number, readNatural(text, 0, position));
  for (;;) {
    const code = text.charCodeAt(position);
    if (code === 46) {
      position = readNumber(text, position + 1, parts);
    } else if (code >= 97 && code <= 122) {
      add(parts, Rank.letter, code);
      position++;
      if (!isDigit(text.charCodeAt(position))) return position;
      position = readNumber(text, position, parts);
    } else {
      return position;
    }
  }
}

function readNumber(text: string, start: number, parts: Parts): number {
  const end = endOfDigits(text, start);
  if (end === start) add(parts, Rank.emptyNumber, 0);
  else if (text.charCodeAt(start) === 48) add(parts, Rank.numberFromZero, text.slice(start, end));
  else add(parts, Rank.number, readNatural(text, start, end));
  return end;
}

/** Reads a suffix and its number; -1 when the suffix is not one of those known. */
function readSuffix(text: string, start: number, parts: Parts): number {
  let end = start;
  while (text.charCodeAt(end) >= 97 && text.charCodeAt(end) <= 122) end++;
  const suffix = text.slice(start, end);
  const before = suffixesBefore.indexOf(suffix);
  const after = suffixesAfter.indexOf(suffix);
  if (before < 0 && after < 0) return -1;
  add(parts, before < 0 ? Rank.suffixAfter : Rank.suffixBefore, before < 0 ? after : before);
  const endOfNumber = endOfDigits(text, end);
  if (endOfNumber > end) add(parts, Rank.suffixNumber, readNatural(text, end, endOfNumber));
  return endOfNumber;
}

function readHash(text: string, start: number, parts: Parts): number {
  let end = start;
  for (;;) {
    const code = text.charCodeAt(end);
    if (!isDigit(code) && !(code >= 97 && code <= 102)) break;
    end++;
  }
  if (end === start) return -1;
  add(parts, Rank.hash, text.slice(start, end));
  return end;
}

function compareValues(a: Natural | string, b: Natural | string): -1 | 0 | 1 {
  if (typeof a === "string" || typeof b === "string") return compareText(String(a), String(b));
  return compareNaturals(a, b);
}

import { compareText } from "../model/text/compare-text.ts";
import { compareNaturals, endOfDigits, isDigit, type Natural, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// number {"." number} [letter] {"_" suffix [number]} ["-r" number]
//   letter  a to z
//   suffix  alpha beta pre rc (before the release), p (after it)
//
// The first numbers are compared as numbers. Those after a dot too, unless one of the two starts with 0: then they are
// compared as text without their trailing zeros, so that 1.01 < 1.1 and 1.0 < 1.01. A version that has a further number
// is higher. A missing letter is lower than any, a missing number of a suffix or revision is 0.

/** A version of a Gentoo package. */
export interface GentooVersion {
  readonly first: Natural;
  /** Those after a dot; a string is one that starts with 0, without its trailing zeros. */
  readonly numbers: readonly (Natural | string)[];
  /** Empty when there is none. */
  readonly letter: string;
  /** In the order of the text; `place` is that in {@link suffixes}, where the end of the version has one of its own. */
  readonly suffixes: readonly { readonly place: number; readonly number: Natural }[];
  readonly revision: Natural;
}

/** From the lowest to the highest; the empty one is the end of the version. */
const suffixes: readonly string[] = ["alpha", "beta", "pre", "rc", "", "p"];
const end = { place: suffixes.indexOf(""), number: 0 } as const;

const form = /^(\d+)((?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|p)\d*)*)(?:-r(\d+))?$/;

/** Versions of Gentoo packages. Source: Gentoo, Package Manager Specification, sections 3.2 and 3.3. */
export const gentoo: VersionScheme<GentooVersion> = {
  id: "gentoo",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const match = form.exec(text.trim());
    if (match === null) return undefined;
    const [, first = "", numbers = "", letter = "", words = "", revision = ""] = match;
    return {
      first: readWhole(first),
      numbers: numbers.split(".").slice(1).map(readNumber),
      letter,
      suffixes: words.split("_").slice(1).map(readSuffix),
      revision: readWhole(revision),
    };
  },

  compare(a, b) {
    return (
      compareNaturals(a.first, b.first) ||
      compareNumbers(a.numbers, b.numbers) ||
      compareText(a.letter, b.letter) ||
      compareSuffixes(a.suffixes, b.suffixes) ||
      compareNaturals(a.revision, b.revision)
    );
  },
};

function readWhole(digits: string): Natural {
  return readNatural(digits, 0, digits.length);
}

function readNumber(digits: string): Natural | string {
  if (!digits.startsWith("0")) return readWhole(digits);
  let length = digits.length;
  while (length > 0 && digits.charAt(length - 1) === "0") length--;
  return digits.slice(0, length);
}

function readSuffix(text: string): GentooVersion["suffixes"][number] {
  let start = 0;
  while (start < text.length && !isDigit(text.charCodeAt(start))) start++;
  return {
    place: suffixes.indexOf(text.slice(0, start)),
    number: readNatural(text, start, endOfDigits(text, start)),
  };
}

function compareNumbers(a: GentooVersion["numbers"], b: GentooVersion["numbers"]): -1 | 0 | 1 {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const left = a[index] ?? 0;
    const right = b[index] ?? 0;
    const isText = typeof left === "string" || typeof right === "string";
    // As texts, one that starts with 0, or had nothing but zeros, comes before every other.
    const order = isText ? compareText(String(left), String(right)) : compareNaturals(left, right);
    if (order !== 0) return order;
  }
  return compareNaturals(a.length, b.length);
}

function compareSuffixes(a: GentooVersion["suffixes"], b: GentooVersion["suffixes"]): -1 | 0 | 1 {
  for (let index = 0; index < a.length || index < b.length; index++) {
    const left = a[index] ?? end;
    const right = b[index] ?? end;
    const order = compareNaturals(left.place, right.place) || compareNaturals(left.number, right.number);
    if (order !== 0) return order;
  }
  return 0;
}

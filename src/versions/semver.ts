import { compareText } from "../model/text/compare-text.ts";
import { compareNaturals, endOfDigits, isDigit, isLetter, type Natural, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// {"v" | "=" | " "} number {"." number} ["-" identifier {"." identifier}] ["+" build]
//   identifier  letters, digits and "-"; one of digits alone is a number
//   build       ignored
// Wider than SemVer 2.0.0, as versions in package files and advisories are: white space around, "v" and "=" in front,
// missing minor and patch (0), leading zeros, numbers of any size, more than three numbers (compared like the first
// three), and an empty identifier, which stands for "-" as in OSV.

/** A version that follows, or nearly follows, Semantic Versioning. */
export interface SemverVersion {
  /** Major, minor, patch and what follows; trailing zeros are left out. */
  readonly numbers: readonly Natural[];
  /** Empty for a release. A string is an identifier that is not a number. */
  readonly prerelease: readonly (Natural | string)[];
}

/**
 * Versions of npm, crates.io, Hex and others that OSV orders by SemVer. Go's pseudo-versions and `+incompatible` need
 * nothing of their own.
 *
 * Source: Semantic Versioning 2.0.0, section 11; OSV schema, "SEMVER" ranges.
 */
export const semver: VersionScheme<SemverVersion> = {
  id: "semver",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const trimmed = text.trim();
    let position = endOfPrefix(trimmed);
    const numbers: Natural[] = [];
    for (;;) {
      const start = position;
      let number = 0;
      for (let code = trimmed.charCodeAt(start); code >= 48 && code <= 57; code = trimmed.charCodeAt(++position)) {
        number = number * 10 + code - 48;
      }
      if (position === start) return undefined;
      // Up to 15 digits are exact.
      numbers.push(position - start > 15 ? readNatural(trimmed, start, position) : number);
      if (trimmed.charCodeAt(position) !== 46) break;
      position++;
    }
    while (numbers.at(-1) === 0) numbers.pop();
    const prerelease: (Natural | string)[] = [];
    if (trimmed.charCodeAt(position) === 45) {
      do {
        const start = position + 1;
        position = endOfIdentifier(trimmed, start);
        prerelease.push(readIdentifier(trimmed, start, position));
      } while (trimmed.charCodeAt(position) === 46);
    }
    if (position < trimmed.length && !isBuild(trimmed, position)) return undefined;
    return { numbers, prerelease };
  },

  compare(a, b) {
    for (let index = 0; index < a.numbers.length || index < b.numbers.length; index++) {
      const order = compareNaturals(a.numbers[index] ?? 0, b.numbers[index] ?? 0);
      if (order !== 0) return order;
    }
    return comparePrereleases(a.prerelease, b.prerelease);
  },
};

function endOfPrefix(text: string): number {
  let end = 0;
  for (let code = text.charCodeAt(0); code === 118 || code === 61 || code === 32; code = text.charCodeAt(end)) end++;
  return end;
}

function endOfIdentifier(text: string, start: number): number {
  let end = start;
  for (;;) {
    const code = text.charCodeAt(end);
    if (!isDigit(code) && !isLetter(code) && code !== 45) return end;
    end++;
  }
}

/** The identifier from `start` to `end`: a number when it has digits alone, `-` when it is empty, else its text. */
export function readIdentifier(text: string, start: number, end: number): Natural | string {
  if (start === end) return "-";
  return endOfDigits(text, start) === end ? readNatural(text, start, end) : text.slice(start, end);
}

function isBuild(text: string, start: number): boolean {
  if (text.charCodeAt(start) !== 43) return false;
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code <= 32 || code >= 127) return false;
  }
  return true;
}

function comparePrereleases(a: readonly (Natural | string)[], b: readonly (Natural | string)[]): -1 | 0 | 1 {
  if (a.length === 0 || b.length === 0) return a.length > 0 ? -1 : b.length > 0 ? 1 : 0;
  return compareIdentifierLists(a, b);
}

/** One by one; where one list is the start of the other, the shorter is lower. Numbers are lower than texts. */
export function compareIdentifierLists(a: readonly (Natural | string)[], b: readonly (Natural | string)[]): -1 | 0 | 1 {
  for (let index = 0; ; index++) {
    const left = a[index];
    const right = b[index];
    if (left === undefined || right === undefined) return left !== undefined ? 1 : right !== undefined ? -1 : 0;
    const order = compareIdentifiers(left, right);
    if (order !== 0) return order;
  }
}

function compareIdentifiers(a: Natural | string, b: Natural | string): -1 | 0 | 1 {
  if (typeof a === "string") return typeof b === "string" ? compareText(a, b) : 1;
  return typeof b === "string" ? -1 : compareNaturals(a, b);
}

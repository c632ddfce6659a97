import { compareText } from "../model/text/compare-text.ts";
import { compareNaturals, endOfDigits, isDigit, isLetter, type Natural, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// [epoch ":"] version ["-" release], split at the last "-"
//
// Version and release are compared in segments of letters or of digits, as rpm once did, before it knew "~" and "^";
// every other character only separates, but more separators in front of a segment are higher than fewer. Numbers are
// higher than letters. At the end, letters that follow directly are lower than nothing (1.0rc < 1.0), and a further
// segment after a separator is higher (1.0 < 1.0.a < 1.0.1).

/** A version of an Arch Linux package, split. */
export interface AlpmVersion {
  readonly epoch: Natural;
  readonly version: string;
  /** Undefined when there is no "-"; such a version equals the same version with any release. */
  readonly release: string | undefined;
}

/**
 * Versions of Arch Linux packages. Like pacman's, the order is not transitive where a release is missing (1-1 = 1 =
 * 1-2), nor for texts that end in separators.
 *
 * Source: vercmp(8) of pacman; alpm-pkgver(7), "Version comparison".
 */
export const alpm: VersionScheme<AlpmVersion> = {
  id: "alpm",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const trimmed = text.trim();
    if (!/^[!-/:-@[-`{-~]*[\dA-Za-z][!-~]*$/.test(trimmed)) return undefined;
    const digits = endOfDigits(trimmed, 0);
    const hasEpoch = trimmed.charAt(digits) === ":";
    const start = hasEpoch ? digits + 1 : 0;
    const dash = trimmed.lastIndexOf("-");
    const hasRelease = dash >= start;
    return {
      epoch: hasEpoch ? readNatural(trimmed, 0, digits) : 0,
      version: trimmed.slice(start, hasRelease ? dash : trimmed.length),
      release: hasRelease ? trimmed.slice(dash + 1) : undefined,
    };
  },

  compare(a, b) {
    const order = compareNaturals(a.epoch, b.epoch) || compareSegments(a.version, b.version);
    if (order !== 0 || a.release === undefined || b.release === undefined) return order;
    return compareSegments(a.release, b.release);
  },
};

function compareSegments(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const startA = endOfSeparators(a, i);
    const startB = endOfSeparators(b, j);
    const separators = compareNaturals(startA - i, startB - j);
    [i, j] = [startA, startB];
    if (i === a.length || j === b.length) break;
    if (separators !== 0) return separators;
    const digits = isDigit(a.charCodeAt(i));
    if (digits !== isDigit(b.charCodeAt(j))) return digits ? 1 : -1;
    const endA = digits ? endOfDigits(a, i) : endOfLetters(a, i);
    const endB = digits ? endOfDigits(b, j) : endOfLetters(b, j);
    const order = digits
      ? compareNaturals(readNatural(a, i, endA), readNatural(b, j, endB))
      : compareText(a.slice(i, endA), b.slice(j, endB));
    if (order !== 0) return order;
    [i, j] = [endA, endB];
  }
  if (i === a.length && j === b.length) return 0;
  if (i < a.length) return isLetter(a.charCodeAt(i)) ? -1 : 1;
  return isLetter(b.charCodeAt(j)) ? 1 : -1;
}

function endOfSeparators(text: string, start: number): number {
  let end = start;
  while (end < text.length && !isDigit(text.charCodeAt(end)) && !isLetter(text.charCodeAt(end))) end++;
  return end;
}

function endOfLetters(text: string, start: number): number {
  let end = start;
  while (end < text.length && isLetter(text.charCodeAt(end))) end++;
  return end;
}

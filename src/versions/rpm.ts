import { compareText } from "../model/text/compare-text.ts";
import { compareNaturals, endOfDigits, hasBlank, isDigit, isLetter, type Natural, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// [epoch ":"] version ["-" release], split at the last "-". Version and release are compared in segments of letters or
// of digits; every other character only separates, but "~" sorts before the end of the text and "^" after the end and
// before everything else.

/** An rpm version, split. */
export interface RpmVersion {
  readonly epoch: Natural;
  readonly version: string;
  /** Undefined when there is no "-"; such a version sorts before the same version with any release. */
  readonly release: string | undefined;
}

const tilde = 126;
const caret = 94;

/**
 * Versions of rpm packages. A missing epoch equals 0, as in rpm's own order of packages: an advisory that leaves the
 * epoch out is read as naming epoch 0, it is never read as "any epoch". A text before ":" that is not a number is part
 * of the version. An empty text parses, as rpm orders it too; white space and control characters do not.
 *
 * Source: rpm-version(7) and the tests of rpmvercmp in rpm.
 */
export const rpm: VersionScheme<RpmVersion> = {
  id: "rpm",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    if (hasBlank(text)) return undefined;
    const digits = endOfDigits(text, 0);
    const hasEpoch = text.charCodeAt(digits) === 58;
    const start = hasEpoch ? digits + 1 : 0;
    const dash = text.lastIndexOf("-");
    return {
      epoch: hasEpoch ? readNatural(text, 0, digits) : 0,
      version: text.slice(start, dash < 0 ? text.length : dash),
      release: dash < 0 ? undefined : text.slice(dash + 1),
    };
  },

  compare(a, b) {
    const order = compareNaturals(a.epoch, b.epoch) || compareSegments(a.version, b.version);
    if (order !== 0) return order;
    if (a.release === undefined) return b.release === undefined ? 0 : -1;
    return b.release === undefined ? 1 : compareSegments(a.release, b.release);
  },
};

function compareSegments(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  for (;;) {
    i = endOfSeparators(a, i);
    j = endOfSeparators(b, j);
    // NaN at the end of a text, which equals nothing.
    const codeA = a.charCodeAt(i);
    const codeB = b.charCodeAt(j);
    if (codeA === tilde || codeB === tilde) {
      if (codeA !== tilde) return 1;
      if (codeB !== tilde) return -1;
    } else if (codeA === caret || codeB === caret) {
      if (codeA !== caret) return i === a.length ? -1 : 1;
      if (codeB !== caret) return j === b.length ? 1 : -1;
    } else {
      if (i === a.length || j === b.length) return i < a.length ? 1 : j < b.length ? -1 : 0;
      const digits = isDigit(codeA);
      if (digits !== isDigit(codeB)) return digits ? 1 : -1;
      const endA = digits ? endOfDigits(a, i) : endOfLetters(a, i);
      const endB = digits ? endOfDigits(b, j) : endOfLetters(b, j);
      const order = digits
        ? compareNaturals(readNatural(a, i, endA), readNatural(b, j, endB))
        : compareText(a.slice(i, endA), b.slice(j, endB));
      if (order !== 0) return order;
      i = endA;
      j = endB;
      continue;
    }
    i++;
    j++;
  }
}

function endOfSeparators(text: string, start: number): number {
  let end = start;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (isDigit(code) || isLetter(code) || code === tilde || code === caret) break;
    end++;
  }
  return end;
}

function endOfLetters(text: string, start: number): number {
  let end = start;
  while (end < text.length && isLetter(text.charCodeAt(end))) end++;
  return end;
}

import { compareNaturals, endOfDigits, isDigit, isLetter, type Natural, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// [epoch ":"] upstream ["-" revision]
//   epoch     decimal, 0 when absent, at most 2^31 - 1
//   upstream  starts with a digit; letters, digits and . + - ~ : _ ("-" only with a revision, ":" only with an epoch)
//   revision  letters, digits and . + ~ _; an absent one equals "0"
// Upstream and revision are compared as alternating runs of non-digits and digits. In the non-digits "~" sorts before
// the end of the run, letters before all else. The "_" is not in the policy, but dpkg itself lets it pass in its status
// file.

/** A Debian version, split. Both texts are compared as they stand. */
export interface DpkgVersion {
  readonly epoch: Natural;
  readonly upstream: string;
  readonly revision: string;
}

const largestEpoch = 2 ** 31 - 1;
const tilde = 126;

/** Debian and Ubuntu versions. Source: deb-version(7) and Debian Policy, section 5.6.12. */
export const dpkg: VersionScheme<DpkgVersion> = {
  id: "dpkg",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const trimmed = text.trim();
    const colon = trimmed.indexOf(":");
    if (colon === 0 || (colon > 0 && endOfDigits(trimmed, 0) !== colon)) return undefined;
    const epoch = colon < 0 ? 0 : readNatural(trimmed, 0, colon);
    if (epoch > largestEpoch) return undefined;
    const start = colon + 1;
    const dash = trimmed.lastIndexOf("-");
    const end = dash < start ? trimmed.length : dash;
    if (!isDigit(trimmed.charCodeAt(start)) || dash === trimmed.length - 1) return undefined;
    for (let index = start; index < trimmed.length; index++) {
      if (!isAllowed(trimmed.charCodeAt(index), index > end)) return undefined;
    }
    return { epoch, upstream: trimmed.slice(start, end), revision: trimmed.slice(end + 1) };
  },

  compare(a, b) {
    return (
      compareNaturals(a.epoch, b.epoch) || compareRuns(a.upstream, b.upstream) || compareRuns(a.revision, b.revision)
    );
  },
};

function isAllowed(code: number, inRevision: boolean): boolean {
  if (isDigit(code) || isLetter(code)) return true;
  switch (code) {
    case 43: // +
    case 46: // .
    case 95: // _
    case tilde:
      return true;
    case 45: // -
    case 58: // :
      return !inRevision;
    default:
      return false;
  }
}

/** Where a character of a run of non-digits sorts; the end of the run and a digit weigh 0. */
function weight(code: number): number {
  if (isLetter(code)) return code;
  if (code === tilde) return -1;
  return code + 256;
}

function compareRuns(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    for (;;) {
      const inA = i < a.length && !isDigit(a.charCodeAt(i));
      const inB = j < b.length && !isDigit(b.charCodeAt(j));
      if (!inA && !inB) break;
      const difference = (inA ? weight(a.charCodeAt(i)) : 0) - (inB ? weight(b.charCodeAt(j)) : 0);
      if (difference !== 0) return difference < 0 ? -1 : 1;
      i++;
      j++;
    }
    const endA = endOfDigits(a, i);
    const endB = endOfDigits(b, j);
    const order = compareNaturals(readNatural(a, i, endA), readNatural(b, j, endB));
    if (order !== 0) return order;
    i = endA;
    j = endB;
  }
  return 0;
}

import { compareNaturals, isDigit, type Natural, negate, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// ["v"] digit {part}  or  "dev-" branch
//
// ".", "-", "_" and "+" end a part, and so does every change between digits and other characters: 4.3-2RC1 is
// 4.3.2.RC.1. Parts of digits are numbers, all others words, known by how they begin. At the same place the order is,
// from the lowest on:
//
//   any other word, "dev", "a" (alpha), "b" (beta), "rc", the version's end, a number, "p" (pl, patch)
//
// Words of one rank are equal, and so are "#" and every number. A version that has a further number is higher: 1.0 <
// 1.0.0.
//
// This is the order of PHP's version_compare, which OSV uses. Two things come from Composer, which orders by
// version_compare too: a leading "v" means nothing, and neither do upper and lower case. Composer also fills up to four
// numbers before it compares and drops what follows "+"; like OSV this order does neither. A branch such as 2.x-dev
// does not parse: it is the newest 2 to Composer and lower than every 2 to OSV.

/** A version of a Composer package in its parts. */
export interface PackagistVersion {
  readonly parts: readonly (Natural | Word)[];
}

interface Word {
  /** -1 for a word without any of the {@link wordBeginnings}. */
  readonly rank: number;
}

/** Rank by place. The fifth stands for any number and for the end of a version. */
const wordBeginnings: readonly string[] = ["dev", "a", "b", "rc", "#", "p"];
const releaseRank: number = wordBeginnings.indexOf("#");

/**
 * Versions of Packagist, the registry of Composer. Like PHP's, the order is not transitive for versions with `#`, which
 * is equal to every number. The branches named `dev-…` are lower than every number.
 *
 * Source: PHP manual, version_compare; OSV's Packagist ecosystem.
 */
export const packagist: VersionScheme<PackagistVersion> = {
  id: "packagist",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const trimmed = text.trim();
    if (!form.test(trimmed) || wildcard.test(trimmed)) return undefined;
    const parts =
      trimmed
        .toLowerCase()
        .replace(/^v/, "")
        .match(/\d+|[^\d._+-]+/g) ?? [];
    return {
      parts: parts.map((part) =>
        isDigit(part.charCodeAt(0)) ? readNatural(part, 0, part.length) : { rank: wordRank(part) },
      ),
    };
  },

  compare(a, b) {
    for (let index = 0; ; index++) {
      const left = a.parts[index];
      const right = b.parts[index];
      if (left === undefined) return right === undefined ? 0 : negate(compareRest(b.parts, index));
      if (right === undefined) return compareRest(a.parts, index);
      const order = compareParts(left, right);
      if (order !== 0) return order;
    }
  },
};

const form = /^(?:v?\d|dev-)[!-~]*$/i;
const wildcard = /^v?\d+(?:\.\d+)*\.[x*](?:[.-]|$)/i;

function wordRank(word: string): number {
  return wordBeginnings.findIndex((beginning) => word.startsWith(beginning));
}

function compareParts(a: Natural | Word, b: Natural | Word): -1 | 0 | 1 {
  if (typeof a !== "object" && typeof b !== "object") return compareNaturals(a, b);
  return compareNaturals(rankOf(a), rankOf(b));
}

/** The order of a version and one that ended where `parts[start]` is, all before it being equal. */
function compareRest(parts: readonly (Natural | Word)[], start: number): -1 | 0 | 1 {
  for (let index = start; index < parts.length; index++) {
    const part = parts[index];
    if (typeof part !== "object") return 1;
    if (part.rank !== releaseRank) return compareNaturals(part.rank, releaseRank);
  }
  return 0;
}

function rankOf(part: Natural | Word): number {
  return typeof part === "object" ? part.rank : releaseRank;
}

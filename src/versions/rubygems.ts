import { compareText } from "../model/text/compare-text.ts";
import { compareNaturals, isDigit, type Natural, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// part {"." part} ["-" words {"." words}]
//   part   letters and digits; the first one starts with a digit
//   words  letters, digits and "-"
//
// "-" stands for ".pre.". Each run of digits is a number and each run of letters a word, so that 1.0.a10 is 1.0.a.10.
// Zeros before the first word and zeros at the end mean nothing: 1.0.0.a is 1.a. A missing part counts as 0, and a word
// is lower than every number: a version with a word comes before its release. Words are compared by their bytes, so
// that "A" is lower than "a".
//
// Wider than Gem::Version in one place: the first part may hold letters (1beta), as versions of old gems and advisories
// do.

/** A version of a Ruby gem: numbers and words, without the zeros that mean nothing. */
export interface RubyGemsVersion {
  readonly segments: readonly (Natural | string)[];
}

/**
 * Versions of Ruby gems, without the platform that may follow in a gem's file name: as RubyGems reads it, `1.2-java` is
 * a version before 1.2.
 *
 * Source: RubyGems, the class Gem::Version.
 */
export const rubygems: VersionScheme<RubyGemsVersion> = {
  id: "rubygems",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const trimmed = text.trim();
    if (!form.test(trimmed)) return undefined;
    const runs = trimmed.replaceAll("-", ".pre.").match(/\d+|[A-Za-z]+/g) ?? [];
    const segments: (Natural | string)[] = [];
    let prerelease = false;
    for (const run of runs) {
      const segment = isDigit(run.charCodeAt(0)) ? readNatural(run, 0, run.length) : run;
      if (typeof segment === "string" && !prerelease) {
        dropZeros(segments);
        prerelease = true;
      }
      segments.push(segment);
    }
    dropZeros(segments);
    return { segments };
  },

  compare(a, b) {
    for (let index = 0; index < a.segments.length || index < b.segments.length; index++) {
      const order = compareSegments(a.segments[index] ?? 0, b.segments[index] ?? 0);
      if (order !== 0) return order;
    }
    return 0;
  },
};

const form = /^\d[\dA-Za-z]*(?:\.[\dA-Za-z]+)*(?:-[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;

function dropZeros(segments: (Natural | string)[]): void {
  while (segments.at(-1) === 0) segments.pop();
}

function compareSegments(a: Natural | string, b: Natural | string): -1 | 0 | 1 {
  if (typeof a === "string") return typeof b === "string" ? compareText(a, b) : -1;
  return typeof b === "string" ? 1 : compareNaturals(a, b);
}

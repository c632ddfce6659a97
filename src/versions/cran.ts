import { compareNumericVersions, type NumericVersion, parseNumericVersion } from "./numeric-version.ts";
import type { VersionScheme } from "./version-scheme.ts";

// number {("." | "-") number}
//
// The two separators mean the same, leading zeros nothing, and a version that has a further number is higher: 0.01 <
// 0.1-0. Wider than R, which wants two numbers at least.

/**
 * Versions of R packages, on CRAN and in Bioconductor.
 *
 * Source: R, "numeric_version"; Writing R Extensions, section "The DESCRIPTION file".
 */
export const cran: VersionScheme<NumericVersion> = {
  id: "cran",
  parse: (text) => parseNumericVersion(text, ".-"),
  compare: compareNumericVersions,
};

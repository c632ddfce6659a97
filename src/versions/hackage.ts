import { compareNumericVersions, type NumericVersion, parseNumericVersion } from "./numeric-version.ts";
import type { VersionScheme } from "./version-scheme.ts";

// number {"." number}, where a version that has a further number is higher: 1.0 < 1.0.0. Tags after "-" are of the
// past.

/** Versions of Haskell packages. Source: Haskell Package Versioning Policy; Cabal, "Distribution.Types.Version". */
export const hackage: VersionScheme<NumericVersion> = {
  id: "hackage",
  parse: (text) => parseNumericVersion(text, "."),
  compare: compareNumericVersions,
};

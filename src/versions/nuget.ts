import { type SemverVersion, semver } from "./semver.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// number {"." number} ["-" label {"." label}] ["+" build]
//   number  one to four of them; missing ones are 0
//   label   letters, digits and "-"; one of digits alone is a number
//   build   labels too; ignored
//
// SemVer 2.0.0 except for the fourth number and that upper and lower case are the same. Wider than NuGet, which stops
// at 32 bits and takes no label with leading zeros: numbers of any size are exact here.

/**
 * Versions of NuGet packages.
 *
 * Source: NuGet documentation, "Package versioning", and the classes NuGetVersion and VersionComparer of
 * NuGet.Versioning.
 */
export const nuget: VersionScheme<SemverVersion> = {
  id: "nuget",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const trimmed = text.trim();
    return form.test(trimmed) ? semver.parse(trimmed.toLowerCase()) : undefined;
  },

  compare: semver.compare,
};

const form = /^\d+(?:\.\d+){0,3}(?:-[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;

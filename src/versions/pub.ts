import type { Natural } from "./natural.ts";
import { compareIdentifierLists, readIdentifier, type SemverVersion, semver } from "./semver.ts";
import type { VersionScheme } from "./version-scheme.ts";

// As SemVer, except that build metadata count: 1.0.0-a < 1.0.0-a+b < 1.0.0 < 1.0.0+b. Their identifiers are compared
// like those of a pre-release.

/** A version of a Dart package. */
export interface PubVersion {
  readonly release: SemverVersion;
  /** Empty when there is none, which is lowest. A string is an identifier that is not a number. */
  readonly build: readonly (Natural | string)[];
}

/**
 * Versions of Dart packages.
 *
 * Source: the package pub_semver, "Semantic Versioning": SemVer 2.0.0-rc.1, which unlike 2.0.0 orders build metadata.
 */
export const pub: VersionScheme<PubVersion> = {
  id: "pub",

  parse(text) {
    const release = semver.parse(text);
    if (release === undefined) return undefined;
    const [, build = ""] = /\+(.*)$/s.exec(text.trim()) ?? [];
    const identifiers = build === "" ? [] : build.split(".");
    return { release, build: identifiers.map((identifier) => readIdentifier(identifier, 0, identifier.length)) };
  },

  compare(a, b) {
    return semver.compare(a.release, b.release) || compareIdentifierLists(a.build, b.build);
  },
};

import { compareNaturals, type Natural, readNatural } from "./natural.ts";
import { type SemverVersion, semver } from "./semver.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// version ["-" number]
//   number  counts how often Bitnami packed the same version: 7.0.8-3 holds 7.0.8

/** A version of a program, and which of Bitnami's packages of it. */
export interface BitnamiVersion {
  readonly upstream: SemverVersion;
  /** Undefined when it means all of them. */
  readonly revision: Natural | undefined;
}

/**
 * Versions of Bitnami's packages. Advisories mostly name a version of the program, which stands for every package of
 * it: one without a revision is equal to those with one. So the order is not transitive where both forms are mixed.
 *
 * Source: Bitnami's "go-version" (revisions), and the records of its vulnerability database.
 */
export const bitnami: VersionScheme<BitnamiVersion> = {
  id: "bitnami",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const trimmed = text.trim();
    const [, version = trimmed, revision] = /^([^-]+)-(\d+)$/.exec(trimmed) ?? [];
    const upstream = semver.parse(version);
    if (upstream === undefined) return undefined;
    return { upstream, revision: revision === undefined ? undefined : readNatural(revision, 0, revision.length) };
  },

  compare(a, b) {
    const order = semver.compare(a.upstream, b.upstream);
    if (order !== 0 || a.revision === undefined || b.revision === undefined) return order;
    return compareNaturals(a.revision, b.revision);
  },
};

/**
 * The ecosystems of the OSV schema (1.7) that nothing here is held against, by name, and why. A test holds this list against the
 * schema and the code.
 */
export const ecosystemGaps: Readonly<Record<string, string>> = {
  Android: "Its records name Git projects and security patch levels, which no package of a container has.",
  Bioconductor: "Compared and fetched, but package URLs have no type for it, so no document names such a package.",
  ConanCenter: "Compared where a document names a package of it, but nobody publishes records.",
  "Docker Hardened Images":
    "Compared and fetched, but package URLs have no type for it, so no document names such a package.",
  FreeBSD: "Nothing here reads FreeBSD's packages, and OSV.dev neither orders nor publishes them.",
  GHC: "Compared and fetched, but package URLs have no type for the compiler, so no document names it.",
  "GitHub Actions": "OSV defines no order for tags of actions; what a workflow calls is said to have no advisories.",
  Linux: "The kernel that a container runs on is the host's.",
  "OSS-Fuzz": "Its records are about commits.",
  Root: "Compared as `Root:X`, but what Root rebuilt is not told from the original in an image: it is held against the distribution's advisories.",
  TuxCare:
    "Compared as `TuxCare:X`, but what TuxCare rebuilt is not told from the original in an image: it is held against the distribution's advisories.",
};

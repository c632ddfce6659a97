/**
 * The ecosystems of the OSV schema (1.7) that are not matched, by name, with the reason. A test compares this list with
 * the schema and the code.
 */
export const ecosystemGaps: Readonly<Record<string, string>> = {
  Android: "Its records refer to Git projects and security patch levels, which packages in a container do not have.",
  Bioconductor: "Compared and fetched, but package URLs have no type for it, so no SBOM can contain such a package.",
  ConanCenter: "Compared if an SBOM contains such packages, but there are no published records.",
  "Docker Hardened Images":
    "Compared and fetched, but package URLs have no type for it, so no SBOM can contain such a package.",
  FreeBSD: "FreeBSD packages are not supported; OSV.dev has neither a version order nor records for them.",
  GHC: "Compared and fetched, but package URLs have no type for the compiler, so no SBOM can contain it.",
  "GitHub Actions":
    "OSV defines no order for tags of actions; the actions in a workflow are reported as having no advisories.",
  Linux: "A container uses the kernel of the host.",
  "OSS-Fuzz": "Its records give only commits, not versions.",
  Root: "Compared as `Root:X`, but in an image, packages rebuilt by Root cannot be distinguished from the originals: they are matched with the distribution's advisories.",
  TuxCare:
    "Compared as `TuxCare:X`, but in an image, packages rebuilt by TuxCare cannot be distinguished from the originals: they are matched with the distribution's advisories.",
};

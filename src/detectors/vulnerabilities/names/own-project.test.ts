import { expect, test } from "vitest";
import { advisoryIndex } from "../../../../tests/setup/advisory-index.ts";
import type { Package } from "../../../model/packages/package.ts";
import { type FoundVulnerabilities, findVulnerabilities } from "../find-vulnerabilities.ts";

const project: Package = {
  ...{ type: "npm", name: "frontend", version: "0.0.0", purl: "pkg:npm/frontend@0.0.0", paths: [], layer: null },
  ownProject: true,
};
const { ownProject: _ownProject, ...installed } = project;

function find(packages: readonly Package[], ...ids: readonly string[]): FoundVulnerabilities {
  const affected = [
    {
      package: { ecosystem: "npm", name: "frontend" },
      ranges: [{ type: "SEMVER" as const, events: [{ introduced: "0" }] }],
    },
  ];
  const index = advisoryIndex(ids.map((id) => ({ id, modified: "2026-01-01T00:00:00Z", affected })));
  return findVulnerabilities(packages, { distribution: null, index });
}

test("a malicious package of the same name in a registry is not the project that an SBOM is about", () => {
  const records = ["MAL-2026-1", "GHSA-aaaa-bbbb-cccc"];
  expect(find([project], ...records).findings.map(({ id }) => id)).toEqual(["GHSA-aaaa-bbbb-cccc"]);
  const both = find([installed], ...records).findings.map(({ id }) => id);
  expect(both.toSorted()).toEqual(records.toSorted());
});

test("the project that an SBOM is about is not a gap in the advisories by itself", () => {
  const generic: Package = { ...project, type: "conda", purl: "pkg:conda/frontend@0.0.0" };
  expect(find([project, generic]).problems).toEqual([]);
  expect(find([project, installed]).problems).toEqual([
    { code: "no-advisories", message: "the database has no advisories for npm (one package)" },
  ]);
});

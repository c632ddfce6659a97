import { expect, test } from "vitest";
import { advisoryIndex } from "../../../../tests/setup/advisory-index.ts";
import type { Package } from "../../../model/packages/package.ts";
import { findVulnerabilities } from "../find-vulnerabilities.ts";
import { standardLibraryVersion } from "./go-version.ts";

test.each([
  ["go1.21.3", "1.21.3"],
  ["go1.21.3 X:boringcrypto,loopvar", "1.21.3"],
  ["go1.22.3-1", "1.22.3"],
  ["go1.22.3-snapshot", "1.22.3"],
  ["v1.20", "1.20"],
  ["go1.18b7", "1.18"],
  ["go1.18.1b7", "1.18.1"],
  ["go1.21rc2", "1.21rc2"],
  ["1.27.0-rc.2", "1.27.0-rc.2"],
  ["1.24.0-beta.1", "1.24.0-beta.1"],
  ["devel go1.23-abcdef", "devel go1.23-abcdef"],
  ["go1.26-devel_12ab34cd Tue Jun 3", "go1.26-devel_12ab34cd Tue Jun 3"],
  ["1.26-devel", "(devel)"],
])("the standard library of %s is compared as %s", (version, compared) => {
  expect(standardLibraryVersion(version)).toBe(compared);
});

test.each([
  "unknown",
  "go1.21rc",
  "go1.22.1_fips",
  "own build of Go",
  "go1.26-devel_12ab34cd Tue Jun 3",
  "1.26-devel_12ab34cd",
  "1.26-devel",
])("the standard library of %s cannot be compared, which is a problem", (version) => {
  const range = { type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.21.4" }] } as const;
  const affected = [{ package: { ecosystem: "Go", name: "stdlib" }, ranges: [range] }];
  const index = advisoryIndex([{ id: "GO-2024-1", modified: "2024-01-01T00:00:00Z", affected }]);
  const found: Package = {
    type: "golang",
    name: "stdlib",
    version,
    purl: "pkg:golang/stdlib",
    paths: ["a"],
    layer: 0,
  };
  const { findings, problems } = findVulnerabilities([found], { distribution: null, index });
  expect({ findings, codes: problems.map(({ code }) => code) }).toEqual({ findings: [], codes: ["unknown-version"] });
});

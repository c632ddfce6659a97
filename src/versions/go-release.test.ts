import { expect, test } from "vitest";
import { goRelease } from "./go-release.ts";

test.each([
  ["go1.21.3", "1.21.3"],
  ["go1.26.8 X:nodwarf5", "1.26.8"],
  ["go1.21.3 X:boringcrypto,loopvar", "1.21.3"],
  ["go1.22.5 (Red Hat 1.22.5-1.el9)", "1.22.5"],
  ["go1.21.5-asan", "1.21.5"],
  ["go1.22.5+auto", "1.22.5"],
  ["go1.23.6-xyz X:strictfipsruntime", "1.23.6"],
  ["go1.20-1", "1.20"],
  ["go1.18.1b7", "1.18.1"],
  ["go1.26rc1", "1.26rc1"],
  ["go1.26rc1-builder", "1.26rc1"],
  ["1.27.0-rc.2", "1.27.0-rc.2"],
  ["v1.26", "1.26"],
  ["go1.22.3-dev", "1.22.3"],
  ["go1.24.13-snapshot.1", "1.24.13"],
  ["go1.22.5-nightly", "1.22.5"],
  ["go1.16.5-master-tip", "1.16.5"],
  ["go1.22.5~bpo", "1.22.5"],
])("%s is the release %s", (version, release) => {
  expect(goRelease(version)).toBe(release);
});

test.each([
  "go1.26-devel_12ab34cd Tue Jun 3 10:11:12 2026 +0000",
  "go1.26-devel_12ab34cd Tue Jun 3 10:11:12 2026 +0000 X:nodwarf5",
  "1.26-devel_12ab34cd",
  "1.26-devel",
  "go1.25.3-devel_12ab34cd",
  "devel go1.23-abcdef",
  "devel +0123abc",
  "gotip",
  "go1.23-20240626-RC01 cl/646990413 +5a18e79687 X:fieldtrack,boringcrypto",
  "go1.20-20221201-RC01",
  "go1.18-pre4 cl/426000000",
  "go1.26-abcdef",
  "go1.26-dev",
  "go1.20-tip",
  "go1.22.1_fips",
  "go1.22.3.1",
  "(devel)",
  "unknown",
  "go",
])("%s is not a release", (version) => {
  expect(goRelease(version)).toBe(undefined);
});

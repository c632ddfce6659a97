// `findVulnerabilities` for versions with a mark of who built them.

import { expect, test } from "vitest";
import { advisoryIndex } from "../../../../tests/setup/advisory-index.ts";
import type { Advisory, Affected, RangeEvent } from "../../../model/findings/advisory.ts";
import type { VulnerabilityFinding } from "../../../model/findings/finding.ts";
import type { Package, PackageType } from "../../../model/packages/package.ts";
import { findVulnerabilities } from "../find-vulnerabilities.ts";

function affected(ecosystem: string, name: string, ...events: readonly RangeEvent[]): Affected {
  return { package: { ecosystem, name }, ranges: [{ type: "ECOSYSTEM", events }] };
}

function entry(ecosystem: string, name: string, fixed: string): Affected {
  return affected(ecosystem, name, { introduced: "0" }, { fixed });
}

function advisory(id: string, entries: readonly Affected[]): Advisory {
  return { id, modified: "2024-01-01T00:00:00Z", affected: entries };
}

function subject(type: PackageType, name: string, version: string): Package {
  return { type, name, version, purl: "", paths: [], layer: null };
}

function find(of: Package, record: Advisory): readonly VulnerabilityFinding[] {
  return findVulnerabilities([of], { distribution: null, index: advisoryIndex([record]) }).findings;
}

test("a revision of Bitnami's counts packages of one version, not versions before it", () => {
  const fixedIn = advisory("BIT-1", [entry("Bitnami", "redis", "7.0.8")]);
  expect(find(subject("bitnami", "redis", "7.0.8-3"), fixedIn)).toEqual([]);
  expect(find(subject("bitnami", "redis", "7.0.7-12"), fixedIn)[0]).toMatchObject({ fixedIn: "7.0.8" });
  const since = affected("Bitnami", "redis", { introduced: "7.0.8" }, { last_affected: "7.0.9" });
  for (const version of ["7.0.8-0", "7.0.9-4"]) {
    expect(find(subject("bitnami", "redis", version), advisory("BIT-2", [since]))).toHaveLength(1);
  }
});

test("what stands in place of a version and is none is not a version before all others", () => {
  for (const [type, ecosystem, version] of [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Maven writes its variables so.
    ["maven", "Maven", "${log4j.version}"],
    ["maven", "Maven", ""],
    ["pypi", "PyPI", ">=2.20"],
    ["pypi", "PyPI", "unknown"],
    ["composer", "Packagist", "dev-4.4"],
    ["rpm", "Rocky Linux:9", "unknown"],
  ] as const) {
    const name = "org.example:thing";
    const distribution = type === "rpm" ? { id: "rocky", idLike: [], version: "9.3", name: "Rocky Linux 9.3" } : null;
    const index = advisoryIndex([
      advisory("CVE-2024-1", [affected(ecosystem, name, { introduced: "2.0" }, { fixed: "2.15.0" })]),
    ]);
    const { findings, problems } = findVulnerabilities([subject(type, name, version)], { distribution, index });
    expect([findings.length, problems.map(({ code }) => code)]).toEqual([0, ["unknown-version"]]);
  }
  const listed = advisory("PYSEC-1", [{ package: { ecosystem: "PyPI", name: "thing" }, versions: ["trunk"] }]);
  expect(find(subject("pypi", "thing", "trunk"), listed)).toHaveLength(1);
});

test("the platform for which a gem was built is no part of its version", () => {
  const record = advisory("GHSA-1", [entry("RubyGems", "nokogiri", "1.18.4")]);
  for (const platform of ["-arm64-darwin", "-x86_64-linux-gnu", "-java", ""]) {
    expect(find(subject("gem", "nokogiri", `1.18.4${platform}`), record)).toEqual([]);
    expect(find(subject("gem", "nokogiri", `1.18.3${platform}`), record)).toHaveLength(1);
  }
  expect(find(subject("gem", "nokogiri", "1.18.4.rc1"), record)).toHaveLength(1);
});

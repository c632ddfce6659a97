// `findVulnerabilities` for modules in programs of Go.

import { describe, expect, test } from "vitest";
import { advisoryIndex } from "../../../../tests/setup/advisory-index.ts";
import type { Advisory } from "../../../model/findings/advisory.ts";
import type { VulnerabilityFinding } from "../../../model/findings/finding.ts";
import type { Package } from "../../../model/packages/package.ts";
import { findVulnerabilities } from "../find-vulnerabilities.ts";
import { AbsenceReasons } from "../matching/absence-reasons.ts";

function recordOf(id: string, imports: readonly object[]): Advisory {
  const ranges = [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.25.1" }] }] as const;
  const affected = [{ package: { ecosystem: "Go", name: "stdlib" }, ranges, ecosystem_specific: { imports } }];
  return { id, modified: "2024-01-01T00:00:00Z", affected };
}

function library(more: Partial<Package>): Package {
  const found = { type: "golang", name: "stdlib", version: "1.25.0", purl: "pkg:golang/stdlib@1.25.0" } as const;
  return { ...found, paths: ["bin/a"], layer: 0, ...more };
}

function find(found: Package, ...records: Advisory[]): readonly VulnerabilityFinding[] {
  return findVulnerabilities([found], { distribution: null, index: advisoryIndex(records) }).findings;
}

function why(found: Package, record: Advisory): readonly string[] {
  const reasons = new AbsenceReasons(record.id, { distribution: null, index: advisoryIndex([record]) }).of(found);
  return reasons.map(({ kind, text }) => `${kind}: ${text}`);
}

describe("a record that restricts where a package is affected", () => {
  const windows = recordOf("GO-2025-3750", [
    { path: "os", goos: ["windows"] },
    { path: "syscall", goos: ["windows"] },
  ]);

  test("is about programs for that system, and about those of which the system is not known", () => {
    expect(find(library({ builtFor: "windows/amd64" }), windows)).toHaveLength(1);
    expect(find(library({ builtFor: "windows" }), windows)).toHaveLength(1);
    expect(find(library({}), windows)).toHaveLength(1);
    expect(find(library({ linkedPackages: ["os"] }), windows)).toHaveLength(1);
    expect(find(library({ builtFor: "linux/amd64", linkedPackages: ["os"] }), windows)).toEqual([]);
    expect(find(library({ builtFor: "linux" }), windows)).toEqual([]);
  });

  test("tells why it is not about a program", () => {
    expect(why(library({ builtFor: "linux/amd64", linkedPackages: ["os"] }), windows)).toEqual([
      "other-platform: stdlib 1.25.0 is not affected by GO-2025-3750: it is for windows, not linux/amd64.",
    ]);
    expect(why(library({ builtFor: "windows/amd64", linkedPackages: ["fmt"] }), windows)).toEqual([
      "not-linked: stdlib 1.25.0 is not affected by GO-2025-3750: it is in os, syscall, which the program does not contain.",
    ]);
  });

  test("may restrict the processor, which need not be known", () => {
    const narrow = recordOf("GO-2025-1", [{ path: "crypto/internal/nistec", goarch: ["ppc64le", "arm"] }]);
    expect(find(library({ builtFor: "linux/ppc64le" }), narrow)).toHaveLength(1);
    expect(find(library({ builtFor: "linux" }), narrow)).toHaveLength(1);
    expect(find(library({ builtFor: "linux/amd64" }), narrow)).toEqual([]);
    const both = recordOf("GO-2025-2", [{ path: "os", goos: ["linux"], goarch: ["arm"] }]);
    expect(find(library({ builtFor: "linux/amd64" }), both)).toEqual([]);
    expect(why(library({ builtFor: "linux/amd64" }), both)[0]).toContain("it is for linux/arm, not linux/amd64");
  });

  test("is about the packages that it does not restrict everywhere", () => {
    const mixed = recordOf("GO-2025-3", [{ path: "os", goos: ["windows"] }, { path: "net/http" }]);
    expect(find(library({ builtFor: "linux/amd64" }), mixed)).toHaveLength(1);
    expect(find(library({ builtFor: "linux/amd64", linkedPackages: ["net/http", "os"] }), mixed)).toHaveLength(1);
    expect(find(library({ builtFor: "linux/amd64", linkedPackages: ["os"] }), mixed)).toEqual([]);
  });
});

describe("of several programs", () => {
  const hello = { paths: ["bin/hello", "bin/hi"], linkedPackages: ["fmt", "os"], builtFor: "linux/amd64" };
  const web = { paths: ["bin/early"], linkedPackages: ["fmt", "net/http", "os"], builtFor: "linux/amd64" };
  const setup = { paths: ["bin/setup.exe"], linkedPackages: ["os"], builtFor: "windows/amd64" };
  const paths = ["bin/early", "bin/hello", "bin/hi", "bin/setup.exe"];
  const all = library({ paths, linkedPackages: ["fmt", "net/http", "os"], linkedPrograms: [hello, web, setup] });
  const pathsOf = (...records: Advisory[]) => find(all, ...records).map((finding) => finding.package.paths);

  test("a finding names those that contain what is vulnerable", () => {
    expect(pathsOf(recordOf("GO-1", [{ path: "net/http" }]))).toEqual([["bin/early"]]);
    expect(pathsOf(recordOf("GO-1", [{ path: "fmt" }]))).toEqual([["bin/early", "bin/hello", "bin/hi"]]);
    expect(pathsOf(recordOf("GO-1", [{ path: "os", goos: ["windows"] }]))).toEqual([["bin/setup.exe"]]);
    expect(pathsOf(recordOf("GO-1", [{ path: "os" }]))).toEqual([paths]);
    expect(pathsOf(recordOf("GO-1", []))).toEqual([paths]);
  });

  test("each of the records of a vulnerability counts", () => {
    const one = recordOf("GO-1", [{ path: "net/http" }]);
    const other = { ...recordOf("GO-2", [{ path: "os", goos: ["windows"] }]), aliases: ["GO-1"] };
    expect(pathsOf(one, other)).toEqual([["bin/early", "bin/setup.exe"]]);
  });

  test("there is no finding where none contains it", () => {
    const record = recordOf("GO-1", [{ path: "net/textproto" }]);
    expect(pathsOf(record)).toEqual([]);
    expect(why(all, record)[0]).toMatch(
      /^not-linked: .* it is in net\/textproto, which the program does not contain\.$/,
    );
  });

  test("one of which nothing is known may contain anything", () => {
    const packed = { paths: ["bin/packed"] };
    const found = library({ paths: ["bin/early", "bin/packed"], linkedPrograms: [web, packed] });
    const [finding] = find(found, recordOf("GO-1", [{ path: "net/textproto" }]));
    expect(finding?.package.paths).toEqual(["bin/packed"]);
  });
});

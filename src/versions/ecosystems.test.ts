import { describe, expect, test } from "vitest";
import { compareVersions, ecosystemsWithOrder, schemeOf } from "./ecosystems.ts";

describe("schemeOf", () => {
  test.each([
    ["Debian:12", "dpkg"],
    ["Ubuntu:22.04:LTS", "dpkg"],
    ["Ubuntu:Pro:18.04:LTS", "dpkg"],
    ["Echo", "dpkg"],
    ["Alpine:v3.19", "apk"],
    ["Wolfi", "apk"],
    ["BellSoft Hardened Containers:stream", "apk"],
    ["Rocky Linux:9", "rpm"],
    ["Red Hat:enterprise_linux:9::baseos", "rpm"],
    ["openSUSE:Leap 15.5", "rpm"],
    ["npm", "semver"],
    ["crates.io", "semver"],
    ["Go", "go"],
    ["PyPI", "pep440"],
    ["Echo:PyPI", "pep440"],
    ["Maven", "maven"],
    ["Maven:https://repo.example.org", "maven"],
    ["NuGet", "nuget"],
    ["Packagist", "packagist"],
    ["RubyGems", "rubygems"],
    ["TuxCare:Alpine:v3.16", "apk"],
    ["TuxCare:npm", "semver"],
  ])("knows %s by the rule %s", (ecosystem, id) => {
    expect(schemeOf(ecosystem)?.id).toBe(id);
  });

  test.each([
    "",
    ":",
    "debian",
    "Debian ",
    "GIT",
    "CRAN",
    "Hackage",
    "Pub",
    "Photon OS",
    "Echo:npm",
    "TuxCare",
    "TuxCare:TuxCare:npm",
    "constructor",
    "__proto__",
  ])("has no order for %j", (ecosystem) => {
    expect(schemeOf(ecosystem)).toBeUndefined();
  });

  test("lists the ecosystems with an order, sorted, each once", () => {
    expect(ecosystemsWithOrder).toEqual([...new Set(ecosystemsWithOrder)].sort());
    expect(ecosystemsWithOrder.filter((name) => schemeOf(name) === undefined)).toEqual([]);
    expect(ecosystemsWithOrder.length).toBe(33);
  });
});

describe("compareVersions", () => {
  test("compares by the rule of the ecosystem", () => {
    expect(compareVersions("Debian:12", "1.0~rc1-1", "1.0-1")).toBe(-1);
    expect(compareVersions("Alpine:v3.19", "1.2.3-r10", "1.2.3-r9")).toBe(1);
    expect(compareVersions("AlmaLinux:9", "0:1.0-1.el9", "1.0-1.el9")).toBe(0);
    expect(compareVersions("npm", "4.17.15", "4.17.21")).toBe(-1);
    expect(compareVersions("Go", "v1.2.3+incompatible", "1.2.3")).toBe(0);
    expect(compareVersions("PyPI", "1.0.post1", "1.0+local")).toBe(1);
    expect(compareVersions("Maven", "2.17.1", "2.17.1.Final")).toBe(0);
    expect(compareVersions("RubyGems", "1.0.0.rc1", "1")).toBe(-1);
    expect(compareVersions("NuGet", "1.0.0.1", "1.0.0")).toBe(1);
    expect(compareVersions("Packagist", "v1.0.0RC1", "1.0.0-beta2")).toBe(1);
  });

  test("concludes nothing for an unknown ecosystem or a text that is not a version", () => {
    expect(compareVersions("CRAN", "1", "2")).toBeUndefined();
    expect(compareVersions("npm", "latest", "1.0.0")).toBeUndefined();
    expect(compareVersions("npm", "1.0.0", "latest")).toBeUndefined();
    expect(compareVersions("Debian", "1.0", "")).toBeUndefined();
  });
});

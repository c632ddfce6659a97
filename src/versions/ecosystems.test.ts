import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareVersions, ecosystemsWithOrder, schemeOf } from "./ecosystems.ts";

const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."0129azAZv.-_+~^:! "), maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(..."0129.-"), maxLength: 6 }),
);

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
    ["Echo:npm", "echo-npm"],
    ["Maven", "maven"],
    ["Maven:https://repo.example.org", "maven"],
    ["NuGet", "nuget"],
    ["Packagist", "packagist"],
    ["RubyGems", "rubygems"],
    ["TuxCare:Alpine:v3.16", "apk"],
    ["TuxCare:npm", "semver"],
    ["Amazon Linux:2", "rpm"],
    ["Oracle Linux:8", "rpm"],
    ["Photon OS:4.0", "rpm"],
    ["Fedora:40", "rpm"],
    ["Arch Linux", "alpm"],
    ["Gentoo", "gentoo"],
    ["Pub", "pub"],
    ["Hex", "semver"],
    ["Hackage", "hackage"],
    ["GHC", "semver"],
    ["CRAN", "cran"],
    ["Bioconductor", "cran"],
    ["opam", "opam"],
    ["Kubernetes", "semver"],
    ["CocoaPods", "rubygems"],
    ["ConanCenter", "conan"],
    ["Root:Alpine:3.18", "root-apk"],
    ["Root:Debian:12", "root-dpkg"],
    ["Root:PyPI", "root-pep440"],
    ["Root:Composer", "root-packagist"],
    ["Root:Ruby", "root-rubygems"],
  ])("knows %s by the rule %s", (ecosystem, id) => {
    expect(schemeOf(ecosystem)?.id).toBe(id);
  });

  test.each([
    "",
    ":",
    "debian",
    "Debian ",
    "GIT",
    "OPAM",
    "Android",
    "Root",
    "Root:",
    "Root:Root:npm",
    "Root:__proto__",
    "TuxCare",
    "TuxCare:TuxCare:npm",
    "constructor",
    "__proto__",
  ])("has no order for %j", (ecosystem) => {
    expect(schemeOf(ecosystem)).toBeUndefined();
  });

  test("has no scheme that the conformance suite does not try", () => {
    const tried = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts"));
    const ids = new Set(ecosystemsWithOrder.map((name) => schemeOf(name)?.id));
    expect([...ids].filter((id) => !tried.includes(`${id}.test.ts`))).toEqual([]);
    expect(ids.size).toBeGreaterThanOrEqual(17);
  });

  test("lists the ecosystems with an order, sorted, each once", () => {
    expect(ecosystemsWithOrder).toEqual([...new Set(ecosystemsWithOrder)].sort());
    expect(ecosystemsWithOrder.filter((name) => schemeOf(name) === undefined)).toEqual([]);
    expect(ecosystemsWithOrder.length).toBe(47);
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
    expect(compareVersions("Android", "1", "2")).toBeUndefined();
    expect(compareVersions("npm", "latest", "1.0.0")).toBeUndefined();
    expect(compareVersions("npm", "1.0.0", "latest")).toBeUndefined();
    expect(compareVersions("Debian", "1.0", "")).toBeUndefined();
  });

  test.each([...ecosystemsWithOrder, "Root:npm", "TuxCare:PyPI"])(
    "for %s, any two texts compare the other way round when they are swapped, and one that does not parse never is higher",
    (ecosystem) => {
      const scheme = schemeOf(ecosystem);
      fc.assert(
        fc.property(anyText, anyText, (a, b) => {
          const order = compareVersions(ecosystem, a, b);
          const readable = scheme?.parse(a) !== undefined && scheme.parse(b) !== undefined;
          expect(order === undefined).toBe(!readable);
          expect(compareVersions(ecosystem, b, a)).toBe(order === undefined ? undefined : 0 - order);
          expect([0, undefined]).toContain(compareVersions(ecosystem, a, a));
        }),
        { seed: 2026, numRuns: 300 },
      );
    },
  );
});

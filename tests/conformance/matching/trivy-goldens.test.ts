import { readdirSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { findVulnerabilities } from "../../../src/detectors/vulnerabilities/find-vulnerabilities.ts";
import type { Severity, VulnerabilityFinding } from "../../../src/model/findings/finding.ts";
import type { Distribution } from "../../../src/model/packages/distribution.ts";
import type { Package, PackageType } from "../../../src/model/packages/package.ts";
import { readSbom } from "../../../src/sources/sbom/read-sbom.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { trivyDatabase } from "../../setup/trivy-database.ts";
import { trivyFamilies } from "../../setup/trivy-families.ts";

const root = "trivy-goldens";

interface ListedPackage {
  readonly Name: string;
  readonly Version: string;
  readonly Release?: string;
  readonly Epoch?: number;
  readonly Arch?: string;
  readonly SrcName?: string;
  readonly SrcVersion?: string;
  readonly SrcRelease?: string;
  readonly SrcEpoch?: number;
  readonly Maintainer?: string;
  readonly BuildInfo?: { readonly Nvr: string; readonly Arch: string };
}

interface ReportedVulnerability {
  readonly VulnerabilityID: string;
  readonly PkgName: string;
  readonly InstalledVersion: string;
  readonly FixedVersion?: string;
  readonly Status: string;
  readonly Severity: string;
}

interface TrivyReport {
  readonly Metadata?: { readonly OS?: { readonly Family: string; readonly Name: string; readonly EOSL?: boolean } };
  readonly Results?: readonly {
    readonly Target: string;
    readonly Type: string;
    readonly Packages?: readonly ListedPackage[];
    readonly Vulnerabilities?: readonly ReportedVulnerability[];
  }[];
}

interface Row {
  readonly id: string;
  readonly package: string;
  readonly version: string;
  readonly status: string;
  readonly severity: string;
  /** Every version that would do; Trivy names the fix of each branch, Plimsoll that of the installed one. */
  readonly fixed: readonly string[];
}

/** Where severities differ, by id. */
const otherSeverities: Readonly<Record<string, string>> = {
  "openSUSE-SU-2024:13065-1": "the word is nobody's: Trivy takes it from a record that names no source",
};

const statusWords: Readonly<Record<string, string>> = { will_not_fix: "will-not-fix", end_of_life: "end-of-life" };

/** How Trivy calls the files in which packages of a language are listed. */
const languages: Readonly<Record<string, PackageType>> = {
  bun: "npm",
  cocoapods: "cocoapods",
  composer: "composer",
  "composer-vendor": "composer",
  "dotnet-core": "nuget",
  gemspec: "gem",
  gomod: "golang",
  gradle: "maven",
  hex: "hex",
  npm: "npm",
  nuget: "nuget",
  pnpm: "npm",
  poetry: "pypi",
  pylock: "pypi",
  "python-pkg": "pypi",
  swift: "swift",
  yarn: "npm",
};

describeWithCorpus("Trivy's packages and advisories give Trivy's findings", () => {
  const index = trivyDatabase();
  const counts = { cases: 0, expected: 0, found: 0 };
  afterAll(() => index.close());

  const match = (packages: readonly Package[], distribution: Distribution | null) =>
    findVulnerabilities(packages, { distribution, index, now: new Date("2021-08-25T12:00:00Z") });

  /** Every expected row is found and nothing else. */
  const compare = (expected: readonly ReportedVulnerability[], findings: readonly VulnerabilityFinding[]) => {
    counts.cases++;
    const wanted = expected.map(rowOfReport);
    const found = findings.map(rowOfFinding);
    counts.expected += expected.length;
    counts.found += found.length;
    expect(sorted(found).map(identity)).toEqual(sorted(wanted).map(identity));
    for (const [place, row] of sorted(wanted).entries()) {
      const own = sorted(found)[place];
      if (row.fixed.length > 0) expect(row.fixed, identity(row)).toContain(own?.fixed[0]);
      else expect(own?.fixed, identity(row)).toEqual([]);
      if (!(row.id in otherSeverities)) expect(own?.severity, identity(row)).toBe(row.severity);
    }
  };

  const systems = ["alpine-310", "amazon-2", "debian-buster", "distroless-base", "opensuse-tumbleweed"].concat([
    "oraclelinux-8",
    "photon-30",
    "ubi-7",
  ]);

  test.each(systems)("%s, and no package of it is taken for a third party's", (system) => {
    const report = corpusJson<TrivyReport>(root, "os", system, "report.json");
    const listed = corpusJson<readonly ListedPackage[]>(root, "os", system, "packages.json");
    const distribution = distributionOf(report, listed);
    const packages = listed.map((item) => ofDistribution(item, trivyFamilies[familyOf(report)]?.type ?? "deb"));
    const { findings, problems, limits } = match(packages, distribution);
    compare(vulnerabilitiesOf(report), findings);
    // That some advisories tell fixes alone is true of the publisher, whatever the packages are.
    expect(limits.filter((limit) => !limit.includes(" list a vulnerability only when it is fixed"))).toEqual([]);
    const ended = problems.filter(({ code }) => code === "end-of-life");
    expect(ended).toHaveLength(report.Metadata?.OS?.EOSL ? 1 : 0);
    expect(problems).toEqual(ended);
  });

  test("debian-buster without what has no fix", () => {
    const report = corpusJson<TrivyReport>(root, "os", "debian-buster", "report-ignore-unfixed.json");
    const listed = corpusJson<readonly ListedPackage[]>(root, "os", "debian-buster", "packages.json");
    const packages = listed.map((item) => ofDistribution(item, "deb"));
    const { findings } = match(packages, distributionOf(report, listed));
    const fixed = findings.filter(({ fixedIn }) => fixedIn !== undefined);
    compare(vulnerabilitiesOf(report), fixed);
  });

  test("ubi-7: a Python package of an rpm counts only when the rpm's own advisories are not to decide", () => {
    const report = corpusJson<TrivyReport>(root, "os", "ubi-7", "report-comprehensive.json");
    const listed = corpusJson<readonly ListedPackage[]>(root, "os", "ubi-7", "packages.json");
    const packages = listed.map((item) => ofDistribution(item, "rpm"));
    const setuptools = ofLanguage({ Name: "setuptools", Version: "0.9.8" }, "pypi");
    const distribution = distributionOf(report, listed);
    compare(vulnerabilitiesOf(report), match([...packages, setuptools], distribution).findings);
    const owned: Package = { ...setuptools, ownedBy: { type: "rpm", name: "python-setuptools" } };
    const precise = corpusJson<TrivyReport>(root, "os", "ubi-7", "report.json");
    compare(vulnerabilitiesOf(precise), match([...packages, owned], distribution).findings);
  });

  const lists = ["bun", "cocoapods", "composer", "composer-vendor", "dotnet", "mixlock", "npm", "nuget", "pnpm"].concat(
    ["poetry", "pylock", "swift", "yarn"],
  );

  test.each(lists.flatMap((name) => expectedReports(name).map((report) => [name, report] as const)))(
    "%s: %s",
    (name, file) => {
      const report = corpusJson<TrivyReport>(root, "lockfiles", name, "expected", file);
      // One report leaves the packages out; they are those of the report beside it.
      const withPackages = file === "npm-ubuntu-severity.json" ? "npm.json" : file;
      const all = corpusJson<TrivyReport>(root, "lockfiles", name, "expected", withPackages).Results ?? [];
      const packages = all.flatMap(({ Type: type, Packages: listed = [] }) =>
        listed.map((item) => ofLanguage(item, languages[type] ?? "generic")),
      );
      expect(packages.length).toBeGreaterThan(0);
      const { findings } = match(packages, null);
      if (file !== "npm-ubuntu-severity.json") return compare(vulnerabilitiesOf(report), findings);
      // Trivy was told to believe Ubuntu; Plimsoll says what each source says.
      const byUbuntu = findings.map((finding): VulnerabilityFinding => {
        const severity: Severity = finding.severities.find(({ source }) => source === "Ubuntu")?.severity ?? "unknown";
        return { ...finding, severity };
      });
      compare(vulnerabilitiesOf(report), byUbuntu);
    },
  );

  test("gradle: its lock file", () => {
    const text = corpusBytes(root, "lockfiles", "gradle", "input", "gradle.lockfile").toString("utf8");
    const packages = Array.from(text.matchAll(/^([^#:=\s]+:[^:=\s]+):([^:=\s]+)=/gm), ([, name = "", version = ""]) =>
      ofLanguage({ Name: name, Version: version }, "maven"),
    );
    const report = corpusJson<TrivyReport>(root, "lockfiles", "gradle", "expected", "gradle.json");
    compare(vulnerabilitiesOf(report), match(packages, null).findings);
  });

  test.each([
    ["gomod.json", ["go.mod", "submod/go.mod", "submod2/go.mod"], false],
    ["gomod-skip.json", ["go.mod", "submod/go.mod"], false],
    ["gomod-vex.json", ["go.mod", "submod/go.mod", "submod2/go.mod"], true],
  ] as const)("gomod: %s", (file, modules, withStatement) => {
    const report = corpusJson<TrivyReport>(root, "lockfiles", "gomod", "expected", file);
    const refuted = withStatement ? refutedByOpenVex() : new Set<string>();
    for (const module of modules) {
      const { findings } = match(goModules(module), null);
      const standing = findings.filter(({ id, package: { purl } }) => !refuted.has(`${id} ${purl}`));
      compare(vulnerabilitiesOf(report, module), standing);
    }
  });

  test.each(["conda/expected/conda-cyclonedx.json", "conda-environment/expected/conda-environment-cyclonedx.json"])(
    "%s: conda has no advisories, which is said",
    (path) => {
      const contents = readSbom(corpusBytes(root, "lockfiles", ...path.split("/")), quiet());
      expect(contents.packages.length).toBeGreaterThan(0);
      const { findings, problems } = match(contents.packages, null);
      compare([], findings);
      expect(problems.map(({ code }) => code)).toEqual(["no-advisories"]);
    },
  );

  test.each(["conda/expected/conda-spdx.json", "julia/expected/julia-spdx.json"])("%s: nothing is found", (path) => {
    const contents = readSbom(corpusBytes(root, "lockfiles", ...path.split("/")), quiet());
    compare([], match(contents.packages, null).findings);
  });

  test.each([
    ["fluentd-multiple-lockfiles-cyclonedx", "fluentd-multiple-lockfiles"],
    ["minikube-kbom", "minikube-kbom"],
    ["license-cyclonedx", "license-cyclonedx"],
  ])("sbom/%s", (input, expected) => {
    const { packages, distribution } = readSbom(corpusBytes(root, "sbom", "input", `${input}.json`), quiet());
    const report = corpusJson<TrivyReport>(root, "sbom", "expected", `${expected}.json`);
    compare(vulnerabilitiesOf(report), match(packages, distribution).findings);
  });

  test("sbom/fluentd-multiple-lockfiles: the findings that Trivy writes into an SBOM", () => {
    const input = corpusBytes(root, "sbom", "input", "fluentd-multiple-lockfiles-cyclonedx.json");
    const { packages, distribution } = readSbom(input, quiet());
    const { vulnerabilities } = corpusJson<{ vulnerabilities: readonly { id: string; affects: readonly unknown[] }[] }>(
      ...[root, "sbom", "expected", "fluentd-multiple-lockfiles-short.cdx.json"],
    );
    const { findings } = match(packages, distribution);
    expect(findings.map(({ id }) => id).sort()).toEqual(vulnerabilities.map(({ id }) => id).sort());
    counts.cases++;
    counts.expected += vulnerabilities.length;
    counts.found += findings.length;
  });

  test("all of the cases ran, and every finding of Trivy's was found", () => {
    expect(counts).toEqual({ cases: 43, expected: 62, found: 62 });
  });
});

function rowOfReport(vulnerability: ReportedVulnerability): Row {
  const { VulnerabilityID: id, PkgName: name, InstalledVersion: version, FixedVersion: fixed = "" } = vulnerability;
  const { Status: status, Severity: severity } = vulnerability;
  return {
    id,
    package: name,
    version,
    status: statusWords[status] ?? status,
    severity: severity.toLowerCase(),
    fixed: fixed.split(", ").filter(Boolean).map(withoutPrefix),
  };
}

function rowOfFinding({ id, package: { name, version }, status, severity, fixedIn }: VulnerabilityFinding): Row {
  return { id, package: name, version, status, severity, fixed: fixedIn === undefined ? [] : [withoutPrefix(fixedIn)] };
}

/** Go's advisories write some versions with `v` and some without. */
function withoutPrefix(version: string): string {
  return version.replace(/^v(?=\d)/, "");
}

function identity({ id, package: name, version, status }: Row): string {
  return `${id} ${name} ${version} ${status}`;
}

function sorted(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => (identity(a) < identity(b) ? -1 : 1));
}

function vulnerabilitiesOf({ Results: results = [] }: TrivyReport, target?: string): ReportedVulnerability[] {
  return results
    .filter(({ Target: of }) => target === undefined || of === target)
    .flatMap(({ Vulnerabilities: vulnerabilities = [] }) => vulnerabilities);
}

function familyOf({ Metadata: metadata }: TrivyReport): string {
  return metadata?.OS?.Family ?? "";
}

function distributionOf(report: TrivyReport, packages: readonly ListedPackage[]): Distribution {
  const version = /[\d.]+/.exec(report.Metadata?.OS?.Name ?? "")?.[0] ?? "";
  const build = packages.find(({ BuildInfo: info }) => info)?.BuildInfo;
  const id = trivyFamilies[familyOf(report)]?.id ?? "";
  return {
    id,
    idLike: [],
    version,
    name: `${id} ${version}`,
    ...(build && { repositories: [`${build.Nvr}-${build.Arch}`] }),
  };
}

function ofDistribution(listed: ListedPackage, type: "apk" | "deb" | "rpm"): Package {
  const { Name: name, Arch: architecture, SrcName: source, Maintainer: vendor } = listed;
  const version = fullVersion(listed.Epoch, listed.Version, listed.Release);
  const sourceVersion = fullVersion(listed.SrcEpoch, listed.SrcVersion ?? "", listed.SrcRelease);
  return {
    type,
    name,
    version,
    ...(architecture !== undefined && { architecture }),
    ...(source !== undefined && { source: { name: source, version: sourceVersion } }),
    ...(vendor !== undefined && type !== "apk" && { vendor }),
    purl: `pkg:${type}/${name}@${version}`,
    paths: [],
    layer: 0,
  };
}

function fullVersion(epoch: number | undefined, version: string, release: string | undefined): string {
  return `${epoch ? `${epoch}:` : ""}${version}${release ? `-${release}` : ""}`;
}

function ofLanguage({ Name: name, Version: version }: ListedPackage, type: PackageType): Package {
  return { type, name, version, purl: `pkg:${type}/${name}@${version}`, paths: [], layer: null };
}

function expectedReports(name: string): string[] {
  return readdirSync(corpusPath(root, "lockfiles", name, "expected")).sort();
}

/** What a go.mod requires, and below Go 1.17, where it leaves out what its requirements require, what its go.sum lists. */
function goModules(path: string): Package[] {
  const read = (file: string) => corpusBytes(root, "lockfiles", "gomod", "input", ...file.split("/")).toString("utf8");
  const text = read(path);
  const [, minor = "0"] = /^go 1\.(\d+)$/m.exec(text) ?? [];
  const lines = Array.from(
    text.matchAll(/^\s+(\S+) (v\S+)/gm),
    ([, name = "", version = ""]) => [name, version] as const,
  );
  const sums = Number(minor) < 17 ? read(path.replace(/mod$/, "sum")).matchAll(/^(\S+) (v[^\s/]+) h1:/gm) : [];
  const versions = new Map([...Array.from(sums, ([, name = "", version = ""]) => [name, version] as const), ...lines]);
  return [...versions].map(([Name, Version]) => ofLanguage({ Name, Version }, "golang"));
}

/** `id purl` of what the OpenVEX document beside the input says is not affected. */
function refutedByOpenVex(): Set<string> {
  const { statements } = corpusJson<{
    statements: readonly {
      readonly vulnerability: { readonly "@id": string };
      readonly products: readonly { readonly subcomponents: readonly { readonly "@id": string }[] }[];
    }[];
  }>(root, "lockfiles", "gomod", "openvex.json");
  return new Set(
    statements.flatMap(({ vulnerability, products }) =>
      products.flatMap(({ subcomponents }) => subcomponents.map((part) => `${vulnerability["@id"]} ${part["@id"]}`)),
    ),
  );
}

function quiet(): { signal: AbortSignal; problem: () => void } {
  return { signal: new AbortController().signal, problem: () => {} };
}

import { readdirSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { findVulnerabilities } from "../../../src/detectors/vulnerabilities/find-vulnerabilities.ts";
import type { Distribution } from "../../../src/model/packages/distribution.ts";
import type { Package, PackageType } from "../../../src/model/packages/package.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { trivyDatabase } from "../../setup/trivy-database.ts";
import { trivyFamilies } from "../../setup/trivy-families.ts";

// Reports of Trivy without the package lists that they were made from. The packages that they report stand for the lists, with the
// sources from which the distributions built them.

const root = ["trivy-goldens", "reports-only"];

interface TrivyReport {
  readonly Metadata?: { readonly OS?: { readonly Family: string; readonly Name: string } };
  readonly Results?: readonly { readonly Type: string; readonly Vulnerabilities?: readonly Reported[] }[];
}

interface Reported {
  readonly VulnerabilityID: string;
  readonly PkgName: string;
  readonly InstalledVersion: string;
  readonly FixedVersion?: string;
  readonly Status: string;
}

const languages: Readonly<Record<string, PackageType>> = { cargo: "cargo", gemspec: "gem" };

const sources: Readonly<Record<string, string>> = {
  e2fslibs: "e2fsprogs",
  libcomerr2: "e2fsprogs",
  "libcrypto1.1": "openssl",
  "libidn2-0": "libidn2",
  libss2: "e2fsprogs",
  "libssl1.1": "openssl",
  "musl-utils": "musl",
};

/** Trivy takes the release of Alpine from the repositories that the image names: edge, which the report does not say. */
const otherReleases: Readonly<Record<string, string>> = { "alpine-distroless.json": "edge" };

/** What Trivy was told to leave out. */
const ignored: Readonly<Record<string, readonly string[]>> = { "alpine-39-ignore-cveids.json": ["CVE-2019-1549"] };

describeWithCorpus("Trivy's reports without package lists", () => {
  const index = trivyDatabase();
  const reports = readdirSync(corpusPath(...root)).sort();
  let rows = 0;
  afterAll(() => index.close());

  test.each(reports)("%s: what it reports is found in the packages that it names, and nothing else", (name) => {
    const report = corpusJson<TrivyReport>(...root, name);
    const reported = (report.Results ?? []).flatMap(({ Type: type, Vulnerabilities: all = [] }) =>
      all.map((one) => ({ type, ...one })),
    );
    const packages = new Map(
      reported.map((one) => [`${one.PkgName} ${one.InstalledVersion}`, packageOf(one.type, one)] as const),
    );
    const distribution = distributionOf(report, otherReleases[name]);
    const { findings } = findVulnerabilities([...packages.values()], { distribution, index });
    const left = ignored[name] ?? [];
    const found = findings.filter(({ id }) => !left.includes(id));
    const line = (id: string, of: string, status: string) => `${id} ${of} ${status.replaceAll("_", "-")}`;
    expect(found.map((one) => line(one.id, one.package.name, one.status)).sort()).toEqual(
      reported.map((one) => line(one.VulnerabilityID, one.PkgName, one.Status)).sort(),
    );
    for (const { VulnerabilityID: id, PkgName: of, FixedVersion: fixed = "" } of reported) {
      const own = found.find((one) => one.id === id && one.package.name === of);
      if (fixed !== "") expect(fixed).toContain(own?.fixedIn);
    }
    rows += reported.length;
  });

  test("all of them ran", () => {
    expect({ reports: reports.length, rows }).toEqual({ reports: 14, rows: 29 });
  });
});

describeWithCorpus("nothing of the goldens is passed over in silence", () => {
  test("every folder is run by a test or listed with the reason why not", () => {
    const run = ["db", "lockfiles", "os", "reports-only", "sbom"];
    const notRun: Readonly<Record<string, string>> = {
      formats: "one of the reports that are run, as seven formats of Trivy's",
      "packages-only": "lists of packages of which no report says what is in them",
    };
    const folders = readdirSync(corpusPath("trivy-goldens"), { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    );
    expect(folders.map(({ name }) => name).sort()).toEqual([...run, ...Object.keys(notRun)].sort());
  });
});

function distributionOf({ Metadata: metadata }: TrivyReport, release: string | undefined): Distribution | null {
  const { Family: family = "", Name: name = "" } = metadata?.OS ?? {};
  const known = trivyFamilies[family];
  if (!known) return null;
  return { id: known.id, idLike: [], version: release ?? /[\d.]+/.exec(name)?.[0] ?? "", name: `${family} ${name}` };
}

function packageOf(family: string, { PkgName: name, InstalledVersion: version }: Reported): Package {
  const type = trivyFamilies[family]?.type ?? languages[family] ?? "generic";
  const source = sources[name];
  return {
    ...{ type, name, version, purl: `pkg:${type}/${name}@${version}`, paths: [], layer: null },
    ...(source !== undefined && { source: { name: source, version } }),
  };
}

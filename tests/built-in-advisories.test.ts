import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../src/detectors/vulnerabilities/matching/evaluate.ts";
import { openZip } from "../src/io/compression/zip.ts";
import type { Advisory, Affected, AffectedRange } from "../src/model/findings/advisory.ts";
import { normaliseName } from "../src/model/packages/package-name.ts";
import { schemeOf } from "../src/versions/ecosystems.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "./setup/corpus.ts";

const folder = join(import.meta.dirname, "../data/advisories");
const files = readdirSync(folder).map((name) => ({
  name,
  records: JSON.parse(readFileSync(join(folder, name), "utf8")) as Advisory[],
}));
const records: readonly Advisory[] = files.flatMap((file) => file.records);

const cvss3 = /^CVSS:3\.[01]\/AV:[NALP]\/AC:[LH]\/PR:[NLH]\/UI:[NR]\/S:[UC]\/C:[NLH]\/I:[NLH]\/A:[NLH]$/;
const day = /^\d{4}-\d{2}-\d{2}T00:00:00Z$/;
const slugs: Readonly<Record<string, string>> = {
  ...{ Alpine: "alpine", Debian: "debian", Go: "go", Maven: "maven", PyPI: "pypi", Ubuntu: "ubuntu", npm: "npm" },
};
/** The package ecosystems that a record may name, with their releases. */
const ecosystems =
  /^(?:Debian:(?:7|9|1[0-3])|Ubuntu:(?:18|20|22|24)\.04:LTS|Alpine:v3\.(?:1[1-9]|2[0-2])|AlmaLinux:(?:8|9|10)|Go|Maven|PyPI|crates\.io|npm)$/;
const ordered = new Set(["Go", "crates.io", "npm"]);

/** What a list of ranges names, in their order: pairs of a word and a version. */
function boundsOf(ranges: readonly AffectedRange[]): [word: string, version: string][] {
  return ranges.flatMap(({ events }) => events.flatMap((event) => Object.entries(event) as [string, string][]));
}

function packagesOf(advisory: Advisory): { ecosystem: string; name: string; entry: Affected }[] {
  return (advisory.affected ?? []).map((entry) => ({
    ecosystem: entry.package?.ecosystem ?? "",
    name: entry.package?.name ?? "",
    entry,
  }));
}

describe("the built-in advisories", () => {
  test("are at least 110, in files named after the ecosystem that their records name first", () => {
    expect(records.length).toBeGreaterThanOrEqual(110);
    const misplaced = files.flatMap((file) =>
      file.records
        .filter((record) => slugs[packagesOf(record)[0]?.ecosystem.split(":")[0] ?? ""] !== file.name.slice(0, -5))
        .map(({ id }) => `${file.name} ${id}`),
    );
    expect(misplaced).toEqual([]);
  });

  test("have ids of their own that repeat the identifier they stand for, which is their first alias", () => {
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    const aliases = records.flatMap(({ aliases = [] }) => aliases);
    expect(new Set(aliases).size).toBe(aliases.length);
    for (const { id, aliases = [] } of records) {
      expect(id).toBe(`PLIMSOLL-${aliases[0]}`);
      for (const alias of aliases) expect(alias).toMatch(/^(?:CVE-\d{4}-\d{4,}|GHSA(?:-[2-9cfghjmpqrvwx]{4}){3})$/);
    }
  });

  test("state their dates, a severity, a summary of one sentence and where the facts can be read", () => {
    for (const record of records) {
      const { id, schema_version, modified, published = "", summary = "", severity = [], references = [] } = record;
      expect(schema_version, id).toBe("1.7.3");
      expect(modified, id).toMatch(day);
      expect(published, id).toMatch(day);
      expect(published <= modified, id).toBe(true);
      expect(summary, id).toMatch(/^\p{L}[^\n]*\.$/u);
      expect(summary.length, id).toBeLessThanOrEqual(200);
      for (const { type, score } of severity)
        expect([type, score], id).toEqual(["CVSS_V3", expect.stringMatching(cvss3)]);
      if (severity.length === 0) {
        expect(["HIGH", "CRITICAL"], id).toContain(record.database_specific?.["severity"]);
      }
      expect(references.length, id).toBeGreaterThan(0);
      for (const { type, url } of references) {
        expect(["ADVISORY", "WEB"], id).toContain(type);
        expect(url, id).toMatch(/^https:\/\/[^\s]+$/);
      }
    }
  });

  test("name known ecosystems and releases, each package of a record once, in the spelling of its ecosystem", () => {
    for (const record of records) {
      const named = packagesOf(record).map(({ ecosystem, name }) => `${ecosystem} ${name}`);
      expect(named.length, record.id).toBeGreaterThan(0);
      expect(new Set(named).size, record.id).toBe(named.length);
      for (const { ecosystem, name } of packagesOf(record)) {
        expect(ecosystem, record.id).toMatch(ecosystems);
        expect(normaliseName(ecosystem, name), record.id).toBe(name);
      }
    }
  });

  test("give ranges that begin with a version or 0 and rise from bound to bound", () => {
    let bounds = 0;
    for (const record of records) {
      for (const { ecosystem, name, entry } of packagesOf(record)) {
        const scheme = schemeOf(ecosystem);
        const ranges = entry.ranges ?? [];
        const where = `${record.id} ${ecosystem} ${name}`;
        if (scheme === undefined) throw new Error(`${where}: no order of versions`);
        expect(ranges.length, where).toBeGreaterThan(0);
        let previous: unknown;
        for (const { type, events } of ranges) {
          expect(type, where).toBe(ordered.has(ecosystem) ? "SEMVER" : "ECOSYSTEM");
          expect(Object.keys(events[0] ?? {}), where).toEqual(["introduced"]);
          expect(events.length, where).toBeLessThanOrEqual(2);
          if (events.length === 2) expect(["fixed", "last_affected"], where).toContain(Object.keys(events[1] ?? {})[0]);
        }
        for (const [word, version] of boundsOf(ranges)) {
          bounds++;
          if (word === "introduced" && version === "0") {
            expect(previous, where).toBeUndefined();
            continue;
          }
          const parsed = scheme.parse(version);
          expect(parsed, `${where} ${version}`).toBeDefined();
          const least = word === "last_affected" ? 0 : 1;
          if (previous !== undefined) {
            expect(scheme.compare(parsed, previous), `${where} ${version}`).toBeGreaterThanOrEqual(least);
          }
          previous = parsed;
        }
      }
    }
    expect(bounds).toBeGreaterThanOrEqual(2100);
  });

  test.each([
    ["CVE-2021-44228", "Maven", "org.apache.logging.log4j:log4j-core", "2.14.1", true],
    ["CVE-2021-44228", "Maven", "org.apache.logging.log4j:log4j-core", "2.12.2", false],
    ["CVE-2021-44228", "Maven", "org.apache.logging.log4j:log4j-core", "2.17.1", false],
    ["CVE-2022-22965", "Maven", "org.springframework:spring-beans", "5.2.19.RELEASE", true],
    ["CVE-2022-22965", "Maven", "org.springframework:spring-beans", "5.3.17", true],
    ["CVE-2022-22965", "Maven", "org.springframework:spring-beans", "5.2.20.RELEASE", false],
    ["CVE-2021-23337", "npm", "lodash", "4.17.20", true],
    ["CVE-2021-23337", "npm", "lodash", "4.17.21", false],
    ["CVE-2021-44906", "npm", "minimist", "0.2.4", false],
    ["CVE-2025-29927", "npm", "next", "15.2.2", true],
    ["CVE-2019-14234", "PyPI", "Django", "2.2.3", true],
    ["CVE-2024-21626", "Go", "github.com/opencontainers/runc", "v1.1.11", true],
    ["CVE-2023-4911", "Debian:12", "glibc", "2.36-9+deb12u1", true],
    ["CVE-2023-4911", "Debian:12", "glibc", "2.36-9+deb12u3", false],
    ["CVE-2024-6387", "Ubuntu:22.04:LTS", "openssh", "1:8.9p1-3ubuntu0.7", true],
    ["CVE-2024-6387", "Ubuntu:20.04:LTS", "openssh", "1:8.2p1-4ubuntu0.1", false],
    ["CVE-2024-3094", "Debian:13", "xz-utils", "5.6.1-1", true],
    ["CVE-2024-3094", "Debian:13", "xz-utils", "5.4.1-0.2", false],
    ["CVE-2022-28391", "Alpine:v3.15", "busybox", "1.34.1-r3", true],
    ["CVE-2023-38545", "AlmaLinux:9", "libcurl", "7.76.1-26.el9", true],
    ["CVE-2023-38545", "AlmaLinux:9", "libcurl", "7.76.1-23.el9_2.4", false],
  ])("%s in %s %s %s: %s", (cve, ecosystem, name, version, affected) => {
    const record = records.find(({ aliases }) => aliases?.includes(cve));
    if (record === undefined) throw new Error(`there is no record of ${cve}`);
    expect(evaluate(record, { ecosystem, name, version }).affected).toBe(affected);
  });
});

/** Where the bucket and these records answer differently on purpose: record, package, reason. */
const exceptions: ReadonlyMap<string, string> = new Map([
  [
    "PLIMSOLL-CVE-2025-1974 k8s.io/ingress-nginx",
    "the bucket's record ends nowhere; the controller was fixed in 1.11.5 and 1.12.1",
  ],
  [
    "PLIMSOLL-CVE-2018-7750 paramiko",
    "the bucket's record leaves the branch 2.4 out; the CVE record names 2.4.x before 2.4.1, which fixed it",
  ],
]);

describeWithCorpus("the built-in advisories beside the OSV bucket", () => {
  const byAlias = new Map<string, Advisory[]>();

  beforeAll(() => {
    for (const ecosystem of ["Go", "PyPI", "crates.io"]) {
      const bytes = corpusBytes("osv-bucket", ecosystem, "all.zip");
      const read = (offset: number, length: number): Buffer => bytes.subarray(offset, offset + length);
      const archive = openZip({ size: bytes.length, read }, ecosystem);
      if (archive === undefined) throw new Error(`${ecosystem}/all.zip is no archive`);
      for (const entry of archive.entries()) {
        const advisory = JSON.parse(archive.read(entry, 16_777_216)?.toString("utf8") ?? "") as Advisory;
        if (advisory.withdrawn !== undefined) continue;
        for (const alias of advisory.aliases ?? []) byAlias.set(alias, [...(byAlias.get(alias) ?? []), advisory]);
      }
    }
  });

  test("answer the same at and around every bound that either side names, but for listed exceptions", () => {
    const different = new Map<string, string[]>();
    const compared = { records: 0, packages: 0, versions: 0 };
    for (const record of records) {
      const twins = [...new Set((record.aliases ?? []).flatMap((alias) => byAlias.get(alias) ?? []))];
      let packages = 0;
      for (const { ecosystem, name, entry } of packagesOf(record)) {
        const entries = twins.flatMap(packagesOf).filter((twin) => {
          return twin.ecosystem === ecosystem && normaliseName(ecosystem, twin.name) === name;
        });
        if (entries.length === 0) continue;
        packages++;
        for (const version of versionsAround([entry, ...entries.map((twin) => twin.entry)])) {
          compared.versions++;
          const subject = { ecosystem, name, version };
          const ours = evaluate(record, subject).affected;
          const theirs = twins.some((twin) => evaluate(twin, subject).affected === true);
          if (ours === theirs) continue;
          const key = `${record.id} ${name}`;
          different.set(key, [...(different.get(key) ?? []), `${version}: ${ours}, bucket ${theirs}`]);
        }
      }
      compared.packages += packages;
      if (packages > 0) compared.records++;
    }
    expect(Object.fromEntries([...different].filter(([key]) => !exceptions.has(key)))).toEqual({});
    expect([...exceptions.keys()].filter((key) => !different.has(key))).toEqual([]);
    expect(compared.records).toBeGreaterThanOrEqual(105);
    expect(compared.packages).toBeGreaterThanOrEqual(128);
    expect(compared.versions).toBeGreaterThanOrEqual(4058);
  });

  test("many describe vulnerabilities that were known to be exploited by August 2025", () => {
    const catalogue = corpusJson<{ vulnerabilities: { cveID: string }[] }>(
      ...["feeds", "kev", "known_exploited_vulnerabilities.json.gz"],
    );
    const exploited = new Set(catalogue.vulnerabilities.map(({ cveID }) => cveID));
    const held = records.filter(({ aliases = [] }) => aliases.some((alias) => exploited.has(alias)));
    expect(held.length).toBeGreaterThanOrEqual(43);
  });
});

/** The versions that the entries list or name as bounds; around a bound, also the one with the last number changed by one. */
function versionsAround(entries: readonly Affected[]): ReadonlySet<string> {
  const versions = new Set<string>();
  for (const { ranges = [], versions: listed = [] } of entries) {
    for (const version of listed) versions.add(version);
    for (const [, version] of boundsOf(ranges.filter(({ type }) => type !== "GIT"))) {
      if (version === "0") continue;
      versions.add(version);
      const last = /^(\d+(?:\.\d+)*\.)(\d+)$/.exec(version);
      if (last === null) continue;
      const [, start = "", end = ""] = last;
      for (const change of [-1, 1]) if (Number(end) + change >= 0) versions.add(`${start}${Number(end) + change}`);
    }
  }
  return versions;
}

import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readOsvRecord } from "../../../src/advisories/feeds/osv/osv-record.ts";
import { readUpdates, type Update } from "../../../src/advisories/feeds/updateinfo/updateinfo.ts";
import { evaluate } from "../../../src/detectors/vulnerabilities/matching/evaluate.ts";
import { DiskFile } from "../../../src/io/bytes/random-access.ts";
import { openZip } from "../../../src/io/compression/zip.ts";
import type { Advisory, AffectedRange } from "../../../src/model/findings/advisory.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

interface OsvAffected {
  readonly package: { readonly ecosystem: string; readonly name: string };
  readonly ranges?: readonly AffectedRange[];
  readonly versions?: readonly string[];
  readonly ecosystem_specific?: { readonly imports?: readonly { readonly path: string }[] };
}

interface OsvRecord {
  readonly id: string;
  readonly modified: string;
  readonly published: string;
  readonly withdrawn?: string;
  readonly summary?: string;
  readonly aliases?: readonly string[];
  readonly related?: readonly string[];
  readonly severity?: readonly { readonly type: string; readonly score: string }[];
  readonly affected: readonly (OsvAffected & { readonly severity?: OsvRecord["severity"] })[];
  readonly database_specific?: { readonly severity?: string };
}

function readRecord(value: unknown): Advisory {
  const reading = readOsvRecord(value);
  if ("refused" in reading) throw new Error(reading.refused);
  return reading.advisory;
}

/** What a record says of packages, without what is not kept on purpose. */
function facts(record: Advisory | OsvRecord): unknown {
  return {
    id: record.id,
    modified: record.modified,
    withdrawn: record.withdrawn,
    aliases: record.aliases ?? [],
    related: record.related ?? [],
    severity: record.severity ?? [],
    rating: record.database_specific?.["severity"],
    affected: record.affected?.map(({ package: named, ranges = [], versions = [], severity, ecosystem_specific }) => ({
      named: [named?.ecosystem, named?.name],
      ranges: ranges.map(({ type, events }) => ({ type, events })),
      versions,
      severity: severity ?? [],
      imports: (ecosystem_specific?.["imports"] as OsvImports)?.map(({ path }) => path),
    })),
  };
}

type OsvImports = readonly { readonly path: string }[] | undefined;

function jsonFiles(...folder: string[]): string[] {
  return readdirSync(corpusPath(...folder), { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".json"),
  );
}

describeWithCorpus("records in OSV's form", () => {
  describe.each([
    { publisher: "bitnami", input: ["vulndb", "data"], count: 2 },
    { publisher: "govulndb", input: ["vulndb", "ID"], count: 2 },
  ])("of $publisher, as another importer reads them", ({ publisher, input, count }) => {
    const folder = ["feeds", "vunnel", publisher];
    const snapshots = jsonFiles(...folder, "snapshots");
    const inputs = jsonFiles(...folder, ...input);

    test(`${count} records are expected of it`, () => {
      expect([snapshots.length, inputs.length]).toEqual([count, count]);
    });

    test.each(snapshots)("%s", (name) => {
      const { item } = corpusJson<{ item: OsvRecord }>(...folder, "snapshots", name);
      const path = inputs.find((each) => each.endsWith(`${item.id}.json`)) ?? "";
      const advisory = readRecord(corpusJson(...folder, ...input, ...path.split("/")));
      expect(facts(advisory)).toEqual(facts(item));
    });
  });

  // These inputs have no record of what another importer makes of them.
  describe.each([
    { publisher: "alma", folder: ["osv-database", "advisories"], ecosystem: "AlmaLinux", count: 5 },
    { publisher: "rocky", folder: ["osv"], ecosystem: "Rocky Linux", count: 3 },
  ])("of $publisher", ({ publisher, folder, ecosystem, count }) => {
    const inputs = jsonFiles("feeds", "vunnel", publisher, ...folder);

    test(`${count} records are there`, () => {
      expect(inputs).toHaveLength(count);
    });

    test.each(inputs)("%s keeps every package with its fix, and the fix is not affected", (path) => {
      const record = corpusJson<OsvRecord>("feeds", "vunnel", publisher, ...folder, ...path.split("/"));
      const advisory = readRecord(record);
      expect(facts(advisory)).toEqual(facts(record));
      expect(advisory.summary).toBe(record.summary?.trim());
      for (const { package: named, ranges = [] } of record.affected) {
        expect(named.ecosystem).toMatch(new RegExp(`^${ecosystem}:\\d+$`));
        const fixed = ranges.flatMap(({ events }) => events).find((event) => event.fixed !== undefined)?.fixed ?? "";
        const release = fixed.slice(fixed.lastIndexOf("-") + 1);
        const subject = { ecosystem: named.ecosystem, name: named.name };
        expect(evaluate(advisory, { ...subject, version: fixed })).toMatchObject({ affected: false });
        // The first of all versions, of the same module stream.
        const first = `${/^\d+:/.exec(fixed)?.[0] ?? ""}0-${release}`;
        expect(evaluate(advisory, { ...subject, version: first })).toMatchObject({ affected: true });
      }
    });
  });
});

interface GhsaVersions {
  readonly package: { readonly ecosystem: string; readonly name: string };
  readonly firstPatchedVersion: { readonly identifier: string } | null;
  readonly vulnerableVersionRange: string;
}

describeWithCorpus("GitHub's advisories as OSV", () => {
  const folder = ["feeds", "ghsa-to-osv"];
  const pairs = readdirSync(corpusPath(...folder)).filter((name) => !name.endsWith(".osv.json"));
  /** The expected record has no end where GitHub names the last affected version: everything after it counts as affected. */
  const endless = ["less_than_equals_no_patch.json"];

  test("eleven pairs are there", () => {
    expect(pairs).toHaveLength(11);
  });

  test.each(pairs)("%s: the record says what GitHub says", (name) => {
    const ghsa = corpusJson<{
      readonly ghsaId: string;
      readonly withdrawnAt: string | null;
      readonly vulnerabilities: { readonly nodes: readonly GhsaVersions[] };
    }>(...folder, name);
    const record = corpusJson<OsvRecord>(...folder, name.replace(".json", ".osv.json"));
    const advisory = readRecord(record);
    expect(facts(advisory)).toEqual(facts(record));
    expect(advisory.id).toBe(ghsa.ghsaId);
    expect(advisory.withdrawn !== undefined).toBe(ghsa.withdrawnAt !== null);
    const { withdrawn, ...published } = advisory;
    const nodes = ghsa.vulnerabilities.nodes;
    expect(nodes.length).toBeGreaterThan(0);
    for (const { package: named, firstPatchedVersion, vulnerableVersionRange } of nodes) {
      const entry = advisory.affected?.find(({ package: each }) => sameName(each?.name ?? "", named.name));
      const subject = { ecosystem: entry?.package?.ecosystem ?? "", name: entry?.package?.name ?? "" };
      const at = (version: string): unknown => evaluate(published, { ...subject, version }).affected;
      const terms = [...vulnerableVersionRange.matchAll(/(>=|<=|<|>|=) (\S+?)(?:,|$)/g)];
      expect(terms.length).toBeGreaterThan(0);
      for (const [, operator, version = ""] of terms) {
        expect([operator, version, at(version)]).toEqual([operator, version, operator?.includes("=") ?? false]);
      }
      if (firstPatchedVersion) expect(at(firstPatchedVersion.identifier)).toBe(false);
      if (endless.includes(name)) expect(at("999.0.0")).toBe(true);
    }
  });
});

/** Some ecosystems have several spellings of a name. */
function sameName(a: string, b: string): boolean {
  const plain = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-");
  return plain(a) === plain(b);
}

interface ErrataPackage {
  readonly name: string;
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
}

describeWithCorpus("errata that another importer reads in another form", () => {
  const goldens = jsonFiles("feeds", "vuln-list-update", "alma", "golden");
  /** Packages that AlmaLinux's OSV record of the same erratum does not name. */
  const missing: Readonly<Record<string, readonly string[]>> = { "ALSA-2021:3152": ["exiv2", "exiv2-libs"] };

  test("three AlmaLinux errata are there", () => {
    expect(goldens).toHaveLength(3);
  });

  // Its input, errata.json, is not read: AlmaLinux comes as OSV, of which the corpus has a later state.
  test.each(goldens)("%s has the packages of the OSV record", (path) => {
    const golden = corpusJson<{
      readonly updateinfo_id: string;
      readonly title: string;
      readonly pkglist: { readonly packages: readonly ErrataPackage[] };
      readonly references: readonly { readonly type: string; readonly id: string }[];
    }>("feeds", "vuln-list-update", "alma", "golden", ...path.split("/"));
    const advisory = readRecord(almaRecord(golden.updateinfo_id));
    expect(advisory.summary).toBe(golden.title);
    const cves = golden.references.flatMap(({ type, id }) => (type === "cve" ? [id] : []));
    expect([...(advisory.related ?? [])].sort()).toEqual(expect.arrayContaining(cves.sort()));
    const names = new Set(advisory.affected?.map(({ package: named }) => named?.name));
    const expected = golden.pkglist.packages.map(({ name }) => name);
    expect(expected.length).toBeGreaterThan(0);
    const gone = missing[golden.updateinfo_id] ?? [];
    expect([...new Set(expected)].filter((name) => !names.has(name)).sort()).toEqual(gone);
    for (const { name, epoch, version, release } of golden.pkglist.packages) {
      if (gone.includes(name)) continue;
      const plain = beforeBuild(`${version}-${release}`);
      const fixed = fixedVersions(advisory, name).map(beforeBuild);
      expect([name, fixed.some((each) => each === plain || each === `${epoch}:${plain}`)]).toEqual([name, true]);
    }
  });

  const rocky = jsonFiles("feeds", "vuln-list-update", "rocky", "golden");

  test("three Rocky Linux errata are there", () => {
    expect(rocky).toHaveLength(3);
  });

  test.each(rocky)("%s is read from the repository's updates", async (path) => {
    const golden = corpusJson<{
      readonly id: string;
      readonly severity: string;
      readonly packages: readonly ErrataPackage[];
      readonly cveids: readonly string[];
    }>("feeds", "vuln-list-update", "rocky", "golden", ...path.split("/"));
    const file = corpusPath("feeds", "vuln-list-update", "rocky", "fixtures", "happy", "updateinfo.xml");
    const options = { label: "updateinfo.xml", signal: new AbortController().signal };
    const updates: Update[] = [];
    for await (const each of readUpdates(file, options)) updates.push(each);
    const update = updates.find(({ id }) => id === golden.id);
    expect(update?.severity).toBe(golden.severity);
    expect(update?.cves).toEqual(golden.cveids);
    const expected = golden.packages.map((p) => `${p.name} ${p.epoch}:${p.version}-${p.release} ${p.arch}`);
    expect(update?.packages.map((p) => `${p.name} ${p.version} ${p.architecture}`)).toEqual(expected);
  });
});

/** Modules were built again between the two states. */
function beforeBuild(version: string): string {
  return version.replace(/\.module_el.*$/, "");
}

function fixedVersions(advisory: Advisory, name: string): string[] {
  const entries = advisory.affected?.filter(({ package: named }) => named?.name === name) ?? [];
  const events = entries.flatMap(({ ranges = [] }) => ranges.flatMap((range) => range.events));
  return events.flatMap(({ fixed }) => (fixed === undefined ? [] : [fixed]));
}

function almaRecord(id: string): unknown {
  using file = new DiskFile(corpusPath("osv-bucket", "AlmaLinux", "all.zip"));
  const archive = openZip(file, "AlmaLinux");
  for (const entry of archive?.entries() ?? []) {
    if (entry.name === `${id}.json`) return JSON.parse(archive?.read(entry, 1e7)?.toString("utf8") ?? "");
  }
  throw new Error(`${id} is not in the archive`);
}

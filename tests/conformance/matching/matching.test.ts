import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openAdvisoryDatabase } from "../../../src/advisories/database/open-advisory-database.ts";
import { osvFeed } from "../../../src/advisories/feeds/osv/osv-feed.ts";
import { openFeedSource } from "../../../src/advisories/open-feed-source.ts";
import { findVulnerabilities } from "../../../src/detectors/vulnerabilities/find-vulnerabilities.ts";
import type { AdvisoryIndex, Affected } from "../../../src/model/findings/advisory.ts";
import type { VulnerabilityFinding } from "../../../src/model/findings/finding.ts";
import type { Distribution } from "../../../src/model/packages/distribution.ts";
import type { Package, PackageType } from "../../../src/model/packages/package.ts";
import { buildDatabase } from "../../../src/pipeline/database/build-database.ts";
import type { UpdatedDatabase } from "../../../src/pipeline/database/update-database.ts";
import { schemeOf } from "../../../src/versions/ecosystems.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";

type Answer = readonly [ecosystem: string, name: string, version: string, ids: readonly string[]];

interface Label {
  readonly package: string;
  readonly version: string;
  readonly vulnerability: string;
  readonly cve?: string;
  readonly label: "TP" | "FP" | "??";
}

const types: Readonly<Record<string, PackageType>> = { Go: "golang", PyPI: "pypi", "crates.io": "cargo" };

describeWithCorpus("matching on the OSV bucket", () => {
  const folder = temporaryFolder();
  const file = join(folder, "advisories.db");
  let built: UpdatedDatabase;
  let index: AdvisoryIndex;

  const build = (output: string): Promise<UpdatedDatabase> =>
    buildDatabase({
      from: corpusPath("osv-bucket"),
      output,
      builtAt: "2026-08-21T00:00:00Z",
      signal: new AbortController().signal,
    });

  beforeAll(async () => {
    built = await build(file);
    index = openAdvisoryDatabase(file);
  });
  afterAll(() => index.close());

  const match = (ecosystem: string, name: string, version: string): ReturnType<typeof findVulnerabilities> =>
    findVulnerabilities([packageOf(types[ecosystem] ?? "generic", name, version)], { distribution: null, index });

  test("every record of the bucket is held, those in two archives once", () => {
    expect({ refused: built.refused, records: built.status.records }).toEqual({ refused: 0, records: 33_946 });
    const counts = Object.fromEntries(built.status.ecosystems.map(({ ecosystem, records }) => [ecosystem, records]));
    expect(counts).toEqual({
      AlmaLinux: 5637,
      Alpaquita: 12_401,
      "BellSoft Hardened Containers": 612,
      Bitnami: 7444,
      Go: 4291,
      PyPI: 2661,
      "crates.io": 1206,
    });
  });

  test("the same bucket gives the same bytes", async () => {
    const again = join(folder, "again.db");
    await build(again);
    expect(readFileSync(again).equals(readFileSync(file))).toBe(true);
  });

  // What OSV.dev did not answer and the bucket's records say. Go: records that are newer than the answers; urllib3: a record
  // that was corrected upstream after the bucket's commit.
  const newer = new Set([
    "GO-2026-5026",
    "GO-2026-5942",
    "GO-2026-5972",
    "GO-2026-6088",
    "GO-2026-6089",
    "GO-2026-6090",
    "GO-2026-6091",
    "GO-2026-6218",
    "PYSEC-2021-108",
  ]);

  test.each([
    ["Go", 10, 231],
    ["PyPI", 21, 19],
    ["crates.io", 21, 0],
  ])(
    "no id that OSV.dev answers for %s is missed among the records that the bucket holds",
    (ecosystem, queries, ids) => {
      const rows = corpusJson<{ rows: Answer[] }>("labels", "osv-dev-answers.json").rows.filter(
        ([asked]) => asked === ecosystem,
      );
      const missed: string[] = [];
      const extra: string[] = [];
      let found = 0;
      for (const [, name, version, wanted] of rows) {
        const held = new Set(index.find(ecosystem, name).map(({ id }) => id));
        const { findings } = match(ecosystem, name, version);
        const got = new Set(findings.flatMap(({ evidence }) => evidence.map(({ advisory }) => advisory)));
        for (const id of wanted.filter((one) => held.has(one))) {
          if (got.has(id)) found++;
          else missed.push(`${name} ${version} ${id}`);
        }
        extra.push(...[...got].filter((id) => !wanted.includes(id) && !newer.has(id)));
      }
      expect({ missed, extra }).toEqual({ missed: [], extra: [] });
      expect({ queries: rows.length, found }).toEqual({ queries, found: ids });
    },
  );

  test("the answers of OSV.dev that are not compared are of ecosystems of which the bucket holds nothing, or of commits", () => {
    const { rows } = corpusJson<{ rows: Answer[] }>("labels", "osv-dev-answers.json");
    const left = rows.filter(([ecosystem]) => !(ecosystem in types));
    const held = new Set(built.status.ecosystems.map(({ ecosystem }) => ecosystem));
    expect(left.filter(([ecosystem]) => held.has(ecosystem.split(":", 1)[0] ?? ""))).toEqual([]);
    const ofCommits = left.filter(([ecosystem]) => ecosystem === "commit" || ecosystem === "GIT");
    const counts = [rows.length, left.length, ofCommits.length];
    expect(counts).toEqual([680, 628, 9]);
  });

  // Expected misses: the record's own versions begin above the labelled one or end below it.
  test.each([
    ["Go", 72, 2],
    ["PyPI", 25, 4],
  ])("of the vulnerabilities that people confirmed for %s, nearly all are found", (ecosystem, found, missed) => {
    const confirmed = readLabels().filter(({ label }) => label === "TP");
    const counts = { found: 0, missed: 0 };
    for (const { package: name, version, vulnerability, cve } of confirmed) {
      const ids = [vulnerability, cve];
      const isNamed = (names: readonly string[]): boolean => names.some((one) => ids.includes(one));
      if (!index.find(ecosystem, name).some(({ id, aliases = [] }) => isNamed([id, ...aliases]))) continue;
      const { findings } = match(ecosystem, name, version);
      counts[findings.some(({ id, aliases }) => isNamed([id, ...aliases])) ? "found" : "missed"]++;
    }
    expect(counts.found).toBeGreaterThanOrEqual(found);
    expect(counts.missed).toBeLessThanOrEqual(missed);
  });

  test("every version that a record names can be read by its ecosystem's scheme, and no withdrawn record is found", async () => {
    const { signal } = new AbortController();
    const unread: string[] = [];
    let versions = 0;
    let withdrawn = 0;
    const source = openFeedSource({
      ...{ base: osvFeed.address, replaceBaseBy: corpusPath("osv-bucket"), workFolder: folder, signal },
    });
    for await (const part of osvFeed.fetch(source, { signal, previous: () => undefined })) {
      for await (const item of osvFeed.parse(part, { signal, problem: () => {} })) {
        if (item.kind !== "advisory") continue;
        const { advisory } = item;
        for (const entry of advisory.affected ?? []) {
          const { ecosystem = "", name = "" } = entry.package ?? {};
          for (const text of versionsOf(entry)) {
            versions++;
            if (schemeOf(ecosystem)?.parse(text) === undefined) unread.push(`${advisory.id} ${text}`);
          }
          if (advisory.withdrawn === undefined) continue;
          withdrawn++;
          expect(index.find(ecosystem.split(":", 1)[0] ?? "", name).map(({ id }) => id)).not.toContain(advisory.id);
        }
      }
    }
    // A build of a day, which has no place among the releases.
    expect(unread).toEqual(["BIT-mastodon-2026-47777 nightly.2026-03-10.0"]);
    expect(versions).toBeGreaterThanOrEqual(300_000);
    expect(withdrawn).toBeGreaterThanOrEqual(42);
  });

  test("AlmaLinux packages are matched within their release and their module stream", () => {
    const distribution: Distribution = { id: "almalinux", idLike: ["rhel"], version: "8.5", name: "AlmaLinux 8.5" };
    const nodejs = packageOf("rpm", "nodejs", "1:16.13.1-3.module_el8.5.0+2604+960c7771");
    const find = (module?: string): VulnerabilityFinding[] => [
      ...findVulnerabilities([{ ...nodejs, ...(module !== undefined && { module }) }], { distribution, index })
        .findings,
    ];
    const errata = (findings: readonly VulnerabilityFinding[]) =>
      new Set(findings.flatMap(({ evidence }) => evidence.map(({ advisory }) => advisory)));
    expect(errata(find("nodejs:16")).size).toBe(10);
    // ALSA-2022:4796 fixes one CVE, ALSA-2022:6964 two, each of which is a finding of its own.
    expect(find("nodejs:16").find(({ id }) => id === "CVE-2021-43616")).toMatchObject({
      severity: "high",
      aliases: ["ALSA-2022:4796"],
      fixedIn: "1:16.14.0-4.module_el8.6.0+2904+f21ad6f4",
    });
    const fixes = find("nodejs:16").map(({ fixedIn = "" }) => fixedIn);
    expect(fixes.filter((fix) => !fix.startsWith("1:16."))).toEqual([]);
    expect(errata(find()).size).toBeGreaterThan(10);
  });
});

function packageOf(type: PackageType, name: string, version: string): Package {
  return { type, name, version, purl: "", paths: [], layer: null };
}

function versionsOf({ ranges = [], versions = [] }: Affected): string[] {
  const bounds = ranges.flatMap(({ events }) =>
    events.flatMap(({ introduced, fixed, last_affected: last, limit }) => [introduced, fixed, last, limit]),
  );
  return [...bounds, ...versions].filter((text) => text !== undefined).filter((text) => text !== "0");
}

function readLabels(): Label[] {
  const lines = corpusBytes("labels", "match-labels.jsonl.gz").toString("utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Label);
}

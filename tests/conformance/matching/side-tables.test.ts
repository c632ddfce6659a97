import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { AdvisoryFeed } from "../../../src/advisories/advisory-feed.ts";
import type { FeedItem } from "../../../src/advisories/feed-item.ts";
import { endOfLifeFeed } from "../../../src/advisories/feeds/end-of-life/end-of-life-feed.ts";
import { epssFeed } from "../../../src/advisories/feeds/epss/epss-feed.ts";
import { kevFeed } from "../../../src/advisories/feeds/kev/kev-feed.ts";
import { nvdFeed } from "../../../src/advisories/feeds/nvd/nvd-feed.ts";
import { readCsv } from "../../../src/advisories/read-csv.ts";
import type { VulnerabilityFacts } from "../../../src/model/findings/vulnerability-facts.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { feedItems } from "../../setup/feed-items.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";

// Every input of KEV, EPSS, endoflife.date and NVD in the corpus, compared with what two other tools make of it and with each
// other. Not compared: `vuln-list-update/eoldates/happy_with_missed_os`, which is `happy` and `mariner-linux`, a product that
// its tool itself adds.

const folder = temporaryFolder();
const feeds = "feeds";

async function itemsOf(feed: AdvisoryFeed, ...path: string[]): Promise<readonly FeedItem[]> {
  const { items, problems } = await feedItems(feed, folder, { contents: [corpusBytes(feeds, ...path)] });
  expect(problems).toEqual([]);
  return items;
}

async function factsOf(feed: AdvisoryFeed, ...path: string[]): Promise<ReadonlyMap<string, VulnerabilityFacts>> {
  const items = await itemsOf(feed, ...path);
  const facts = new Map(items.flatMap((item) => (item.kind === "facts" ? [[item.cve, item.facts]] : [])));
  expect(facts.size).toBe(items.length);
  return facts;
}

/** The JSON files below a folder, as paths in the corpus. */
function snapshots(...path: string[]): string[][] {
  return readdirSync(corpusPath(feeds, ...path), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".json") && !name.endsWith("last_updated.json"))
    .sort()
    .map((name) => [feeds, ...path, name]);
}

describeWithCorpus("side tables of the corpus", () => {
  interface KevEntry {
    readonly cveID: string;
    readonly dateAdded: string;
    readonly dueDate: string;
    readonly knownRansomwareCampaignUse?: string;
  }

  function exploited({ dateAdded, dueDate, knownRansomwareCampaignUse }: KevEntry): VulnerabilityFacts {
    return {
      knownExploited: { addedAt: dateAdded, dueAt: dueDate, ransomware: knownRansomwareCampaignUse === "Known" },
    };
  }

  test("both forms of CISA's catalogue say the same of 1,404 vulnerabilities", async () => {
    const facts = await factsOf(kevFeed, "kev", "known_exploited_vulnerabilities.json.gz");
    const csv = corpusBytes(feeds, "kev", "known_exploited_vulnerabilities.csv.gz").toString("utf8");
    const [header = [], ...rows] = readCsv(csv);
    const entries = rows.map((row) => Object.fromEntries(header.map((name, column) => [name, row[column]])));
    expect(rows).toHaveLength(1404);
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([11]));
    expect(facts).toEqual(new Map((entries as unknown as KevEntry[]).map((entry) => [entry.cveID, exploited(entry)])));
    expect([...facts.values()].filter(({ knownExploited }) => knownExploited?.ransomware)).toHaveLength(293);
  });

  test("five entries of CISA's catalogue are read as two other tools read them", async () => {
    const vunnel = snapshots("vunnel", "kev", "snapshots").map((path) => corpusJson<{ item: KevEntry }>(...path).item);
    const vulnList = snapshots("vuln-list-update", "kev", "golden").map((path) => corpusJson<KevEntry>(...path));
    expect([vunnel.length, vulnList.length]).toEqual([3, 2]);
    const catalogue = ["vuln-list-update", "kev", "happy", "known_exploited_vulnerabilities.json"];
    expect(await factsOf(kevFeed, "vunnel", "kev", "valid-catalog-1.json")).toEqual(
      new Map(vunnel.map((entry) => [entry.cveID, exploited(entry)])),
    );
    expect(await factsOf(kevFeed, ...catalogue)).toEqual(
      new Map(vulnList.map((entry) => [entry.cveID, exploited(entry)])),
    );
    expect((await factsOf(kevFeed, "claircore", "kev", "known_exploited_vulnerabilities.json")).size).toBe(2);
  });

  test("scores are read as another tool reads them", async () => {
    interface Score {
      readonly cve: string;
      readonly epss: number;
      readonly percentile: number;
      readonly date: string;
    }
    const expected = snapshots("vunnel", "epss", "snapshots").map((path) => corpusJson<{ item: Score }>(...path).item);
    expect(expected).toHaveLength(5);
    const facts = await factsOf(epssFeed, "vunnel", "epss", "example-1.csv");
    expect(facts).toEqual(
      new Map(
        expected.map(({ cve, epss, percentile, date }) => [
          cve,
          { exploitPrediction: { probability: epss, percentile, date } },
        ]),
      ),
    );
    expect((await factsOf(epssFeed, "claircore", "epss", "data.csv")).size).toBe(29);
  });

  test("464 products of endoflife.date have 8,351 release cycles, with the ends that their sources say", async () => {
    type Products = Record<string, { readonly releases: readonly Record<string, string | boolean | undefined>[] }>;
    const products = corpusJson<Products>(feeds, "eol", "products.json.gz");
    const items = await itemsOf(endOfLifeFeed, "eol", "products.json.gz");
    const expected = Object.entries(products).flatMap(([product, { releases }]) =>
      releases.map(({ releaseCycle, eol, eoes }) => ({ product, cycle: releaseCycle, end: eol, extended: eoes })),
    );
    expect([Object.keys(products).length, expected.length]).toEqual([464, 8351]);
    const found = items.flatMap((item) =>
      item.kind === "release-cycle"
        ? [
            {
              product: item.product,
              cycle: item.cycle.cycle,
              end: item.cycle.endOfLife,
              extended: item.cycle.extendedEnd,
            },
          ]
        : [],
    );
    expect(found).toEqual(expected.toSorted((a, b) => (a.product < b.product ? -1 : a.product > b.product ? 1 : 0)));
  });

  interface Cycle {
    readonly name: string;
    readonly codename?: string | null;
    readonly isEol?: boolean;
    readonly eolFrom?: string;
    readonly eoesFrom?: string;
  }

  /** What another tool says of a cycle, in our words. */
  function asItem(product: string, { name, codename, isEol, eolFrom, eoesFrom }: Cycle): unknown {
    return {
      kind: "release-cycle",
      product,
      cycle: {
        cycle: name,
        ...(codename && { codename }),
        endOfLife: eolFrom ?? isEol ?? false,
        ...(eoesFrom && { extendedEnd: eoesFrom }),
      },
    };
  }

  test("eleven release cycles of the API are read as two other tools read them", async () => {
    type Snapshot = { readonly item: Cycle & { readonly product: string } };
    const vunnel = snapshots("vunnel", "eol", "snapshots").map((path) => corpusJson<Snapshot>(...path).item);
    expect(vunnel).toHaveLength(6);
    const items = await itemsOf(endOfLifeFeed, "vunnel", "eol", "valid-eol-response.json");
    expect(new Set(items)).toEqual(new Set(vunnel.map((item) => asItem(item.product, item))));

    // The tool keeps no code names, and of the products those that it knows: not oracle-solaris.
    type Golden = Record<string, readonly Cycle[]>;
    const golden = corpusJson<Golden>(feeds, "vuln-list-update", "eoldates", "happy", "eoldates.json");
    const expected = Object.entries(golden).flatMap(([product, cycles]) =>
      cycles.map((cycle) => asItem(product, cycle)),
    );
    expect(expected).toHaveLength(5);
    const found = (await itemsOf(endOfLifeFeed, "vuln-list-update", "eoldates", "eoldata.json")).flatMap((item) => {
      if (item.kind !== "release-cycle" || item.product === "oracle-solaris") return [];
      const { codename: _, ...cycle } = item.cycle;
      return [{ ...item, cycle }];
    });
    expect(found).toEqual(expected);
  });

  interface NvdRecord {
    readonly id: string;
    readonly metrics?: Readonly<
      Record<string, readonly { readonly type: string; readonly cvssData: { readonly vectorString: string } }[]>
    >;
  }

  /** Every vector of a record, primary ones first. */
  function vectorsOf({ metrics = {} }: NvdRecord): string[] {
    const all = ["cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2"].flatMap(
      (key) => metrics[key] ?? [],
    );
    const ofType = (primary: boolean): string[] =>
      all.filter(({ type }) => (type === "Primary") === primary).map(({ cvssData }) => cvssData.vectorString);
    return [...ofType(true), ...ofType(false)];
  }

  function vectorMap(records: readonly NvdRecord[]): ReadonlyMap<string, string[]> {
    return new Map(records.filter((one) => vectorsOf(one).length > 0).map((one) => [one.id, vectorsOf(one)]));
  }

  async function readVectors(...path: string[]): Promise<ReadonlyMap<string, readonly string[] | undefined>> {
    const facts = await factsOf(nvdFeed, ...path);
    return new Map([...facts].map(([cve, { severities }]) => [cve, severities?.map(({ score }) => score)]));
  }

  test("43 records of NVD give the vectors that two other tools keep", async () => {
    type Snapshot = { readonly item: { readonly cve: NvdRecord } };
    const single = snapshots("vunnel", "nvd", "snapshots", "single-entry").map((path) => corpusJson<Snapshot>(...path));
    const page = snapshots("vunnel", "nvd", "snapshots", "full-page").map((path) => corpusJson<Snapshot>(...path));
    const golden = snapshots("vuln-list-update", "nvd", "golden").map((path) => corpusJson<NvdRecord>(...path));
    expect([single.length, page.length, golden.length]).toEqual([1, 38, 4]);
    expect(await readVectors("vunnel", "nvd", "single-entry.json")).toEqual(
      vectorMap(single.map(({ item }) => item.cve)),
    );
    expect(await readVectors("vunnel", "nvd", "full-page.json")).toEqual(vectorMap(page.map(({ item }) => item.cve)));
    const read = new Map<string, readonly string[] | undefined>();
    for (const name of ["respPage1.json", "respPage2.json", "respPageFull.json"]) {
      for (const [cve, vectors] of await readVectors("vuln-list-update", "nvd", "fixtures", name))
        read.set(cve, vectors);
    }
    expect(read).toEqual(vectorMap(golden));
    expect((await factsOf(nvdFeed, "claircore", "cvss", "feed.json")).get("CVE-2016-2781")?.severities).toEqual([
      { source: "NVD", type: "CVSS_V3", score: "CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:C/C:N/I:H/A:N" },
      { source: "NVD", type: "CVSS_V2", score: "AV:L/AC:L/Au:N/C:N/I:P/A:N" },
      { source: "CISA", type: "CVSS_V3", score: "CVSS:3.1/AV:L/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N" },
    ]);
  });

  const damaged: [AdvisoryFeed, string[]][] = [
    [kevFeed, ["vuln-list-update", "kev", "sad", "known_exploited_vulnerabilities.json"]],
    [epssFeed, ["vunnel", "epss", "invalid-header.csv"]],
    [epssFeed, ["vunnel", "epss", "missing-date.csv"]],
    [endOfLifeFeed, ["vuln-list-update", "eoldates", "sad_eoldata.json"]],
  ];

  test.each(damaged)("damaged input of $id is feed-malformed", async (feed, path) => {
    expect(existsSync(corpusPath(feeds, ...path))).toBe(true);
    await expect(itemsOf(feed, ...path)).rejects.toMatchObject({ code: "feed-malformed" });
  });
});

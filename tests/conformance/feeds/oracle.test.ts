import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { oracleFeed } from "../../../src/advisories/feeds/oracle/oracle-feed.ts";
import type { Advisory } from "../../../src/model/findings/advisory.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { entryLines, type ParsedPart, parsePart, severityWords } from "../../setup/parse-part.ts";

const folder = ["feeds", "vuln-list-update", "oracle-oval"];

/** The files that the golden records come from. */
const inputs = ["all-positive-data.xml.bz2", "elsa-2018-1196-1.xml.bz2"];

interface Criteria {
  readonly Operator: string;
  readonly Criterias: readonly Criteria[] | null;
  readonly Criterions: readonly { readonly Comment: string }[] | null;
}

interface Golden {
  readonly Title: string;
  readonly Platform: readonly string[];
  readonly References: readonly { readonly Source: string; readonly ID: string }[];
  readonly Criteria: Criteria;
  readonly Severity: string;
  readonly Cves: readonly { readonly ID: string }[] | null;
  readonly Issued: { readonly Date: string };
}

interface Snapshot {
  readonly item: {
    readonly Vulnerability: {
      readonly Name: string;
      readonly FixedIn: readonly { readonly Name: string; readonly NamespaceName: string; readonly Version: string }[];
      readonly Metadata: { readonly CVE: readonly { readonly Name: string }[]; readonly Issued: string };
      readonly Severity: string;
    };
  };
}

/** How the source of the snapshots calls Oracle's words. */
const severityNames: Readonly<Record<string, string>> = {
  LOW: "Low",
  MODERATE: "Medium",
  IMPORTANT: "High",
  CRITICAL: "Critical",
};

async function parsed(...path: string[]): Promise<ParsedPart> {
  return parsePart(oracleFeed, { name: "all", files: [corpusPath("feeds", ...path)] });
}

function byId(advisories: readonly Advisory[], id: string): Advisory | undefined {
  return advisories.find((advisory) => advisory.id === id);
}

describeWithCorpus("Oracle's advisories", () => {
  const goldens = readdirSync(corpusPath(...folder, "golden"));

  test("every golden file is run", () => {
    expect(goldens).toHaveLength(15);
  });

  test.each(goldens)("%s has the same CVEs, severity, date and fixes", async (name) => {
    const golden = corpusJson<Golden>(...folder, "golden", name);
    const id = name.replace(".json", "");
    const all = await Promise.all(inputs.map((file) => parsed("vuln-list-update", "oracle-oval", file)));
    expect(all.flatMap(({ problems }) => problems)).toEqual([]);
    const advisory = byId(
      all.flatMap(({ advisories }) => advisories),
      id,
    );
    const cves = golden.References.flatMap(({ Source, ID }) => (Source === "CVE" ? [ID] : []));
    expect([...(advisory?.upstream ?? [])].sort()).toEqual(cves.sort());
    expect(severityWords(advisory)).toEqual([golden.Severity]);
    expect(advisory?.published).toBe(`${golden.Issued.Date}T00:00:00Z`);
    const fixes = fixesOf(golden.Criteria, "?");
    expect(fixes.length).toBeGreaterThan(0);
    expect(entryLines(advisory)).toEqual([...new Set(fixes)].sort());
  });

  describe("as another importer reads them", () => {
    const snapshots = readdirSync(corpusPath("feeds", "vunnel", "oracle", "snapshots"), {
      recursive: true,
      encoding: "utf8",
    }).filter((path) => path.endsWith(".json"));

    test("two records are expected of it", () => {
      expect(snapshots.sort()).toEqual(["ol:5/elsa-2007-0057.json", "ol:6/elsa-2018-4250.json"]);
    });

    test.each(snapshots)("%s", async (path) => {
      const { item } = corpusJson<Snapshot>("feeds", "vunnel", "oracle", "snapshots", ...path.split("/"));
      const { Name, FixedIn, Metadata, Severity } = item.Vulnerability;
      const { advisories, problems } = await parsed("vunnel", "oracle", "mock_data");
      const advisory = byId(advisories, Name);
      const release = path.slice(3, path.indexOf("/"));
      expect(problems).toEqual([]);
      expect(advisory?.upstream).toEqual(Metadata.CVE.map((cve) => cve.Name));
      expect(advisory?.published).toBe(`${Metadata.Issued}T00:00:00Z`);
      expect(severityWords(advisory).map((word) => severityNames[word])).toEqual([Severity]);
      const expected = FixedIn.map((fix) => `Oracle Linux:${release} ${fix.Name} [0, ${fix.Version})`);
      expect(entryLines(advisory)).toEqual(expected.sort());
    });
  });

  test("fixes for Ksplice's builds are in their channel", async () => {
    const { advisories } = await parsed("vunnel", "oracle", "mock_ksplice_data");
    const version = "2:1.1.1g-15.ksplice1.el8_3";
    expect(entryLines(byId(advisories, "ELSA-2021-9151"))).toEqual([
      `Oracle Linux:8 openssl [0, ${version}) ksplice`,
      `Oracle Linux:8 openssl-debugsource [0, ${version}) aarch64 ksplice`,
      `Oracle Linux:8 openssl-devel [0, ${version}) ksplice`,
      `Oracle Linux:8 openssl-libs [0, ${version}) ksplice`,
      `Oracle Linux:8 openssl-perl [0, ${version}) ksplice`,
      `Oracle Linux:8 openssl-static [0, ${version}) aarch64 ksplice`,
    ]);
  });

  test("a fix is for the architectures that have it in this version", async () => {
    const { advisories, problems } = await parsed("vunnel", "oracle", "mock_per_arch_data");
    expect(problems).toEqual([]);
    expect(advisories.map(({ id }) => id).sort()).toEqual(["ELSA-2022-4803", "ELSA-2024-2961", "ELSA-2025-10073"]);
    const rsyslog = entryLines(byId(advisories, "ELSA-2022-4803"));
    expect(rsyslog).toContain("Oracle Linux:7 rsyslog [0, 0:8.24.0-57.0.4.el7_9.3) aarch64");
    expect(rsyslog).toContain("Oracle Linux:7 rsyslog [0, 0:8.24.0-57.0.1.el7_9.3) i386,i586,i686,x86_64");
    const firefox = entryLines(byId(advisories, "ELSA-2025-10073"));
    expect(firefox.filter((line) => / firefox \[/.test(line))).toHaveLength(1);
    expect(firefox.join()).not.toContain("aarch64");
    const osbuild = entryLines(byId(advisories, "ELSA-2024-2961"));
    expect(osbuild.filter((line) => / osbuild \[/.test(line))).toHaveLength(1);
    expect(osbuild.join()).not.toContain("aarch64");
  });

  test("the advisory's own reference says its id, whatever its title is like; of two the first counts", async () => {
    const { advisories, problems } = await parsed("vuln-list-update", "oracle-oval", "invalid-title-format.xml.bz2");
    expect(advisories.map(({ id }) => id)).toEqual(["ELSA-2007-0057"]);
    expect(problems.map(({ message }) => message)).toEqual([
      "ELSA-2007-0057 has several definitions in Oracle's OVAL file; only the first is used",
    ]);
  });

  test("damaged files are not what the publisher gives", async () => {
    await expect(parsed("vuln-list-update", "oracle-oval", "broken-oval-data.xml.bz2")).rejects.toMatchObject({
      code: "feed-malformed",
    });
    for (const name of ["EOF.txt", "invalid.txt"]) {
      await expect(parsed("vuln-list-update", "oracle-oval", name)).rejects.toMatchObject({ code: "feed-malformed" });
    }
  });
});

/**
 * The lines of a tree, by what its comments say. The golden files have the release in the criteria that hold all
 * others.
 */
function fixesOf({ Criterias, Criterions }: Criteria, release: string): string[] {
  const comments = Criterions?.map(({ Comment }) => Comment) ?? [];
  const own =
    comments.map((comment) => /^Oracle Linux (\d+) is installed$/.exec(comment)?.[1]).find(Boolean) ?? release;
  const fixes = comments.flatMap((comment) => {
    const [name, version] = comment.split(" is earlier than ");
    return version === undefined ? [] : [`Oracle Linux:${own} ${name} [0, ${version})`];
  });
  return [...fixes, ...(Criterias ?? []).flatMap((inside) => fixesOf(inside, own))];
}

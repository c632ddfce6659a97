import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { azureLinuxFeed } from "../../../src/advisories/feeds/azure-linux/azure-linux-feed.ts";
import type { Advisory } from "../../../src/model/findings/advisory.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { entryLines, type ParsedPart, parsePart, severityWords } from "../../setup/parse-part.ts";

const happy = ["feeds", "vuln-list-update", "mariner", "happy"];
const golden = ["feeds", "vuln-list-update", "mariner", "golden"];

/** Folder of the golden files, the file that they come from and the release that it stands for. */
const releases = [
  { folder: ["mariner", "1.0"], file: "cbl-mariner-1.0-oval.xml", release: "1.0" },
  { folder: ["mariner", "2.0"], file: "cbl-mariner-2.0-preview-oval.xml", release: "2.0" },
  { folder: ["azure", "3.0"], file: "azurelinux-3.0-oval.xml", release: "3.0" },
];

interface Definition {
  readonly Metadata: {
    readonly Reference: { readonly RefID: string };
    readonly Patchable: string;
    readonly AdvisoryDate?: string;
    readonly Severity: string;
  };
  readonly Criteria: { readonly Criterion: readonly { readonly TestRef: string }[] };
}

interface Tables {
  readonly RpminfoTests: readonly {
    readonly ID: string;
    readonly Object: { readonly ObjectRef: string };
    readonly State: { readonly StateRef: string };
  }[];
  readonly RpminfoObjects: readonly { readonly ID: string; readonly Name: string }[];
  readonly RpminfoState: readonly {
    readonly ID: string;
    readonly Evr: { readonly Text: string; readonly Operation: string };
  }[];
}

interface Snapshot {
  readonly item: {
    readonly Vulnerability: {
      readonly Name: string;
      readonly FixedIn: readonly {
        readonly Name: string;
        readonly Version: string;
        readonly VulnerableRange: string;
      }[];
      readonly Severity: string;
    };
  };
}

async function parsed(release: string, ...path: string[]): Promise<ParsedPart> {
  return parsePart(azureLinuxFeed, {
    name: "all",
    files: [corpusPath(...path)],
    position: { files: `azurelinux-${release}-oval.xml` },
  });
}

function byCve(advisories: readonly Advisory[], cve: string): Advisory | undefined {
  return advisories.find(({ id }) => id === `AZL-${cve}`);
}

describeWithCorpus("Azure Linux's vulnerability data", () => {
  describe.each(releases)("of release $release", ({ folder, file, release }) => {
    const table = <K extends keyof Tables>(name: string, key: K): Tables[K] =>
      corpusJson<Tables>(...golden, ...folder, name, `${name}.json`)[key];
    const definitions = readdirSync(corpusPath(...golden, ...folder, "definitions"), {
      recursive: true,
      encoding: "utf8",
    }).filter((path) => path.endsWith(".json"));

    test("has all its golden files run", () => {
      expect(definitions.length).toBe({ "1.0": 3, "2.0": 5, "3.0": 2 }[release]);
    });

    test.each(definitions)("has what the golden definition %s says", async (path) => {
      const { Metadata, Criteria } = corpusJson<Definition>(...golden, ...folder, "definitions", ...path.split("/"));
      const { advisories, problems } = await parsed(release, ...happy, file);
      const advisory = byCve(advisories, Metadata.Reference.RefID);
      expect(problems).toEqual([]);
      expect(advisory?.upstream).toEqual([Metadata.Reference.RefID]);
      expect(severityWords(advisory)).toContain(Metadata.Severity);
      if (Metadata.AdvisoryDate) expect(advisory?.modified).toBe(Metadata.AdvisoryDate);
      const conditions = Criteria.Criterion.map(({ TestRef }) => {
        const found = table("tests", "RpminfoTests").find(({ ID }) => ID === TestRef);
        const object = table("objects", "RpminfoObjects").find(({ ID }) => ID === found?.Object.ObjectRef);
        const state = table("states", "RpminfoState").find(({ ID }) => ID === found?.State.StateRef);
        return { name: object?.Name, operation: state?.Evr.Operation, version: state?.Evr.Text };
      });
      const from = conditions.find(({ operation }) => operation === "greater than")?.version ?? "0";
      const end = conditions.find(({ operation }) => operation?.startsWith("less than"));
      const line = `Azure Linux:${release[0]} ${end?.name} [${from}, ${end?.version}${end?.operation === "less than" ? ")" : "]"}`;
      expect(entryLines(advisory)).toContain(line);
    });

    test("has nothing that no golden definition says", async () => {
      const { advisories, statements } = await parsed(release, ...happy, file);
      expect(advisories.flatMap(entryLines)).toHaveLength(definitions.length);
      expect(statements).toEqual([]);
    });
  });

  const snapshots = readdirSync(corpusPath("feeds", "vunnel", "mariner", "snapshots", "mariner:2.0"));

  test("four records are expected of another importer", () => {
    expect(snapshots).toHaveLength(4);
  });

  test.each(snapshots)("has what another importer makes of %s", async (name) => {
    const { item } = corpusJson<Snapshot>("feeds", "vunnel", "mariner", "snapshots", "mariner:2.0", name);
    const { Name, FixedIn, Severity } = item.Vulnerability;
    const { advisories } = await parsed("2.0", "feeds", "vunnel", "mariner", "mariner-truncated-2.0-oval.xml");
    const advisory = byCve(advisories, Name);
    expect(severityWords(advisory)).toEqual([Severity]);
    expect(entryLines(advisory)).toEqual(
      FixedIn.map((fix) => `Azure Linux:2 ${fix.Name} ${rangeOf(fix.VulnerableRange)}`),
    );
    // "None" is how it writes that there is no fix.
    for (const fix of FixedIn) expect(fix.Version === "None").toBe(entryLines(advisory).join().endsWith("]"));
  });

  test("what is not applicable becomes a statement", async () => {
    const { advisories, statements } = await parsed(
      "2.0",
      "feeds",
      "vunnel",
      "mariner",
      "mariner-truncated-2.0-oval.xml",
    );
    expect(byCve(advisories, "CVE-2023-0687")).toBeUndefined();
    expect(statements).toEqual([
      {
        kind: "statement",
        ecosystem: "Azure Linux:2",
        name: "glibc",
        statement: {
          vulnerability: { name: "CVE-2023-0687" },
          products: [],
          status: "not_affected",
          impact_statement: "This CVE either no longer is or was never applicable.",
          author: "Azure Linux Vulnerability Data",
        },
      },
    ]);
  });

  test.each([
    // One definition has the fixes of three lines of a package.
    { file: "azurelinux-3.0-oval.xml.gz", release: "3.0", fixed: 1222, unfixed: 0, notApplicable: 1 },
    { file: "cbl-mariner-1.0-oval.xml.gz", release: "1.0", fixed: 2032, unfixed: 125, notApplicable: 78 },
  ])("the real file $file is read whole", async ({ file, release, fixed, unfixed, notApplicable }) => {
    const { advisories, statements, problems } = await parsed(release, "feeds", "azure-linux-oval", file);
    const lines = advisories.flatMap(entryLines);
    expect(problems).toEqual([]);
    expect(new Set(advisories.map(({ id }) => id)).size).toBe(advisories.length);
    expect({
      fixed: lines.filter((line) => line.endsWith(")")).length,
      unfixed: lines.filter((line) => line.endsWith("]")).length,
      notApplicable: statements.length,
    }).toEqual({ fixed, unfixed, notApplicable });
  });

  test("a file that is no OVAL is not what the publisher gives", async () => {
    const reading = parsed("1.0", "feeds", "vuln-list-update", "mariner", "sad", "cbl-mariner-1.0-oval.xml");
    await expect(reading).rejects.toMatchObject({ code: "feed-malformed" });
  });
});

/** `> 0:1.19.0.cm2, < 0:1.20.7-1.cm2` as {@link entryLines} writes it. */
function rangeOf(text: string): string {
  const from = /> (\S+),/.exec(text)?.[1] ?? "0";
  const [, equal, to] = /<(=?) (\S+)$/.exec(text) ?? [];
  return `[${from}, ${to}${equal ? "]" : ")"}`;
}

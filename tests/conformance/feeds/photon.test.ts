import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { photonFeed } from "../../../src/advisories/feeds/photon/photon-feed.ts";
import { affectedExtension } from "../../../src/model/findings/advisory.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { entryLines, type ParsedPart, parsePart, severityWords } from "../../setup/parse-part.ts";

const other = ["feeds", "vuln-list-update", "photon"];
const vunnel = ["feeds", "vunnel", "photon"];

interface Golden {
  readonly os_version: string;
  readonly cve_id: string;
  readonly pkg: string;
  readonly cve_score: number;
  readonly res_ver: string;
}

interface Snapshot {
  readonly item: {
    readonly Vulnerability: {
      readonly Name: string;
      readonly FixedIn: readonly { readonly Name: string; readonly Version: string }[];
      readonly Severity: string;
    };
  };
}

/** `files` by the release that each stands for. */
async function parsed(files: Readonly<Record<string, readonly string[]>>): Promise<ParsedPart> {
  const paths = Object.values(files).map((path) => corpusPath(...path));
  const addresses = Object.keys(files)
    .map((release) => `cve_data_photon${release}.json`)
    .join(" ");
  return parsePart(photonFeed, { name: "all", files: paths, position: { files: addresses } });
}

const threeReleases = {
  "1.0": [...other, "cve_data_photon1.0.json"],
  "2.0": [...other, "cve_data_photon2.0.json"],
  "3.0": [...other, "cve_data_photon3.0.json"],
};

/** Expected of another importer, which keeps the row but drops its status: it says that the package is not affected. */
const notAffected = "CVE-2025-0725.json";

describeWithCorpus("Photon OS's metadata", () => {
  const goldens = readdirSync(corpusPath(...other, "golden"));

  test("every golden file is run", () => {
    expect(goldens).toHaveLength(15);
    expect(goldens).toContain(notAffected);
  });

  test.each(goldens.filter((name) => name !== notAffected))("%s has the same fix", async (name) => {
    const golden = corpusJson<Golden>(...other, "golden", name);
    const { advisories, problems } = await parsed(threeReleases);
    const advisory = advisories.find(({ id }) => id === `PHOTON-${golden.cve_id}`);
    expect(problems).toEqual([]);
    expect(advisory?.upstream).toEqual([golden.cve_id]);
    expect(entryLines(advisory)).toEqual([`Photon OS:${golden.os_version} ${golden.pkg} [0, ${golden.res_ver})`]);
  });

  test("what is not affected becomes a statement, and names that only the publisher knows are passed over", async () => {
    const { advisories, statements } = await parsed(threeReleases);
    expect(advisories).toHaveLength(goldens.length - 1);
    expect(statements).toEqual([
      {
        kind: "statement",
        ecosystem: "Photon OS:3.0",
        name: "curl",
        statement: {
          vulnerability: { name: "CVE-2025-0725" },
          products: [],
          status: "not_affected",
          impact_statement: "Not Affected",
          author: "Photon OS CVE metadata",
        },
      },
    ]);
  });

  describe("as another importer reads it", () => {
    const snapshots = readdirSync(corpusPath(...vunnel, "snapshots"), { recursive: true, encoding: "utf8" }).filter(
      (path) => path.endsWith(".json"),
    );
    const inputs = {
      "1.0": [...vunnel, "input", "cve_data_photon1.0.json"],
      "4.0": [...vunnel, "input", "cve_data_photon4.0.json"],
    };

    test("six records are expected of it", () => {
      expect(snapshots).toHaveLength(6);
    });

    test.each(snapshots)("%s", async (path) => {
      const { Name, FixedIn, Severity } = corpusJson<Snapshot>(...vunnel, "snapshots", ...path.split("/")).item
        .Vulnerability;
      const release = path.slice("photon:".length, path.indexOf("/"));
      const { advisories } = await parsed(inputs);
      const advisory = advisories.find(({ id }) => id === `PHOTON-${Name}`);
      expect(severityWords(advisory)).toEqual(Severity === "Unknown" ? [] : [Severity]);
      // "None" is how it writes that there is no fix.
      const expected = FixedIn.map((fix) =>
        fix.Version === "None"
          ? `Photon OS:${release} ${fix.Name} [0, )`
          : `Photon OS:${release} ${fix.Name} [0, ${fix.Version})`,
      );
      expect(entryLines(advisory)).toEqual(expected.sort());
    });

    test("nothing else comes of its input", async () => {
      const { advisories, statements, problems } = await parsed(inputs);
      expect(advisories).toHaveLength(snapshots.length);
      expect(statements.map(({ name, statement }) => `${statement.vulnerability.name} ${name}`)).toEqual([
        "CVE-2023-44487 httpd",
      ]);
      expect(problems).toEqual([]);
    });

    test("a fix in no version that is named keeps the publisher's word", async () => {
      const { advisories } = await parsed(inputs);
      const [entry] = advisories.find(({ id }) => id === "PHOTON-CVE-2023-50447")?.affected ?? [];
      expect(entry && affectedExtension(entry)).toEqual({ reason: "Fixed, in no version that is named" });
    });
  });

  test.each(["cve_data_photon3.0_invalid_cveid.json", "cve_data_photon_empty_cveid.json"])(
    "a row without a CVE is a problem: %s",
    async (name) => {
      const { items, problems } = await parsed({ "3.0": [...other, name] });
      expect(items).toEqual([]);
      expect(problems.map(({ code }) => code)).toEqual(["unreadable"]);
    },
  );

  test.each(["cve_data_photon_invalid_format.json", "EOF.txt", "invalid.txt", "photon_versions.json"])(
    "what is no list is not what the publisher gives: %s",
    async (name) => {
      await expect(parsed({ "3.0": [...other, name] })).rejects.toMatchObject({ code: "feed-malformed" });
    },
  );
});

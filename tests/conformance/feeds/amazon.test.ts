import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { amazonFeed } from "../../../src/advisories/feeds/amazon/amazon-feed.ts";
import { findUpdateinfo } from "../../../src/advisories/feeds/updateinfo/rpm-repository.ts";
import { readUpdates, type Update } from "../../../src/advisories/feeds/updateinfo/updateinfo.ts";
import { openFeedSource } from "../../../src/advisories/open-feed-source.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { entryLines, parsePart, severityWords } from "../../setup/parse-part.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";

const folder = ["feeds", "vuln-list-update", "amazon"];
const { signal } = new AbortController();

/** Where the golden files come from, and the part that such a file belongs to. */
const sources: Readonly<Record<string, { readonly file: string; readonly part: string }>> = {
  "ALAS2-2018-939": { file: "updateinfo_1_item.xml.gz", part: "2/core" },
  "ALAS2-2018-942": { file: "updateinfo_2_items.xml.gz", part: "2/core" },
  "ALAS2-2018-949": { file: "updateinfo_2_items.xml.gz", part: "2/core" },
  "ALAS2022-2021-001": { file: "updateinfo_AL2022.xml.gz", part: "2022/core" },
  "ALAS2023-2023-001": { file: "updateinfo_AL2023.xml.gz", part: "2023/core" },
};

interface Golden {
  readonly id: string;
  readonly severity: string;
  readonly title: string;
  readonly issued: { readonly date: string };
  readonly updated: { readonly date: string };
  readonly cveids: readonly string[];
  readonly packages: readonly {
    readonly name: string;
    readonly epoch: string;
    readonly version: string;
    readonly release: string;
    readonly arch: string;
  }[];
}

/**
 * Records of the same advisories as a page of HTML gives them: without epochs, and with the source package. Where no binary package
 * is called like that, `source` names it: records of updates are about binary packages.
 */
const snapshots: readonly { readonly path: readonly string[]; readonly id: string; readonly source?: string }[] = [
  { path: ["amzn:2", "alas-2018-939.json"], id: "ALAS2-2018-939" },
  { path: ["amzn:2022", "alas-2021-001.json"], id: "ALAS2022-2021-001", source: "vim" },
];

/** Expected records whose input is in a form that is not read. */
const otherForms: Readonly<Record<string, string>> = {
  "amzn:2023/alas-2023-126.json": "its input is a page of HTML, and the updates of the corpus do not have it",
};

interface Snapshot {
  readonly item: {
    readonly Vulnerability: {
      readonly FixedIn: readonly { readonly Name: string; readonly NamespaceName: string; readonly Version: string }[];
    };
  };
}

const parsed = (id: string): ReturnType<typeof parsePart> => {
  const { file = "", part = "" } = sources[id] ?? {};
  return parsePart(amazonFeed, { name: part, files: [corpusPath(...folder, "fixtures", file)] });
};

async function updates(file: string): Promise<Update[]> {
  const all: Update[] = [];
  const path = corpusPath(...folder, "fixtures", file);
  for await (const update of readUpdates(path, { label: file, signal })) all.push(update);
  return all;
}

describeWithCorpus("Amazon's advisories", () => {
  const goldens = readdirSync(corpusPath(...folder)).filter((name) => name.endsWith(".golden"));

  test("every golden file is run", () => {
    expect(goldens.map((name) => name.replace(".json.golden", "")).sort()).toEqual(Object.keys(sources).sort());
  });

  describe.each(goldens)("%s", (name) => {
    const golden = corpusJson<Golden>(...folder, name);

    test("has the packages of each architecture in their fixed versions", async () => {
      const found = (await updates(sources[golden.id]?.file ?? "")).find(({ id }) => id === golden.id);
      const lines = golden.packages.map((p) => `${p.name} ${p.epoch}:${p.version}-${p.release} ${p.arch}`);
      expect(lines.length).toBeGreaterThan(0);
      expect(found?.packages.map((p) => `${p.name} ${p.version} ${p.architecture}`)).toEqual(lines);
    });

    test("becomes one record with the same CVEs, severity, dates and fixes", async () => {
      const { advisories, problems } = await parsed(golden.id);
      const advisory = advisories.find(({ id }) => id === golden.id);
      const release = sources[golden.id]?.part.split("/")[0];
      expect(problems).toEqual([]);
      expect([...(advisory?.upstream ?? [])].sort()).toEqual([...golden.cveids].sort());
      expect(severityWords(advisory)).toEqual([golden.severity]);
      expect(advisory?.summary).toBe(golden.title);
      expect(advisory?.published).toBe(`${golden.issued.date.replace(" ", "T")}:00Z`);
      expect(advisory?.modified).toBe(`${golden.updated.date.replace(" ", "T")}:00Z`);
      const fixes = golden.packages.map(
        (p) => `Amazon Linux:${release} ${p.name} [0, ${p.epoch}:${p.version}-${p.release})`,
      );
      const lines = entryLines(advisory).map((line) => line.replace(/ (aarch64|i686|x86_64)(,\S+)?$/, ""));
      expect(lines).toEqual([...new Set(fixes)].sort());
    });
  });

  test.each(snapshots)("$id fixes what the page of the same advisory lists", async ({ path, id, source }) => {
    const { FixedIn } = corpusJson<Snapshot>("feeds", "vunnel", "amazon", "snapshots", ...path).item.Vulnerability;
    const { advisories } = await parsed(id);
    const lines = entryLines(advisories.find((advisory) => advisory.id === id));
    const release = path[0]?.split(":")[1];
    const binary = FixedIn.filter(({ Name }) => Name !== source);
    expect(binary.length).toBe(FixedIn.length - (source === undefined ? 0 : 1));
    const expected = binary.map(({ Name, Version }) => `Amazon Linux:${release} ${Name} [0, ${Version})`);
    expect(expected.length).toBeGreaterThan(10);
    expect([...new Set(lines.map(withoutEpochAndArchitecture))]).toEqual(expected.sort());
  });

  test("every record made from pages is compared or has a reason why not", () => {
    const all = readdirSync(corpusPath("feeds", "vunnel", "amazon", "snapshots"), {
      recursive: true,
      encoding: "utf8",
    });
    const known = [...snapshots.map(({ path }) => path.join("/")), ...Object.keys(otherForms)];
    expect(all.filter((path) => path.endsWith(".json")).sort()).toEqual(known.sort());
  });

  test("a damaged file is another one", async () => {
    const reading = updates("updateinfo_invalid.xml.gz");
    await expect(reading).rejects.toMatchObject({ code: "feed-malformed" });
  });
});

const rocky = ["feeds", "vuln-list-update", "rocky", "fixtures"];

describeWithCorpus("the metadata of a repository", () => {
  const mirror = temporaryFolder();
  const workFolder = temporaryFolder();
  const cases: readonly (readonly [string, readonly string[], unknown])[] = [
    [
      "Amazon Linux 2",
      [...folder, "fixtures", "repomd_valid.xml"],
      {
        address: "https://mirror.example.org/a/repodata/updateinfo.xml.gz",
        checksum: "e6f569f8ed2246a6b06c0fef7cfd71560df02781327e31c38396ed358d591d48",
        sha256: "e6f569f8ed2246a6b06c0fef7cfd71560df02781327e31c38396ed358d591d48",
      },
    ],
    [
      "Amazon Linux 1",
      ["feeds", "claircore", "aws", "repomd.xml"],
      expect.objectContaining({ address: "https://mirror.example.org/a/repodata/updateinfo.xml.gz" }),
    ],
    ["one without anything", [...folder, "fixtures", "repomd_invalid.xml"], "none"],
    [
      "Rocky Linux",
      [...rocky, "happy", "repomd.xml"],
      expect.objectContaining({
        address: expect.stringMatching(/^https:\/\/mirror\.example\.org\/a\/repodata\/\S*updateinfo/),
      }),
    ],
    ["one without updates", [...rocky, "no_updateinfo_field", "repomd.xml"], "none"],
  ];

  test.each(cases)("leads to the updates: %s", async (title, path, expected) => {
    const from = join(mirror, title);
    mkdirSync(join(from, "mirror.example.org", "a", "repodata"), { recursive: true });
    writeFileSync(join(from, "mirror.example.org", "mirror.list"), "https://mirror.example.org/a\n");
    copyFileSync(corpusPath(...path), join(from, "mirror.example.org", "a", "repodata", "repomd.xml"));
    const source = openFeedSource({ base: amazonFeed.address, from, workFolder, signal });
    const address = "https://mirror.example.org/mirror.list";
    const place = findUpdateinfo(source, { address, architecture: "x86_64", hosts: ["mirror.example.org"], signal });
    expect(await place).toEqual(expected);
  });
});

function withoutEpochAndArchitecture(line: string): string {
  return line.replace(/\[0, \d+:/, "[0, ").replace(/ (aarch64|i686|x86_64)(,\S+)?$/, "");
}

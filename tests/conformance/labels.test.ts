import { expect, test } from "vitest";
import { osvFeed } from "../../src/advisories/feeds/osv/osv-feed.ts";
import { findVulnerabilities } from "../../src/detectors/vulnerabilities/find-vulnerabilities.ts";
import type { Advisory, AdvisoryIndex } from "../../src/model/advisory.ts";
import type { Distribution } from "../../src/model/distribution.ts";
import type { Package, PackageType } from "../../src/model/package.ts";
import { advisoryIndex } from "../setup/advisory-index.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../setup/corpus.ts";

/** A person's word on a vulnerability of a package in an image. */
interface Label {
  readonly image: string;
  readonly repository: string;
  readonly package: string;
  readonly version: string;
  readonly vulnerability: string;
  readonly cve?: string;
  readonly label: "TP" | "FP" | "??";
  readonly note?: string;
}

/** A label of an ecosystem of which the bucket has a record under the label's package and id. */
interface Case extends Label {
  readonly ecosystem: string;
}

const types: Readonly<Record<string, PackageType>> = {
  Go: "golang",
  PyPI: "pypi",
  "crates.io": "cargo",
  Bitnami: "bitnami",
};

/** Labels carry no type of package. Those whose image tells that the package is of none of the ecosystems at hand, by name. */
const ofOtherEcosystems: Readonly<Record<string, string>> = {
  "cookie 0.4.2": "A program for Node.js holds it: the npm package, not the crate.",
  "cookie 0.5.0": "A program for Node.js holds it: the npm package, not the crate.",
  "protobuf 0.0.0-DEVELOPMENT":
    "One of 17 packages of this version in one image, each named after a language (apex, kotlin, swift, …): not Python's protobuf.",
};

const nodeBeforeLts = "node 14.1.0 CVE-2020-1971";

/**
 * True positives of which the record at hand says itself that the version is not affected; no matcher can find them in it. The
 * labels are right: for all but the last, GitHub's record of the same vulnerability said so, see below.
 */
const deniedByTheRecord: Readonly<Record<string, string>> = {
  "Django 1.11.29 CVE-2021-44420": "PYSEC-2021-439 starts at 2.2: 1.11 was no longer maintained and nobody looked.",
  "Django 1.11.29 GHSA-v6rh-hp5x-86rv": "As above.",
  "github.com/opencontainers/runc v0.1.1 CVE-2021-43784":
    "GO-2022-0274 starts at the commit of October 2021 that made an old fault in runc's packages reachable.",
  "github.com/opencontainers/runc v0.1.1 GHSA-v95c-p5hm-xq8f": "As above.",
  "numpy 1.21.2 CVE-2021-34141": "PYSEC-2021-855 covers 1.9 alone, by the words of the CVE's description.",
  "numpy 1.21.2 GHSA-fpfv-jqm9-f5jm": "As above.",
  [nodeBeforeLts]:
    "Node.js names all of 14.x, and NVD 14.0.0 to 14.14.0 beside the LTS releases. BIT-node-2020-1971 starts at 14.15.0; it had both ranges in March 2024 and has lost the one before LTS.",
};

/**
 * What GitHub said of the three that the bucket's records deny, as OSV.dev's export had it in its archives of Go and PyPI; the bucket
 * at hand leaves GitHub's records out. Source: github.com/github/advisory-database, the ids and ranges of the revisions of 2022 and
 * 2023.
 */
const gitHubRecords: readonly Advisory[] = [
  gitHubRecord("GHSA-v6rh-hp5x-86rv", "CVE-2021-44420", [
    ["PyPI", "Django", "0", "2.2.25"],
    ["PyPI", "Django", "3.0", "3.1.14"],
    ["PyPI", "Django", "3.2", "3.2.10"],
  ]),
  gitHubRecord("GHSA-v95c-p5hm-xq8f", "CVE-2021-43784", [["Go", "github.com/opencontainers/runc", "0", "1.0.3"]]),
  gitHubRecord("GHSA-fpfv-jqm9-f5jm", "CVE-2021-34141", [["PyPI", "numpy", "0", "1.22"]]),
];

/** The same records since 20 September 2024, when GitHub gave up that all of Django before 2.2 is affected. The others stand. */
const laterGitHubRecords: readonly Advisory[] = [
  gitHubRecord("GHSA-v6rh-hp5x-86rv", "CVE-2021-44420", [
    ["PyPI", "Django", "2.2a1", "2.2.25"],
    ["PyPI", "Django", "3.0a1", "3.1.14"],
    ["PyPI", "Django", "3.2a1", "3.2.10"],
  ]),
  ...gitHubRecords.slice(1),
];

const windowsOnly = "Windows alone is affected, says the label; the record names no operating system.";

const reportedWrongly: Readonly<Record<string, string>> = {
  "node 14.1.0 CVE-2021-22921": windowsOnly,
  "python 3.8.0 CVE-2020-15523": windowsOnly,
  "python 3.8.0 CVE-2020-15801": windowsOnly,
};

const enterpriseLinux: Distribution = {
  id: "rhel",
  idLike: ["fedora"],
  version: "8.6",
  name: "Red Hat Enterprise Linux 8.6",
};
const alpine: Distribution = { id: "alpine", idLike: [], version: "3.12.0", name: "Alpine Linux v3.12" };
const ubuntu: Distribution = { id: "ubuntu", idLike: ["debian"], version: "14.04", name: "Ubuntu 14.04 LTS" };

/** What label or image tell of a package and a scan of the image would know. */
interface Facts {
  readonly distribution?: Distribution;
  readonly known?: Partial<Package>;
}

/** The whole images are not at hand; the packages of the distributions in them are, as other labels of the same image. */
function factsOf({ package: name, version, note = "" }: Label): Facts {
  // All of them are images with packages of el8, where python3-urllib3 is at 1.24.2.
  if (name === "urllib3" && version === "1.24.2") {
    return { distribution: enterpriseLinux, known: { ownedBy: { type: "rpm", name: "python3-urllib3" } } };
  }
  // The image has python3-yaml 3.10-4ubuntu0.1.
  if (name === "PyYAML" && version === "3.10") {
    return { distribution: ubuntu, known: { ownedBy: { type: "deb", name: "python3-yaml" } } };
  }
  // The image has py3-django 1.11.29-r2 and py3-cryptography 2.9.2-r0; right labels and wrong ones get their owners alike.
  if ((name === "Django" && version === "1.11.29") || (name === "cryptography" && version === "2.9.2")) {
    return { distribution: alpine, known: { ownedBy: { type: "apk", name: `py3-${name.toLowerCase()}` } } };
  }
  // The code in question lies in programs or internal packages of the module, which no other program can hold. No record of these
  // names packages, so all that a scan can hold against it is whether the program has any code of the module; the label is taken
  // as saying that it has none.
  if (/^(?:not.importable|effectively.private)$/i.test(note)) return { known: { linkedPackages: [] } };
  return {};
}

/** One record each, so that the database has advisories of the distributions that own packages. */
const standIns: readonly Advisory[] = ["Red Hat:enterprise_linux:8::baseos", "Ubuntu:14.04:LTS", "Alpine:v3.12"].map(
  (ecosystem, index) => ({
    id: `STAND-IN-${index}`,
    modified: "2024-01-01T00:00:00Z",
    affected: [{ package: { ecosystem, name: "stand-in" } }],
  }),
);

describeWithCorpus("people's labels and OSV.dev's answers, on the OSV bucket", () => {
  const bucket = [...readBucket(), ...standIns];
  const index = advisoryIndex(bucket);
  const withGitHub = advisoryIndex([...bucket, ...gitHubRecords]);
  const withLaterGitHub = advisoryIndex([...bucket, ...laterGitHubRecords]);
  const cases = readLabels().flatMap((label) => casesOf(label, index));
  const counted = cases.filter((one) => ofOtherEcosystems[`${one.package} ${one.version}`] === undefined);
  const confirmed = counted.filter(({ label }) => label === "TP");
  const refuted = counted.filter(({ label }) => label === "FP");

  const isReported = (one: Case, advisories = index): boolean => {
    const { distribution = null, known = {} } = factsOf(one);
    const subject = packageOf(one.ecosystem, one.package, one.version);
    const { findings } = findVulnerabilities([{ ...subject, ...known }], { distribution, index: advisories });
    return findings.some(({ id, aliases }) => isNamedIn(one, [id, ...aliases]));
  };

  test("all that people confirmed is found but what the bucket's own records deny, and at most 10 % of what they refuted is reported", () => {
    const missed = confirmed.filter((one) => !isReported(one));
    const wrong = refuted.filter((one) => isReported(one));
    const possible = confirmed.length - Object.keys(deniedByTheRecord).length;
    const found = confirmed.length - missed.length;
    const withFacts = refuted.filter((one) => factsOf(one).known !== undefined);
    console.log(
      `labels: ${share(found, confirmed.length)} true positives found, ${share(found, possible)} that their record does not deny;`,
      `${share(wrong.length, refuted.length)} false positives reported, ${withFacts.length} of them are decided by a fact;`,
      `${counted.filter(({ label }) => label === "??").length} undecided, ${cases.length - counted.length} of other ecosystems`,
    );
    expect(byEcosystem(confirmed)).toEqual({ Bitnami: 44, Go: 74, PyPI: 29 });
    expect(byEcosystem(refuted)).toEqual({ Bitnami: 3, Go: 12, PyPI: 24 });
    expect(missed.map(nameOf).sort()).toEqual(Object.keys(deniedByTheRecord).sort());
    expect(wrong.map(nameOf).sort()).toEqual(Object.keys(reportedWrongly).sort());
    expect(found).toBe(possible);
    expect(wrong.length / refuted.length).toBeLessThanOrEqual(0.1);
    expect(withFacts.filter((one) => isReported(one)).map(nameOf)).toEqual([]);
  });

  test("at least 98 % of all that people confirmed is found with GitHub's records of what these deny, as they stood until September 2024", () => {
    const missed = confirmed.filter((one) => !isReported(one, withGitHub));
    const found = confirmed.length - missed.length;
    console.log(`labels: with GitHub's records, ${share(found, confirmed.length)} true positives found`);
    expect(missed.map(nameOf)).toEqual([nodeBeforeLts]);
    expect(found / confirmed.length).toBeGreaterThanOrEqual(0.98);
    const wrong = refuted.filter((one) => isReported(one, withGitHub));
    expect(wrong.map(nameOf).sort()).toEqual(Object.keys(reportedWrongly).sort());
  });

  test("with GitHub's records as they stand since, only Django 1.11 is missed besides", () => {
    const missed = confirmed.filter((one) => !isReported(one, withLaterGitHub));
    console.log(
      `labels: with GitHub's later records, ${share(confirmed.length - missed.length, confirmed.length)} found`,
    );
    expect(missed.map(nameOf).sort()).toEqual([
      "Django 1.11.29 CVE-2021-44420",
      "Django 1.11.29 GHSA-v6rh-hp5x-86rv",
      nodeBeforeLts,
    ]);
  });

  test("without the facts nearly all that people refuted would be reported", () => {
    const bare = cases.filter((one) => one.label === "FP" && factsOf(one).known !== undefined);
    const reported = bare.filter((one) => {
      const { findings } = findVulnerabilities([packageOf(one.ecosystem, one.package, one.version)], {
        distribution: null,
        index,
      });
      return findings.some(({ id, aliases }) => isNamedIn(one, [id, ...aliases]));
    });
    expect(bare.length).toBeGreaterThanOrEqual(36);
    expect(reported.length).toBeGreaterThanOrEqual(35);
  });

  test.each([
    ["Go", 10, 231],
    ["PyPI", 21, 19],
    ["crates.io", 21, 0],
  ])("no id that OSV.dev answers for %s is missed among the records at hand", (ecosystem, queries, ids) => {
    type Answer = readonly [ecosystem: string, name: string, version: string, ids: readonly string[]];
    const { rows } = corpusJson<{ readonly rows: readonly Answer[] }>("labels", "osv-dev-answers.json");
    const asked = rows.filter(([of]) => of === ecosystem);
    const missed: string[] = [];
    let found = 0;
    for (const [, name, version, wanted] of asked) {
      const held = new Set(index.find(ecosystem, name).map(({ id }) => id));
      const { findings } = findVulnerabilities([packageOf(ecosystem, name, version)], { distribution: null, index });
      const got = new Set(findings.flatMap(({ evidence }) => evidence.map(({ advisory }) => advisory)));
      for (const id of wanted.filter((one) => held.has(one))) {
        if (got.has(id)) found++;
        else missed.push(`${name} ${version} ${id}`);
      }
    }
    expect(missed).toEqual([]);
    expect(asked.length).toBeGreaterThanOrEqual(queries);
    expect(found).toBeGreaterThanOrEqual(ids);
  });
});

function readBucket(): Advisory[] {
  const advisories: Advisory[] = [];
  const context = {
    signal: new AbortController().signal,
    problem: ({ message }: { message: string }) => expect.fail(message),
  };
  for (const ecosystem of Object.keys(types)) {
    const files = [corpusPath("osv-bucket", ecosystem, "all.zip")];
    const items = osvFeed.parse({ name: ecosystem, state: "whole", files, position: {} }, context);
    if (!(Symbol.iterator in items)) throw new Error("the feed does not parse at once");
    for (const item of items) if (item.kind === "advisory") advisories.push(item.advisory);
  }
  return advisories;
}

function readLabels(): Label[] {
  const lines = corpusBytes("labels", "match-labels.jsonl.gz").toString("utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Label);
}

/** The ecosystems that know the package and the label's id. */
function casesOf(label: Label, index: AdvisoryIndex): Case[] {
  return Object.keys(types).flatMap((ecosystem) => {
    // A runtime is a component in the sense of Bitnami in its own image and in Bitnami's; elsewhere a package has its name.
    const { repository, package: name } = label;
    if (ecosystem === "Bitnami" && repository !== name && !repository.startsWith("bitnami/")) return [];
    const named = index.find(ecosystem, name).some(({ id, aliases = [] }) => isNamedIn(label, [id, ...aliases]));
    return named ? [{ ...label, ecosystem }] : [];
  });
}

function isNamedIn({ vulnerability, cve }: Label, names: readonly string[]): boolean {
  return names.includes(vulnerability) || (cve !== undefined && names.includes(cve));
}

function share(part: number, whole: number): string {
  return `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;
}

type GitHubRange = readonly [ecosystem: string, name: string, introduced: string, fixed: string];

function gitHubRecord(id: string, cve: string, ranges: readonly GitHubRange[]): Advisory {
  const affected = ranges.map(([ecosystem, name, introduced, fixed]) => ({
    package: { ecosystem, name },
    ranges: [{ type: "ECOSYSTEM" as const, events: [{ introduced }, { fixed }] }],
  }));
  return { id, modified: "2024-05-31T17:47:57Z", aliases: [cve], affected };
}

function nameOf({ package: name, version, vulnerability }: Label): string {
  return `${name} ${version} ${vulnerability}`;
}

function byEcosystem(list: readonly Case[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { ecosystem } of list) counts[ecosystem] = (counts[ecosystem] ?? 0) + 1;
  return counts;
}

function packageOf(ecosystem: string, name: string, version: string): Package {
  return { type: types[ecosystem] ?? "generic", name, version, purl: "", paths: [], layer: null };
}

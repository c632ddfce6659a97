import { expect, test } from "vitest";
import { osvFeed } from "../../../src/advisories/feeds/osv/osv-feed.ts";
import { findVulnerabilities } from "../../../src/detectors/vulnerabilities/find-vulnerabilities.ts";
import type { Advisory, AdvisoryIndex } from "../../../src/model/findings/advisory.ts";
import type { Distribution } from "../../../src/model/packages/distribution.ts";
import type { Package, PackageType } from "../../../src/model/packages/package.ts";
import { normaliseName } from "../../../src/model/packages/package-name.ts";
import { advisoryIndex } from "../../setup/advisory-index.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { gitHubRecords } from "./github-records.ts";

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
 * labels are right: for all but the last, GitHub's record of the same vulnerability says so or once did.
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

const droppedByGitHub =
  "GHSA-v6rh-hp5x-86rv starts at 2.2 too, since September 2024. Until then it had all versions before 2.2.25.";

/** True positives that are missed with GitHub's records as well. */
const deniedByGitHubToo: Readonly<Record<string, string>> = {
  "Django 1.11.29 CVE-2021-44420": droppedByGitHub,
  "Django 1.11.29 GHSA-v6rh-hp5x-86rv": droppedByGitHub,
  [nodeBeforeLts]: "GitHub has no record of Node.js itself.",
};

const windowsOnly = "Windows alone is affected, says the label; the record names no operating system.";

const reportedWrongly: Readonly<Record<string, string>> = {
  "node 14.1.0 CVE-2021-22921": windowsOnly,
  "python 3.8.0 CVE-2020-15523": windowsOnly,
  "python 3.8.0 CVE-2020-15801": windowsOnly,
};

const labelledTwice = "github.com/opencontainers/image-spec v1.0.1 GHSA-77vh-xpmg-72qh";

/** False positives that are reported by GitHub's records besides. */
const wronglyByGitHub: Readonly<Record<string, string>> = {
  "github.com/docker/docker v17.12.0-ce-rc1.0.20200309214505-aa6a9891b09c+incompatible CVE-2020-27534":
    "GHSA-6hwg-w5jg-9c6x names the whole module for a vulnerability of its builder.",
  [labelledTwice]: "People say of the same image that this is right and that it is wrong.",
};

/**
 * Packages and ids of labels for which GitHub has no reviewed record that names both: the vulnerability is another package's, such as
 * `github.com/moby/moby`, or of another ecosystem, or its record is not reviewed.
 */
const unknownToGitHub: readonly string[] = [
  "avro CVE-2021-43045",
  "github.com/docker/docker CVE-2018-10892",
  "github.com/docker/docker CVE-2019-13139",
  "github.com/docker/docker CVE-2019-16884",
  "github.com/docker/docker CVE-2019-5736",
  "github.com/docker/docker CVE-2021-21284",
  "github.com/docker/docker CVE-2021-21285",
  "github.com/grafana/grafana CVE-2022-23498",
  "github.com/grafana/grafana CVE-2022-23552",
  "github.com/grafana/grafana CVE-2023-1387",
  "google.golang.org/protobuf CVE-2015-5237",
  "google.golang.org/protobuf CVE-2021-22570",
  "pip CVE-2018-20225",
  "protobuf CVE-2021-3121",
  "redis CVE-2018-12453",
  "redis CVE-2020-14147",
  "redis CVE-2021-21309",
  "redis CVE-2021-32626",
  "redis CVE-2021-32672",
  "redis CVE-2021-32761",
  "redis CVE-2021-3470",
];

const enterpriseLinux: Distribution = {
  id: "rhel",
  idLike: ["fedora"],
  version: "8.6",
  name: "Red Hat Enterprise Linux 8.6",
};
const alpine: Distribution = { id: "alpine", idLike: [], version: "3.12.0", name: "Alpine Linux v3.12" };
const ubuntu: Distribution = { id: "ubuntu", idLike: ["debian"], version: "14.04", name: "Ubuntu 14.04 LTS" };

/** What is known of a label's package beside its name and version. */
interface Facts {
  readonly distribution?: Distribution;
  readonly known?: Partial<Package>;
}

/**
 * Where facts come from. `owners`: the distribution's packages in the image, which other labels of the same image name; a scan of the
 * image reads them from the package database. `notes`: besides, what the label itself says in its note, which is part of the answer.
 */
type Knowledge = "nothing" | "owners" | "notes";

/** The images cannot be pulled in a test, so the facts come from the labels. */
function factsOf(label: Label, knowledge: Knowledge): Facts {
  if (knowledge === "nothing") return {};
  const owner = ownerOf(label);
  return knowledge === "notes" && owner.known === undefined ? noteOf(label) : owner;
}

function ownerOf({ package: name, version }: Label): Facts {
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
  return {};
}

/**
 * The note of some labels says that the vulnerable code is in commands or internal packages of the module, which no other program can
 * link. The records name no packages, so a scan drops the finding only where the program links nothing of the module; this takes the note as
 * saying so, and a scan of the real image may find linked packages of the module and report it.
 */
function noteOf({ note = "" }: Label): Facts {
  return /^(?:not.importable|effectively.private)$/i.test(note) ? { known: { linkedPackages: [] } } : {};
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
  const casesIn = (advisories: AdvisoryIndex) => readLabels().flatMap((label) => casesOf(label, advisories));
  const isCounted = (one: Case) => ofOtherEcosystems[`${one.package} ${one.version}`] === undefined;
  const cases = casesIn(index);
  const counted = cases.filter(isCounted);
  const confirmed = counted.filter(({ label }) => label === "TP");
  const refuted = counted.filter(({ label }) => label === "FP");

  const isReported = (one: Case, advisories = index, knowledge: Knowledge = "notes"): boolean => {
    const { distribution = null, known = {} } = factsOf(one, knowledge);
    const subject = packageOf(one.ecosystem, one.package, one.version);
    const { findings } = findVulnerabilities([{ ...subject, ...known }], { distribution, index: advisories });
    return findings.some(({ id, aliases }) => isNamedIn(one, [id, ...aliases]));
  };

  test("all that people confirmed is found but what the bucket's own records deny, and at most 10 % of what they refuted is reported", () => {
    const missed = confirmed.filter((one) => !isReported(one));
    const wrong = refuted.filter((one) => isReported(one));
    const possible = confirmed.length - Object.keys(deniedByTheRecord).length;
    const found = confirmed.length - missed.length;
    const withFacts = refuted.filter((one) => factsOf(one, "notes").known !== undefined);
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

  test("with GitHub's records of every label, chosen without a look at what is missed, at least 98 % of what people confirmed is found and at most 10 % of what they refuted reported, but for the one in both", () => {
    const wider = casesIn(withGitHub).filter(isCounted);
    const right = wider.filter(({ label }) => label === "TP");
    const wrong = wider.filter(({ label }) => label === "FP");
    const found = right.filter((one) => isReported(one, withGitHub));
    const reported = wrong.filter((one) => isReported(one, withGitHub));
    const refutedPlaces = new Set(wrong.map(placeOf));
    const inBoth = new Set(right.map(placeOf).filter((place) => refutedPlaces.has(place)));
    const alone = (list: readonly Case[]) => list.filter((one) => !inBoth.has(placeOf(one))).length;
    console.log(
      `labels: with GitHub's records ${share(found.length, right.length)} true positives found,`,
      `${share(reported.length, wrong.length)} false positives reported; without the one in both`,
      `${share(alone(found), alone(right))} and ${share(alone(reported), alone(wrong))}`,
    );
    expect(byEcosystem(right)).toEqual({ Bitnami: 44, Go: 86, PyPI: 33 });
    expect(byEcosystem(wrong)).toEqual({ Bitnami: 3, Go: 21, PyPI: 24 });
    const missed = right.filter((one) => !found.includes(one));
    expect(missed.map(nameOf).sort()).toEqual(Object.keys(deniedByGitHubToo).sort());
    expect(reported.map(nameOf).sort()).toEqual(Object.keys({ ...reportedWrongly, ...wronglyByGitHub }).sort());
    expect(wrong.filter((one) => inBoth.has(placeOf(one))).map(nameOf)).toEqual([labelledTwice]);
    expect(alone(found) / alone(right)).toBeGreaterThanOrEqual(0.98);
    expect(alone(reported) / alone(wrong)).toBeLessThanOrEqual(0.1);
  });

  test("each of GitHub's records names the package and the id of a label, and the labels without one are known", () => {
    const packages = new Set<string>();
    const chosen = new Set<string>();
    const unknown = new Set<string>();
    for (const label of readLabels()) {
      const ecosystem = ecosystemAtGitHub(label, index);
      if (ecosystem === undefined) continue;
      packages.add(`${ecosystem} ${label.package}`);
      const found = gitHubRecords.filter((record) => isAskedFor(record, { ...label, ecosystem }));
      for (const { id } of found) chosen.add(id);
      if (found.length === 0) unknown.add(`${label.package} ${label.vulnerability}`);
    }
    const ofPyPI = [...packages].filter((name) => name.startsWith("PyPI "));
    expect([ofPyPI.length, packages.size - ofPyPI.length]).toEqual([15, 21]);
    expect([...chosen].sort()).toEqual(gitHubRecords.map(({ id }) => id).sort());
    expect([...unknown].sort()).toEqual(unknownToGitHub);
    expect(gitHubRecords.length).toBe(78);
    expect(gitHubRecords.filter(({ withdrawn }) => withdrawn !== undefined).length).toBe(3);
  });

  test("what people refuted is reported less, the more is known of the image", () => {
    const wider = casesIn(withGitHub).filter(isCounted);
    const counts = (list: readonly Case[], advisories: AdvisoryIndex): Record<Knowledge, string> => {
      const reported = (knowledge: Knowledge): string =>
        share(list.filter((one) => isReported(one, advisories, knowledge)).length, list.length);
      return { nothing: reported("nothing"), owners: reported("owners"), notes: reported("notes") };
    };
    const of = (label: Label["label"]) => ({
      bucket: counts(
        counted.filter((one) => one.label === label),
        index,
      ),
      gitHub: counts(
        wider.filter((one) => one.label === label),
        withGitHub,
      ),
    });
    expect(of("FP")).toEqual({
      bucket: { nothing: "38 of 39 (97.4 %)", owners: "15 of 39 (38.5 %)", notes: "3 of 39 (7.7 %)" },
      gitHub: { nothing: "47 of 48 (97.9 %)", owners: "24 of 48 (50.0 %)", notes: "5 of 48 (10.4 %)" },
    });
    const found = (text: string): Record<Knowledge, string> => ({ nothing: text, owners: text, notes: text });
    expect(of("TP")).toEqual({ bucket: found("140 of 147 (95.2 %)"), gitHub: found("160 of 163 (98.2 %)") });
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

function nameOf({ package: name, version, vulnerability }: Label): string {
  return `${name} ${version} ${vulnerability}`;
}

/** The image, the package and the vulnerability that a label is about. */
function placeOf(label: Label): string {
  return `${label.image} ${nameOf(label)}`;
}

/** Whether a label's package is taken for one of Go or of PyPI: by the form of a module's path, or as a name that the bucket has. */
function ecosystemAtGitHub({ package: name }: Label, index: AdvisoryIndex): "Go" | "PyPI" | undefined {
  if (/^[^/]+\.[^/]+\//.test(name)) return "Go";
  return index.find("PyPI", name).length > 0 ? "PyPI" : undefined;
}

function isAskedFor({ id, aliases = [], affected = [] }: Advisory, label: Case): boolean {
  const { ecosystem, package: wanted } = label;
  const named = affected.some(
    ({ package: one }) =>
      one?.ecosystem === ecosystem && normaliseName(ecosystem, one.name) === normaliseName(ecosystem, wanted),
  );
  return named && isNamedIn(label, [id, ...aliases]);
}

function byEcosystem(list: readonly Case[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { ecosystem } of list) counts[ecosystem] = (counts[ecosystem] ?? 0) + 1;
  return counts;
}

function packageOf(ecosystem: string, name: string, version: string): Package {
  return { type: types[ecosystem] ?? "generic", name, version, purl: "", paths: [], layer: null };
}

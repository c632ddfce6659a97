import { describe, expect, test } from "vitest";
import { type Advisory, extensionKey } from "../../../model/findings/advisory.ts";
import type { VulnerabilityFacts } from "../../../model/findings/vulnerability-facts.ts";
import { RecordsByName } from "../names/records-by-name.ts";
import { FindingRater, type FindingRating } from "./rate-finding.ts";

const critical = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const medium = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N";
const nvd = { source: "NVD", type: "CVSS_V3", score: critical } as const;

function record(id: string, severity?: string, vector?: string): Advisory {
  return {
    id,
    modified: "2024-01-01T00:00:00Z",
    ...(severity !== undefined && { database_specific: { severity } }),
    ...(vector !== undefined && { severity: [{ type: "CVSS_V3", score: vector }] }),
  };
}

type Rated = FindingRating["rating"] & Pick<FindingRating, "bases">;

function rated(
  advisories: readonly Advisory[],
  facts: Readonly<Record<string, VulnerabilityFacts>> = {},
  more: readonly string[] = [],
): Rated {
  const rater = new FindingRater({ facts: (cve) => facts[cve], builtInRecords: () => [] });
  const names = ["CVE-2024-1000", ...advisories.map(({ id }) => id), ...more];
  const { rating, bases } = rater.rate(
    advisories.map((advisory) => ({ advisory, evaluation: { entry: {} } })),
    names,
  );
  return { ...rating, bases };
}

function sources({ severities }: Rated): string[] {
  return severities.map(({ source, severity }) => `${source} ${severity}`);
}

test("the distribution's own word counts before NVD's vector, and both are kept", () => {
  const rating = rated([record("DEBIAN-CVE-2024-1000", "low")], { "CVE-2024-1000": { severities: [nvd] } });
  expect(rating).toMatchObject({ severity: "low", score: 9.8, bases: ["severity: low"] });
  expect(sources(rating)).toEqual(["Debian low", "NVD critical"]);
});

test("the ecosystem's database counts before NVD, whose word stands in where a record says nothing", () => {
  const facts = { "CVE-2024-1000": { severities: [nvd] } };
  const github = { source: "GitHub", type: "word", score: "MODERATE" } as const;
  expect(rated([record("GO-2024-1"), record("GHSA-1", "MODERATE")], facts).severity).toBe("medium");
  expect(rated([record("GO-2024-1")], facts)).toMatchObject({ severity: "critical", score: 9.8 });
  expect(rated([record("GO-2024-1")], { "CVE-2024-1000": { severities: [nvd, github] } }).severity).toBe("medium");
});

test("of two databases the worse counts, whatever the order of the records", () => {
  const records = [record("PYSEC-1", undefined, medium), record("GHSA-1", undefined, critical)];
  const rating = rated(records);
  expect(sources(rating)).toEqual(["GitHub critical", "PyPA medium"]);
  expect(rated(records.toReversed()).severities).toEqual(rating.severities);
});

test("an opinion that two places repeat is told once", () => {
  const repeated = { ...record("UBUNTU-CVE-2024-1000"), database_specific: { [extensionKey]: { severities: [nvd] } } };
  expect(sources(rated([repeated], { "CVE-2024-1000": { severities: [nvd] } }))).toEqual(["NVD critical"]);
});

test("nobody's opinion is unknown", () => {
  expect(rated([record("GO-2024-1")])).toEqual({ severity: "unknown", severities: [], bases: [undefined] });
});

describe("a vulnerability that no record on the package and no table rates", () => {
  const rows = [{ advisory: record("GO-2024-1"), evaluation: { entry: {} } }];
  const names = ["CVE-2024-1000", "GO-2024-1"];
  const builtIn = { ...record("PLIMSOLL-CVE-2024-1000", undefined, critical), aliases: ["CVE-2024-1000"] };
  const notCovering = new RecordsByName(() => [
    { ...record("GHSA-1", "LOW"), aliases: ["CVE-2024-1000"] },
    { ...record("GHSA-2", "HIGH"), aliases: ["CVE-2024-2000"] },
  ]);

  function rate(facts?: VulnerabilityFacts, others?: RecordsByName): FindingRating["rating"] {
    const rater = new FindingRater({
      facts: () => facts,
      builtInRecords: (name) => (name === "CVE-2024-1000" ? [builtIn] : []),
    });
    return rater.rate(rows, names, others).rating;
  }

  test("has the rating of another record on the package with the same name, then of the built-in records", () => {
    expect(rate(undefined, notCovering)).toEqual({
      severity: "low",
      severities: [{ source: "GitHub", severity: "low", statement: "LOW" }],
    });
    expect(rate()).toEqual({
      severity: "critical",
      score: 9.8,
      severities: [{ source: "Plimsoll", severity: "critical", score: 9.8, statement: critical }],
    });
  });

  test("has NVD's before both", () => {
    const facts = { severities: [{ source: "NVD", type: "CVSS_V3", score: medium } as const] };
    expect(rate(facts, notCovering).severities.map(({ source }) => source)).toEqual(["NVD"]);
  });
});

test("facts of several names are joined: earliest exploitation, likeliest prediction, every exploit once", () => {
  const prediction = { percentile: 0.5, date: "2024-11-03" };
  const rating = rated(
    [record("GHSA-1", "Low")],
    {
      "CVE-2024-2000": {
        knownExploited: { addedAt: "2024-05-01", ransomware: true },
        exploitPrediction: { probability: 0.1, ...prediction },
        exploits: ["EDB-1"],
      },
      "CVE-2024-3000": {
        knownExploited: { addedAt: "2024-02-01", dueAt: "2024-02-21", ransomware: false },
        exploitPrediction: { probability: 0.9, ...prediction },
        exploits: ["EDB-1", "EDB-2"],
      },
    },
    ["CVE-2024-2000", "CVE-2024-3000"],
  );
  expect(rating.facts).toEqual({
    knownExploited: { addedAt: "2024-02-01", dueAt: "2024-02-21", ransomware: true },
    exploitPrediction: { probability: 0.9, ...prediction },
    exploits: ["EDB-1", "EDB-2"],
  });
});

test("what is known about a CVE is looked up once", () => {
  let calls = 0;
  const rater = new FindingRater({
    facts: () => {
      calls += 1;
      return undefined;
    },
    builtInRecords: () => [],
  });
  for (let round = 0; round < 3; round++) {
    rater.rate([{ advisory: record("GO-2024-1"), evaluation: { entry: {} } }], ["CVE-2024-1000", "GO-1"]);
  }
  expect(calls).toBe(1);
});

test("a record cannot fill the report with opinions", () => {
  const severities = Array.from({ length: 500 }, (_, index) => ({
    ...nvd,
    source: `s${index}`,
  }));
  const hostile = { ...record("GHSA-1"), database_specific: { [extensionKey]: { severities } } };
  expect(rated([hostile]).severities).toHaveLength(32);
});

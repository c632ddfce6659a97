import { expect, test } from "vitest";
import { advisoryIndex } from "../../../tests/setup/advisory-index.ts";
import type { Advisory, AdvisoryIndex, AffectedRange, RangeEvent } from "../../model/findings/advisory.ts";
import type { Distribution } from "../../model/packages/distribution.ts";
import type { Package, PackageType } from "../../model/packages/package.ts";
import { type FoundVulnerabilities, findVulnerabilities } from "./find-vulnerabilities.ts";
import { AbsenceReasons } from "./matching/absence-reasons.ts";
import type { MatchOptions } from "./matching/match-package.ts";

const debian: Distribution = { id: "debian", idLike: [], version: "12", name: "Debian GNU/Linux 12" };

function indexOf(...advisories: Advisory[]): AdvisoryIndex {
  return advisoryIndex(advisories);
}

function advisory(id: string, events: readonly RangeEvent[], more: Partial<Advisory> & { in?: string } = {}): Advisory {
  const { in: ecosystem = "npm", ...rest } = more;
  const ranges: AffectedRange[] = [{ type: "ECOSYSTEM", events }];
  return {
    id,
    modified: "2024-01-01T00:00:00Z",
    affected: [{ package: { ecosystem, name: "thing" }, ranges }],
    ...rest,
  };
}

function subject(type: PackageType, version: string, more: Partial<Package> = {}): Package {
  return { type, name: "thing", version, purl: `pkg:${type}/thing@${version}`, paths: ["a/b"], layer: 1, ...more };
}

function find(packages: Package | Package[], ...advisories: Advisory[]): FoundVulnerabilities {
  return findVulnerabilities([packages].flat(), { distribution: debian, index: indexOf(...advisories) });
}

test("a finding carries the package, the names, the severity, the fix and the evidence", () => {
  const record = advisory("GHSA-1", [{ introduced: "0" }, { fixed: "1.2.0" }], {
    aliases: ["CVE-2024-1111"],
    summary: "What goes wrong",
    severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
  });
  expect(find(subject("npm", "1.0.0"), record)).toEqual({
    problems: [],
    limits: [],
    open: [],
    findings: [
      {
        kind: "vulnerability",
        id: "CVE-2024-1111",
        aliases: ["GHSA-1"],
        severity: "critical",
        score: 9.8,
        severities: [
          {
            source: "GitHub",
            severity: "critical",
            score: 9.8,
            statement: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
          },
        ],
        summary: "What goes wrong",
        package: {
          name: "thing",
          version: "1.0.0",
          type: "npm",
          purl: "pkg:npm/thing@1.0.0",
          paths: ["a/b"],
          layer: 1,
        },
        fixedIn: "1.2.0",
        status: "fixed",
        evidence: [
          {
            advisory: "GHSA-1",
            ecosystem: "npm",
            name: "thing",
            version: "1.0.0",
            matchedBy: "package",
            rule: "range",
            scheme: "semver",
            comparison: "0 <= 1.0.0 < 1.2.0",
            severity: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H = 9.8",
          },
        ],
      },
    ],
  });
});

test("records that share an alias are one finding with the worst rating and a fix that suits them all", () => {
  const { findings } = find(
    subject("npm", "1.0.0"),
    advisory("A-1", [{ introduced: "0" }, { fixed: "1.1.0" }], { aliases: ["CVE-2024-1111"] }),
    advisory("GHSA-1", [{ introduced: "0" }, { fixed: "1.2.0" }], {
      aliases: ["CVE-2024-1111"],
      database_specific: { severity: "HIGH" },
    }),
    advisory("B-1", [{ introduced: "0" }]),
  );
  expect(findings.map(({ id, severity, fixedIn, status }) => ({ id, severity, fixedIn, status }))).toEqual([
    { id: "B-1", severity: "unknown", fixedIn: undefined, status: "affected" },
    { id: "CVE-2024-1111", severity: "high", fixedIn: "1.2.0", status: "fixed" },
  ]);
  expect(findings[1]?.evidence.map((evidence) => evidence.advisory)).toEqual(["A-1", "GHSA-1"]);
});

test("the fix is that of the installed branch", () => {
  const record = advisory("A-1", [
    { introduced: "0" },
    { fixed: "1.8.3" },
    { introduced: "2.0.0" },
    { fixed: "2.0.5" },
    { introduced: "3.0.0" },
    { fixed: "3.1.0" },
  ]);
  expect(find(subject("npm", "2.0.1"), record).findings[0]?.fixedIn).toBe("2.0.5");
  expect(find(subject("npm", "1.0.0"), record).findings[0]?.fixedIn).toBe("1.8.3");
});

test("a fix that another record of the finding covers again is passed over", () => {
  const { findings } = find(
    subject("npm", "1.0.0"),
    advisory("A-1", [{ introduced: "0" }, { fixed: "1.5.0" }], { aliases: ["CVE-2024-1111"] }),
    advisory("A-2", [{ introduced: "0" }, { fixed: "1.4.0" }, { introduced: "1.5.0" }, { fixed: "1.6.0" }], {
      aliases: ["CVE-2024-1111"],
    }),
  );
  expect(findings[0]?.fixedIn).toBe("1.6.0");
});

test("withdrawn records and records of other releases are not findings", () => {
  const range = [{ introduced: "0" }];
  expect(find(subject("npm", "1.0.0"), advisory("A-1", range, { withdrawn: "2024-01-02T00:00:00Z" })).findings).toEqual(
    [],
  );
  const records = [advisory("A-1", range, { in: "Debian:11" }), advisory("A-2", range, { in: "Debian:12" })];
  const { findings } = find(subject("deb", "1.0-1"), ...records);
  expect(findings.map(({ id }) => id)).toEqual(["A-2"]);
});

test("the packages of one source have each their finding, by the source's version", () => {
  const source = { name: "thing", version: "1.0-1" };
  const packages = [
    subject("deb", "7:1.0-1+b1", { name: "libthing", source }),
    subject("deb", "1.0-1", { name: "thing-bin", source }),
  ];
  const record = advisory("DEBIAN-CVE-2024-1111", [{ introduced: "0" }, { fixed: "1.0-2" }], {
    in: "Debian:12",
    upstream: ["CVE-2024-1111"],
  });
  const { findings } = find(packages, record);
  expect(findings.map((finding) => [finding.id, finding.package.name, finding.fixedIn])).toEqual([
    ["CVE-2024-1111", "libthing", "1.0-2"],
    ["CVE-2024-1111", "thing-bin", "1.0-2"],
  ]);
  expect(findings[0]?.evidence[0]).toMatchObject({ matchedBy: "source-package", name: "thing", version: "1.0-1" });
});

test("a version that cannot be compared is a problem only where an advisory names the package", () => {
  const record = advisory("GO-1", [{ introduced: "0" }, { fixed: "1.2.0" }], { in: "Go" });
  const devel = subject("golang", "(devel)");
  expect(find(devel, record)).toEqual({
    findings: [],
    problems: [
      {
        code: "unknown-version",
        message: "thing (devel) cannot be compared with GO-1: (devel) is not a valid go version",
        path: "a/b",
      },
    ],
    limits: [],
    open: [],
  });
  expect(find({ ...devel, name: "other" }, record).problems).toEqual([]);
  const [unknown] = find({ ...devel, version: "" }, record).problems;
  expect(unknown?.message).toMatch(/^thing cannot be compared with GO-1: /);
});

test("what cannot be judged is told once, with the number of packages", () => {
  const packages = [subject("npm", "1.0.0"), subject("npm", "2.0.0"), subject("rpm", "1-1"), subject("conda", "1")];
  const index = indexOf(advisory("A-1", [{ introduced: "0" }], { in: "Debian:11" }));
  const { problems } = findVulnerabilities(packages, { distribution: null, index });
  expect(problems).toEqual([
    { code: "no-advisories", message: "the database has no advisories for npm (2 packages)" },
    {
      code: "unknown-distribution",
      message: "the distribution of the rpm packages is unknown (one package)",
    },
    {
      code: "no-advisories",
      message: "no advisories for packages of type conda are known (one package)",
    },
  ]);
});

test("a release without advisories is a problem though others of its distribution have some", () => {
  const record = advisory("A-1", [{ introduced: "0" }], { in: "Debian:11" });
  expect(find(subject("deb", "1.0"), record).problems).toEqual([
    { code: "no-advisories", message: "the database has no advisories for Debian:12 (one package)" },
  ]);
});

test("a package that a distribution owns has no findings of its language, and the reason is told", () => {
  const owned = subject("npm", "1.0.0", { ownedBy: { type: "deb", name: "node-thing" } });
  const records = [
    advisory("A-1", [{ introduced: "0" }]),
    advisory("DEBIAN-CVE-2024-1", [{ introduced: "0" }], { in: "Debian:12" }),
  ];
  expect(find(owned, ...records)).toEqual({ findings: [], problems: [], limits: [], open: [] });
  expect(explained(owned, "A-1", { distribution: debian, index: indexOf(...records) })).toEqual([
    "thing 1.0.0 was not compared: its files belong to the deb package node-thing, whose own advisories count.",
  ]);
});

function explained(found: Package, id: string, options: MatchOptions): string[] {
  return new AbsenceReasons(id, options).of(found).map(({ text }) => text);
}

test("a match and a non-match are explained, by any of the names", () => {
  const record = advisory("GHSA-1", [{ introduced: "0" }, { fixed: "1.2.0" }], { aliases: ["CVE-2024-1111"] });
  const options = { distribution: null, index: indexOf(record) };
  expect(explained(subject("npm", "1.0.0"), "cve-2024-1111", options)).toEqual([
    "thing 1.0.0 is affected: GHSA-1 has it in a range for npm (0 <= 1.0.0 < 1.2.0, compared by semver).",
  ]);
  expect(explained(subject("npm", "1.2.0"), "GHSA-1", options)).toEqual([
    "thing 1.2.0 is not affected by GHSA-1: 1.2.0 is outside from 0 before 1.2.0.",
  ]);
  expect(explained(subject("npm", "x"), "GHSA-1", options)).toEqual([
    "thing x cannot be compared with GHSA-1: x is not a valid semver version.",
  ]);
  expect(explained(subject("npm", "1.0.0"), "CVE-2020-1", options)).toEqual([]);
});

test("names that mean something to JavaScript are plain names", () => {
  for (const name of ["__proto__", "constructor", "hasOwnProperty"]) {
    const record = { ...advisory("A-1", []), affected: [{ package: { ecosystem: "npm", name }, versions: ["1.0.0"] }] };
    expect(find(subject("npm", "1.0.0", { name }), record).findings).toHaveLength(1);
    expect(find(subject("npm", "1.0.0"), record).findings).toHaveLength(0);
  }
});

test("a search that is cancelled ends with cancelled", () => {
  const options = { distribution: null, index: indexOf(), signal: AbortSignal.abort() };
  expect(() => findVulnerabilities([subject("npm", "1.0.0")], options)).toThrow(
    expect.objectContaining({ code: "cancelled" }),
  );
});

test("an alias does not carry a finding to a package that its record does not name", () => {
  const ofDebian = advisory("DEBIAN-CVE-2024-1111", [{ introduced: "0" }, { fixed: "2.0-1" }], {
    in: "Debian:12",
    upstream: ["CVE-2024-1111"],
  });
  const ofNpm: Advisory = {
    ...advisory("GHSA-1", [{ introduced: "0" }, { fixed: "3.0.0" }], { aliases: ["CVE-2024-1111"] }),
    affected: [{ package: { ecosystem: "npm", name: "another" }, versions: ["1.0.0"] }],
  };
  const packages = [subject("deb", "1.0-1"), subject("npm", "1.0.0"), { ...subject("npm", "1.0.0"), name: "another" }];
  const found = find(packages, ofDebian, ofNpm).findings.map((finding) => [
    finding.package.type,
    finding.package.name,
    finding.id,
    finding.fixedIn,
    finding.evidence.map((evidence) => evidence.advisory),
  ]);
  expect(found).toEqual([
    ["deb", "thing", "CVE-2024-1111", "2.0-1", ["DEBIAN-CVE-2024-1111"]],
    ["npm", "another", "CVE-2024-1111", undefined, ["GHSA-1"]],
  ]);
});

test("the fix is that of the installed branch where each branch has its own entry", () => {
  const entry = (introduced: string, fixed: string) => ({
    package: { ecosystem: "Maven", name: "thing" },
    ranges: [{ type: "ECOSYSTEM" as const, events: [{ introduced }, { fixed }] }],
  });
  const record: Advisory = {
    ...advisory("GHSA-1", []),
    affected: [entry("2.0-beta7", "2.3.2"), entry("2.4", "2.12.4"), entry("2.13.0", "2.17.1")],
  };
  const fixOf = (version: string) => find(subject("maven", version), record).findings.map(({ fixedIn }) => fixedIn);
  expect(["2.3.1", "2.3.2", "2.11.0", "2.14.1", "2.17.1"].map(fixOf)).toEqual([
    ["2.3.2"],
    [],
    ["2.12.4"],
    ["2.17.1"],
    [],
  ]);
});

test("a vulnerability without a fix is found and has none", () => {
  const record = advisory("DEBIAN-CVE-2024-1111", [{ introduced: "0" }], { in: "Debian:12" });
  const [finding] = find(subject("deb", "999:1.0-1"), record).findings;
  expect(finding).toMatchObject({ status: "affected" });
  expect(finding).not.toHaveProperty("fixedIn");
});

test("where entries of a record overlap, the fix is outside all of them", () => {
  const entry = (ecosystem: string, fixed: string) => ({
    package: { ecosystem, name: "thing" },
    ranges: [{ type: "ECOSYSTEM" as const, events: [{ introduced: "0" }, { fixed }] }],
  });
  const overlapping: Advisory = {
    ...advisory("GO-1", []),
    affected: [entry("Go", "2.0.6"), entry("Go", "2.1.5"), entry("Go", "2.2.2")],
  };
  expect(find(subject("golang", "v2.0.0"), overlapping).findings[0]?.fixedIn).toBe("2.2.2");
  const releases: Advisory = {
    ...advisory("DSA-1", []),
    affected: [entry("Debian:12", "1.5-1"), entry("Debian:11", "1.2-1"), entry("Debian:13", "1.9-1")],
  };
  expect(find(subject("deb", "1.0-1"), releases).findings[0]?.fixedIn).toBe("1.5-1");
  const streams: Advisory = {
    ...advisory("ALSA-1", []),
    affected: [entry("AlmaLinux:8", "1.1-1.el8"), entry("AlmaLinux:8", "1.2-1.module_el8.9.0+1+abc")],
  };
  const modular = subject("rpm", "1.0-1.module_el8.6.0+1+abc");
  const options = { distribution: { ...debian, id: "almalinux", version: "8" }, index: indexOf(streams) };
  expect(findVulnerabilities([modular], options).findings[0]?.fixedIn).toBe("1.2-1.module_el8.9.0+1+abc");
});

test("aliases hold through a record that does not cover the version, and give the name of the CVE", () => {
  const before3 = [{ introduced: "0" }, { fixed: "3.0" }];
  const records = [
    advisory("PYSEC-2021-2", before3, { aliases: ["GHSA-0002-0002-0005"] }),
    advisory("GHSA-0002-0002-0005", [{ introduced: "0" }, { fixed: "2.0" }], { aliases: ["CVE-2021-0002"] }),
    advisory("PYSEC-2021-3", before3, { aliases: ["CVE-2021-0002"] }),
  ];
  const { findings } = find(subject("npm", "2.5.0"), ...records);
  expect(findings.map(({ id, aliases }) => [id, ...aliases])).toEqual([
    ["CVE-2021-0002", "GHSA-0002-0002-0005", "PYSEC-2021-2", "PYSEC-2021-3"],
  ]);
  expect(findings[0]?.evidence.map(({ advisory: id }) => id)).toEqual(["PYSEC-2021-2", "PYSEC-2021-3"]);
  const [alone] = find(subject("npm", "2.5.0"), ...records.slice(0, 2)).findings;
  expect(alone).toMatchObject({ id: "CVE-2021-0002", aliases: ["GHSA-0002-0002-0005", "PYSEC-2021-2"] });
});

test.each([
  [
    "directly",
    [
      advisory("OSV-1", [{ introduced: "0" }, { fixed: "2.0" }], {
        aliases: ["CVE-2021-1111", "CVE-2021-2222", "GHSA-3"],
      }),
    ],
  ],
  [
    "alone",
    [advisory("OSV-1", [{ introduced: "0" }, { fixed: "2.0" }], { aliases: ["CVE-2021-1111", "CVE-2021-2222"] })],
  ],
  [
    "through the name of a record",
    [advisory("OSV-1", [{ introduced: "0" }, { fixed: "2.0" }], { aliases: ["CVE-2021-1111", "GHSA-2", "GHSA-3"] })],
  ],
  [
    "through another such record",
    [
      advisory("OSV-1", [{ introduced: "0" }, { fixed: "2.0" }], { aliases: ["CVE-2021-1111", "CVE-2021-2222"] }),
      advisory("OSV-2", [{ introduced: "0" }, { fixed: "2.0" }], { aliases: ["CVE-2021-1111", "GHSA-3"] }),
    ],
  ],
])("what has no CVE does not join two CVEs that a record of other versions names %s", (_, others) => {
  const range = [{ introduced: "0" }, { fixed: "3.0" }];
  const { findings } = find(
    subject("npm", "2.5.0"),
    advisory("GHSA-1", range, { aliases: ["CVE-2021-1111"] }),
    advisory("GHSA-2", range, { aliases: ["CVE-2021-2222"] }),
    advisory("GHSA-3", range),
    ...others,
  );
  expect(findings.map(({ id, aliases }) => [id, ...aliases])).toEqual([
    ["CVE-2021-1111", "GHSA-1"],
    ["CVE-2021-2222", "GHSA-2"],
    ["GHSA-3"],
  ]);
});

test("dates and references are added when they are asked for", () => {
  const references = [{ type: "WEB", url: "https://example.org/1" }];
  const record = advisory("GHSA-1", [{ introduced: "0" }], { published: "2023-05-01T00:00:00Z", references });
  const options = { distribution: debian, index: indexOf(record) };
  const described = { published: record.published, modified: record.modified, references: ["https://example.org/1"] };
  const find = (describes: boolean): object =>
    findVulnerabilities([subject("npm", "1.0.0")], { ...options, describes });
  expect(find(true)).toMatchObject({ findings: [described] });
  expect(find(false)).not.toMatchObject({ findings: [{ references: described.references }] });
});

test("a record that does not cover the package rates a vulnerability that no other source rates", () => {
  const named = { aliases: ["CVE-2024-1111"] };
  const silent = advisory("GO-2024-1", [{ introduced: "0" }], named);
  const rated = advisory("GHSA-1", [{ introduced: "2.0.0" }], { ...named, database_specific: { severity: "HIGH" } });
  const [finding] = find(subject("npm", "1.0.0"), silent, rated).findings;
  expect(finding).toMatchObject({ severity: "high", severities: [{ source: "GitHub", statement: "HIGH" }] });
  expect(find(subject("npm", "1.0.0"), silent).findings[0]?.severity).toBe("unknown");
});

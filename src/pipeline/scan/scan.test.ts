import { expect, test } from "vitest";
import { advisoryIndex } from "../../../tests/setup/advisory-index.ts";
import type { FeedItem } from "../../advisories/feed-item.ts";
import type { Advisory, AdvisoryIndex, DatabaseStatus } from "../../model/findings/advisory.ts";
import type { Package } from "../../model/packages/package.ts";
import type { Contents, Report } from "../../model/reports/report.ts";
import { openAdvisories } from "../database/open-advisories.ts";
import { judgeContents, type ScanOptions } from "./scan.ts";

const now = new Date("2026-01-01T00:00:00Z");
const record: Advisory = {
  id: "GHSA-1",
  modified: "2024-01-01T00:00:00Z",
  aliases: ["CVE-2024-1111"],
  affected: [
    {
      package: { ecosystem: "npm", name: "leaky" },
      ranges: [{ type: "SEMVER", events: [{ introduced: "0" }] }],
    },
  ],
};
const nvdTables: FeedItem = {
  kind: "facts",
  cve: "CVE-2024-1111",
  facts: {
    severities: [{ source: "NVD", type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N" }],
  },
};

function contentsOf(type: "npm" | "maven", name: string, version: string): Contents {
  return {
    tool: { name: "plimsoll", version: "0" },
    createdAt: now.toISOString(),
    target: { kind: "sbom", name: "a" },
    distro: null,
    layers: [],
    packages: [
      { type, name, version, purl: `pkg:${type}/${name.replace(":", "/")}@${version}`, paths: [], layer: null },
    ],
    problems: [],
  };
}

function judged(contents: Contents, index: AdvisoryIndex, more: Partial<ScanOptions> = {}): Report {
  const options: ScanOptions = { verifyDigests: false, signal: new AbortController().signal, now, ...more };
  return judgeContents({ contents, index, failures: [] }, options).report;
}

function behind(index: AdvisoryIndex, since: string): AdvisoryIndex {
  const status: DatabaseStatus = { ...index.status, behind: [{ feed: "nvd", name: "2024", since }] };
  return { ...index, status };
}

const noFindings = "no findings; no policy or --fail-on given";

test("a severity of NVD that is older than a database may be allows nothing", () => {
  const contents = contentsOf("npm", "leaky", "1.0.0");
  const index = advisoryIndex([record], [nvdTables]);
  expect(judged(contents, index, { failOn: "high" }).verdict.decision).toBe("allowed");
  expect(judged(contents, behind(index, "2025-12-10T00:00:00Z"), { failOn: "high" }).verdict.decision).toBe("allowed");
  const old = behind(index, "2025-11-01T00:00:00Z");
  const told = "the severity of one finding is from NVD data that is 61 days old; run `plimsoll db update`";
  const { verdict, database } = judged(contents, old, { failOn: "high" });
  expect(verdict).toEqual({ decision: "cannot-tell", reasons: [told] });
  expect(database.limits).toContain(told);
  expect(judged(contents, old, { failOn: "low" }).verdict.decision).toBe("denied");
  expect(judged(contents, old).verdict.decision).toBe("not-judged");
  expect(judged(contents, old).database.limits).toContain(told);
  const accepted = { failOn: "high", databaseAge: { warnDays: 7, refuseDays: 90 } } as const;
  expect(judged(contents, old, accepted).verdict.decision).toBe("allowed");
});

test("that built-in records answered beside a database is told", () => {
  const builtIn = openAdvisories(undefined);
  const file = advisoryIndex([record]);
  const index: AdvisoryIndex = {
    ...file,
    find: (ecosystem, name) => (file.covers(ecosystem) ? file : builtIn).find(ecosystem, name),
  };
  const log4j = judged(contentsOf("maven", "org.apache.logging.log4j:log4j-core", "2.14.1"), index);
  expect(log4j.findings.map(({ id }) => id)).toContain("CVE-2021-44228");
  expect(log4j.database.limits).toEqual([
    `${log4j.findings.length} findings are from the few records built into Plimsoll, as the database has none for Maven`,
  ]);
  expect(judged(contentsOf("npm", "leaky", "1.0.0"), index).database.limits).toEqual([]);
});

test("with the built-in advisories what no database could judge is a problem, and what they lack a limit", () => {
  const builtIn = openAdvisories(undefined);
  const { packages, ...npm } = contentsOf("npm", "leaky", "1.0.0");
  const of = (type: Package["type"]): Package[] => packages.map((found) => ({ ...found, type }));
  const shesek = { id: "shesek", idLike: [], version: "1", name: "Shesek Linux" };
  expect(judged({ ...npm, packages: of("conda") }, builtIn).problems).toEqual([
    { code: "no-advisories", message: "no advisories for packages of type conda are known (one package)" },
  ]);
  expect(judged({ ...npm, packages: of("deb"), distro: shesek }, builtIn).problems).toEqual([
    { code: "no-advisories", message: "no advisory source for Shesek Linux is known (one package)" },
  ]);
  const hex = judged({ ...npm, packages: of("hex") }, builtIn);
  expect(hex.problems).toEqual([]);
  expect(hex.database.limits[1]).toBe(
    "the built-in advisories do not cover Hex (one package); run `plimsoll db update`",
  );
  expect(judged({ ...npm, packages }, builtIn).database.limits).toHaveLength(1);
});

test("the built-in advisories are held to a limit of age that the user sets, and to no other", () => {
  const index = openAdvisories(undefined);
  const old = { ...index, status: { ...index.status, builtAt: "2025-12-01T00:00:00Z" } };
  const contents = contentsOf("npm", "leaky", "1.0.0");
  const aged = (databaseAge: ScanOptions["databaseAge"]): readonly string[] =>
    judged(contents, old, databaseAge && { databaseAge }).database.limits.slice(1);
  const usual = { warnDays: 7, refuseDays: 30 };
  expect(aged(undefined)).toEqual([]);
  expect(aged(usual)).toEqual([]);
  expect(aged({ ...usual, set: { warnDays: 31 } })).toEqual([]);
  expect(aged({ ...usual, set: { warnDays: 30 } })).toEqual([
    "the built-in advisories are 31 days old and contain nothing newer; run `plimsoll db update`",
  ]);
});

test("an SBOM that lists nothing beside the project itself allows nothing", () => {
  const contents = contentsOf("npm", "app", "1.0.0");
  const [app] = contents.packages as [Package];
  const project: Package = { ...app, ownProject: true };
  const index = advisoryIndex([record]);
  const told = "no dependencies of the project were found, so only the project itself was compared";
  const alone = judged({ ...contents, packages: [project] }, index);
  expect(alone.verdict).toEqual({ decision: "cannot-tell", reasons: [told, noFindings] });
  expect(judged({ ...contents, packages: [project, app] }, index, { failOn: "low" }).verdict.decision).toBe("allowed");
  expect(judged({ ...contents, packages: [] }, index).verdict.reasons).toEqual([
    "no packages were found, so nothing was compared",
    noFindings,
  ]);
});

test("of an image for Windows only the packages of languages were compared, so nothing allows it", () => {
  const contents = contentsOf("npm", "fine", "1.0.0");
  const index = advisoryIndex([record], []);
  const on = (platform: string): Contents => ({ ...contents, target: { kind: "registry", name: "a", platform } });
  expect(judged(on("linux/amd64"), index, { failOn: "low" }).verdict.decision).toBe("allowed");
  const told = "Windows itself and its programs are not examined, so only language packages were compared";
  for (const platform of ["windows/amd64", "windows/amd64,osver=10.0.17763.4974"]) {
    const { verdict, database } = judged(on(platform), index);
    expect(verdict).toEqual({ decision: "cannot-tell", reasons: [told, noFindings] });
    expect(database.limits).toContain(told);
  }
});

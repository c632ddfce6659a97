import { expect, test } from "vitest";
import type { PartBehind } from "../../model/advisory.ts";
import { isPartAbout, tableTitles } from "./choose-feeds.ts";
import {
  type DatabaseAgeLimits,
  remarkOnAge,
  remarkOnSeverities,
  remarksOnParts,
  remarksOnTables,
} from "./database-age.ts";

const now = new Date("2025-03-01T00:00:00Z");
const limits: DatabaseAgeLimits = { warnDays: 7, refuseDays: 30 };

function remarks(ecosystems: readonly string[], ...behind: readonly PartBehind[]): string[] {
  return remarksOnParts({ path: "a.sqlite", behind }, { ecosystems, isAbout: isPartAbout, now, limits });
}

function builtAt(time: string): string | undefined {
  const status = { kind: "file", path: "a.sqlite", source: "", records: 1, ecosystems: [], parts: [] } as const;
  return remarkOnAge({ ...status, builtAt: time }, { now, limits });
}

test("a database is silent for a week, then remarked on, and refused after thirty days", () => {
  expect(builtAt("2025-02-22T00:00:00Z")).toBeUndefined();
  expect(builtAt("2025-02-21T00:00:00Z")).toContain("8 days ago");
  expect(builtAt("2025-01-30T00:00:00Z")).toContain("30 days ago");
  expect(() => builtAt("2025-01-29T00:00:00Z")).toThrow("a.sqlite is 31 days old");
});

test("a database that does not say when it was built is refused", () => {
  for (const time of ["", "yesterday"]) expect(() => builtAt(time)).toThrow("does not say when it was built");
});

test("a date in the future is remarked on, but for clocks that differ", () => {
  expect(builtAt("2025-03-01T12:00:00Z")).toBeUndefined();
  expect(builtAt("2025-03-11T00:00:00Z")).toBe(
    "the database says that it was built 10 days from now; its age cannot be told",
  );
});

test("a part that is older than the database counts for what a target is compared with", () => {
  const debian = { feed: "debian", name: "all", since: "2025-02-10T00:00:00Z" };
  const npm = { feed: "osv", name: "npm", since: "2025-01-01T00:00:00Z" };
  expect(remarks(["Debian"], debian, npm)).toEqual([
    "the advisories of Debian were brought up to date 19 days ago; run `plimsoll db update`",
  ]);
  expect(remarks(["PyPI", "Ubuntu"], debian, npm)).toEqual([]);
  expect(() => remarks(["Debian", "npm"], debian, npm)).toThrow("the advisories of npm in a.sqlite are 59 days old");
});

test("of several parts the oldest counts, and side tables and young parts do not", () => {
  const since = "2025-02-25T00:00:00Z";
  expect(remarks(["Amazon Linux"], { feed: "amazon", name: "2/core", since })).toEqual([]);
  const older = { feed: "amazon", name: "2023/core", since: "2025-02-01T00:00:00Z" };
  expect(remarks(["Amazon Linux"], { feed: "amazon", name: "2/core", since }, older)[0]).toContain("28 days ago");
  expect(remarks(["Debian"], { feed: "exploit-db", name: "exploits", since: "2020-01-01T00:00:00Z" })).toEqual([]);
});

test("a side table that is older than the database is remarked on whatever its age, each by itself", () => {
  const behind = [
    { feed: "kev", name: "catalogue", since: "2025-02-10T00:00:00Z" },
    { feed: "epss", name: "scores", since: "2024-01-01T00:00:00Z" },
    { feed: "exploit-db", name: "exploits", since: "2025-02-25T00:00:00Z" },
    { feed: "end-of-life", name: "products", since: "2025-01-01T00:00:00Z" },
  ];
  const told = (hasDistribution: boolean): string[] =>
    remarksOnTables({ behind }, { titles: tableTitles(hasDistribution), now, limits });
  const ofBoth = [
    "what CISA Known Exploited Vulnerabilities says was brought up to date 19 days ago; run `plimsoll db update`",
    "what FIRST EPSS says was brought up to date 425 days ago; run `plimsoll db update`",
  ];
  expect(told(false)).toEqual(ofBoth);
  expect(told(true)).toEqual([
    ...ofBoth,
    "what endoflife.date says was brought up to date 59 days ago; run `plimsoll db update`",
  ]);
});

test("the table that tells Red Hat's advisories apart counts as they do", () => {
  const old = { feed: "red-hat-repositories", name: "repositories", since: "2025-01-01T00:00:00Z" };
  expect(() => remarks(["Red Hat"], old)).toThrow("the advisories of Red Hat in a.sqlite are 59 days old");
  expect(remarks(["Debian"], old)).toEqual([]);
});

test("severities of an NVD that is too old are told where a finding has one", () => {
  const severityOf = (source: string) => ({ severities: [{ source, severity: "low", statement: "" }] as const });
  const told = (since: string, ...sources: readonly string[]): string | undefined =>
    remarkOnSeverities(
      { behind: [{ feed: "nvd", name: "2024", since }] },
      { findings: sources.map(severityOf), now, limits },
    );
  expect(told("2025-01-01T00:00:00Z", "NVD", "GitHub")).toBe(
    "the severity of one finding is what NVD said 59 days ago; run `plimsoll db update`",
  );
  expect(told("2025-01-01T00:00:00Z", "NVD", "NVD")).toContain("the severities of 2 findings are");
  expect(told("2025-01-01T00:00:00Z", "GitHub")).toBeUndefined();
  expect(told("2025-02-10T00:00:00Z", "NVD")).toBeUndefined();
});

import { expect, test } from "vitest";
import type { PartBehind } from "../../model/findings/advisory.ts";
import { isPartAbout, tableTitles } from "./choose-feeds.ts";
import {
  type DatabaseAgeLimits,
  hasOldParts,
  remarkOnAge,
  remarkOnSeverities,
  remarksOnParts,
  remarksOnTables,
  remarksOnUndatedParts,
} from "./database-age.ts";
import { limitsOf } from "./limits-of.ts";

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

test("a database that has no build date is refused", () => {
  for (const time of ["", "yesterday"]) expect(() => builtAt(time)).toThrow("has no build date");
});

test("a date in the future is remarked on, but for clocks that differ", () => {
  expect(builtAt("2025-03-01T12:00:00Z")).toBeUndefined();
  expect(builtAt("2025-03-11T00:00:00Z")).toBe(
    "the build date of the database is 10 days in the future; check the clock",
  );
});

test("a date in the future passes no limit that was set, and leaves the question of a scan open", () => {
  const status = { kind: "file", path: "a.sqlite", source: "", records: 1, ecosystems: [], parts: [] } as const;
  const future = { ...status, builtAt: "2999-01-01T00:00:00Z" };
  const set = { ...limits, set: { refuseDays: 30 } };
  expect(() => remarkOnAge(future, { now, limits: set })).toThrow("days in the future; check the clock");
  expect(limitsOf(future, { now, limits }).open).toEqual(limitsOf(future, { now, limits }).all);
  expect(limitsOf(future, { now, limits }).open).toHaveLength(1);
  expect(limitsOf({ ...status, builtAt: "2025-02-20T00:00:00Z" }, { now, limits }).open).toEqual([]);
});

test("a part that is dated in the future leaves open what it is about, and passes no limit that was set", () => {
  const npm = { feed: "osv", name: "npm", since: "2999-01-01T00:00:00Z" };
  const about = { ecosystems: ["npm", "PyPI"], isAbout: isPartAbout, now };
  expect(hasOldParts({ behind: [npm] }, { now, limits })).toBe(true);
  expect(remarksOnUndatedParts({ behind: [npm] }, about)).toEqual([
    "the advisories of npm are dated in the future; their age is unknown",
  ]);
  expect(remarks(["npm"], npm)).toEqual([]);
  const set = { ...limits, set: { refuseDays: 30 } };
  expect(() => remarksOnParts({ behind: [npm] }, { ...about, limits: set })).toThrow("the advisories of npm");
  const kev = { feed: "kev", name: "catalogue", since: "2999-01-01T00:00:00Z" };
  expect(remarksOnTables({ behind: [kev] }, { titles: tableTitles(false), now, limits: set })).toEqual([
    "the data from CISA Known Exploited Vulnerabilities is dated in the future; its age is unknown",
  ]);
});

test("a part of unknown age hides neither the refusal nor the age of another", () => {
  const undated = { feed: "amazon", name: "2/core", since: "2999-01-01T00:00:00Z" };
  const old = { feed: "amazon", name: "2023/core", since: "2025-01-01T00:00:00Z" };
  for (const behind of [
    [undated, old],
    [old, undated],
  ]) {
    expect(() => remarks(["Amazon Linux"], ...behind)).toThrow(
      "the advisories of Amazon Linux in a.sqlite are 59 days",
    );
  }
  const older = { ...old, since: "2025-02-10T00:00:00Z" };
  expect(remarks(["Amazon Linux"], undated, older)[0]).toContain("19 days ago");
  const set = { ...limits, set: { refuseDays: 30 } };
  const about = { ecosystems: ["Amazon Linux"], isAbout: isPartAbout, now, limits: set };
  expect(() => remarksOnParts({ behind: [undated, older] }, about)).toThrow("their age is unknown");
  const severities = [{ source: "NVD", severity: "low", statement: "" }] as const;
  const nvdTables = (...since: readonly string[]): string | undefined =>
    remarkOnSeverities(
      { behind: since.map((time, index) => ({ feed: "nvd", name: `${index}`, since: time })) },
      { findings: [{ severities }], now, limits },
    );
  expect(nvdTables("2999-01-01T00:00:00Z", "2025-01-01T00:00:00Z")).toContain("59 days old");
  expect(nvdTables("2999-01-01T00:00:00Z", "2025-02-10T00:00:00Z")).toContain("NVD data of unknown age");
});

test("a part that is older than the database counts for what a target is compared with", () => {
  const debian = { feed: "debian", name: "all", since: "2025-02-10T00:00:00Z" };
  const npm = { feed: "osv", name: "npm", since: "2025-01-01T00:00:00Z" };
  expect(remarks(["Debian"], debian, npm)).toEqual([
    "the advisories of Debian were last updated 19 days ago; run `plimsoll db update`",
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
    "the data from CISA Known Exploited Vulnerabilities was last updated 19 days ago; run `plimsoll db update`",
    "the data from FIRST EPSS was last updated 425 days ago; run `plimsoll db update`",
  ];
  expect(told(false)).toEqual(ofBoth);
  expect(told(true)).toEqual([
    ...ofBoth,
    "the data from endoflife.date was last updated 59 days ago; run `plimsoll db update`",
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
    "the severity of one finding is from NVD data that is 59 days old; run `plimsoll db update`",
  );
  expect(told("2025-01-01T00:00:00Z", "NVD", "NVD")).toContain("the severities of 2 findings are");
  expect(told("2025-01-01T00:00:00Z", "GitHub")).toBeUndefined();
  expect(told("2025-02-10T00:00:00Z", "NVD")).toBeUndefined();
});

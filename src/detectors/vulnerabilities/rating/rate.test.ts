import { expect, test } from "vitest";
import {
  type Advisory,
  type Affected,
  extensionKey,
  type SeverityStatement,
} from "../../../model/findings/advisory.ts";
import { basisOf, opinionsOf, opinionsOfStatements, statusOf, statusReasonOf } from "./rate.ts";

const v2 = { type: "CVSS_V2", score: "AV:N/AC:L/Au:N/C:P/I:P/A:P" };
const v3 = { type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" };
const v4 = { type: "CVSS_V4", score: "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N" };

function opinions(record: Partial<Advisory>, entry: Affected = {}): ReturnType<typeof opinionsOf> {
  return opinionsOf({ id: "GHSA-1", modified: "2024-01-01T00:00:00Z", ...record }, entry);
}

/** Source and severity of each opinion, in order. */
function told(record: Partial<Advisory>, entry?: Affected): string[] {
  return opinions(record, entry).map(({ source, severity, score }) => [source, severity, score ?? ""].join(" ").trim());
}

function withOpinions(severities: readonly SeverityStatement[]): Partial<Advisory> {
  return { database_specific: { [extensionKey]: { severities } } };
}

test("the newest vector counts first, the entry's before the record's, and the others stay", () => {
  expect(told({ severity: [v2, v3, v4] })).toEqual(["GitHub high 7.1", "GitHub critical 9.8", "GitHub high 7.5"]);
  expect(opinions({ severity: [v4] }, { severity: [v3] })[0]).toEqual({
    source: "GitHub",
    severity: "critical",
    score: 9.8,
    statement: v3.score,
    rank: 1,
  });
});

test("an ecosystem's database is heard by its vectors, then by its words", () => {
  expect(told({ severity: [v4], database_specific: { severity: "LOW" } })).toEqual(["GitHub high 7.1", "GitHub low"]);
});

test("a distribution is heard by its word before the vectors that it repeats", () => {
  const ubuntu = { id: "UBUNTU-CVE-2024-1", severity: [v3, { type: "Ubuntu", score: "low" }] };
  expect(told(ubuntu)).toEqual(["Ubuntu low", "Ubuntu critical 9.8"]);
  const redHat = withOpinions([
    { source: "NVD", type: "CVSS_V3", score: v3.score },
    { source: "Red Hat", type: "CVSS_V2", score: v2.score },
    { source: "Red Hat", type: "word", score: "Moderate" },
  ]);
  expect(told({ id: "REDHAT-CVE-2024-1", ...redHat })).toEqual([
    "Red Hat medium",
    "Red Hat high 7.5",
    "NVD critical 9.8",
  ]);
});

test("each opinion has the name of who gave the record its id, and those repeated have their own", () => {
  const ids = ["GHSA-1", "PYSEC-1", "RUSTSEC-1", "DEBIAN-CVE-1", "USN-1", "ALSA-1", "RHSA-1", "CVE-2024-1"];
  const entry = { package: { ecosystem: "Bitnami:x", name: "a" }, severity: [v3] };
  expect(ids.map((id) => opinions({ id }, entry)[0]?.source)).toEqual([
    ...["GitHub", "PyPA", "RustSec", "Debian", "Ubuntu", "AlmaLinux", "Red Hat", "Bitnami"],
  ]);
});

test("without a vector the publisher's word counts", () => {
  expect(opinions({ database_specific: { severity: "MODERATE" } }).map(basisOf)).toEqual(["severity: MODERATE"]);
  expect(told({ severity: [{ type: "Ubuntu", score: "high" }] })).toEqual(["GitHub high"]);
  expect(told({}, { ecosystem_specific: { urgency: "low" } })).toEqual(["GitHub low"]);
  expect(opinions({ summary: "Important: kernel security update" }).map(basisOf)).toEqual(["summary: Important"]);
  expect(told({ id: "MAL-2024-1" })).toEqual(["OpenSSF critical"]);
  expect(told({}, { database_specific: { categories: ["malicious"] } })).toEqual(["GitHub critical"]);
});

test("what says nothing has no opinion", () => {
  expect(told({})).toEqual([]);
  expect(told({ severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N" }] })).toEqual([]);
  expect(told({}, { ecosystem_specific: { urgency: "not yet assigned" } })).toEqual([]);
});

test("a publisher's word that there is no danger outweighs a vector", () => {
  expect(told({ severity: [v3] }, { ecosystem_specific: { urgency: "unimportant" } })[0]).toBe("GitHub negligible");
  expect(told({ severity: [v3, { type: "Ubuntu", score: "negligible" }] })[0]).toBe("GitHub negligible");
  expect(told({}, { database_specific: { informational: "unmaintained" } })[0]).toBe("GitHub negligible");
  const debian = withOpinions([{ source: "Debian", type: "word", score: "unimportant" }]);
  expect(told({ id: "DEBIAN-CVE-2024-1", severity: [v3], ...debian })[0]).toBe("Debian negligible");
});

test("a bug fix that names no CVE is negligible", () => {
  expect(told({ id: "ALBA-2024:1", summary: "tool bug fix update" })).toEqual(["AlmaLinux negligible"]);
  expect(told({ id: "ALBA-2024:1", related: ["CVE-2024-1"] })).toEqual([]);
});

test("of a side table NVD counts before whoever is not known, and the newest version first", () => {
  const statements: readonly SeverityStatement[] = [
    { source: "someone", type: "CVSS_V3", score: v3.score },
    { source: "NVD", type: "CVSS_V2", score: v2.score },
    { source: "NVD", type: "CVSS_V3", score: v3.score },
    { source: "NVD", type: "CVSS_V3", score: "no vector" },
    { source: "GitHub", type: "word", score: "HIGH" },
  ];
  expect(opinionsOfStatements(statements).map(({ source, score }) => [source, score])).toEqual([
    ["GitHub", undefined],
    ["NVD", 9.8],
    ["NVD", 7.5],
    ["someone", 9.8],
  ]);
});

test("the publisher's status is read in its own words", () => {
  expect(statusOf({ ecosystem_specific: { urgency: "end-of-life" } })).toBe("end-of-life");
  expect(statusOf({ database_specific: { status: "Will not fix" } })).toBe("will-not-fix");
  expect(statusOf({ ecosystem_specific: { urgency: "low" } })).toBeUndefined();
  expect(statusOf({})).toBeUndefined();
});

test("the extension's status counts before the record's words, and its reason is kept short", () => {
  const entry = { database_specific: { [extensionKey]: { status: "fix-deferred", reason: "x".repeat(400) } } };
  expect(statusOf({ ...entry, ecosystem_specific: { urgency: "end-of-life" } })).toBe("fix-deferred");
  expect(statusReasonOf(entry)).toHaveLength(300);
  expect(statusReasonOf({})).toBeUndefined();
});

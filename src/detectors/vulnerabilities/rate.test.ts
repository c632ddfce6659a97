import { expect, test } from "vitest";
import type { Advisory, Affected } from "../../model/advisory.ts";
import { severityOfScore } from "./cvss.ts";
import { rate, statusOf } from "./rate.ts";

const v3 = { type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" };
const v4 = { type: "CVSS_V4", score: "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N" };

function rating(record: Partial<Advisory>, entry: Affected = {}): ReturnType<typeof rate> {
  return rate({ id: "X-1", modified: "2024-01-01T00:00:00Z", ...record }, entry);
}

test("scores fall into the words of the specification", () => {
  const words = [0, 0.1, 3.9, 4, 6.9, 7, 8.9, 9, 10].map(severityOfScore);
  expect(words).toEqual(["negligible", "low", "low", "medium", "medium", "high", "high", "critical", "critical"]);
});

test("the newest vector counts, the entry's before the record's", () => {
  expect(rating({ severity: [v3, v4] })).toMatchObject({ severity: "high", score: 7.1 });
  expect(rating({ severity: [v4] }, { severity: [v3] })).toEqual({
    severity: "critical",
    score: 9.8,
    basis: `${v3.score} = 9.8`,
  });
});

test("without a vector the publisher's word counts", () => {
  expect(rating({ database_specific: { severity: "MODERATE" } })).toEqual({
    severity: "medium",
    basis: "severity: MODERATE",
  });
  expect(rating({ severity: [{ type: "Ubuntu", score: "high" }] }).severity).toBe("high");
  expect(rating({}, { ecosystem_specific: { urgency: "low" } }).severity).toBe("low");
  expect(rating({ summary: "Important: kernel security update" })).toEqual({
    severity: "high",
    basis: "summary: Important",
  });
  expect(rating({ id: "MAL-2024-1" }).severity).toBe("critical");
  expect(rating({}, { database_specific: { categories: ["malicious"] } }).severity).toBe("critical");
});

test("what says nothing is unknown", () => {
  expect(rating({})).toEqual({ severity: "unknown" });
  expect(rating({ severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N" }] })).toEqual({ severity: "unknown" });
  expect(rating({}, { ecosystem_specific: { urgency: "not yet assigned" } }).severity).toBe("unknown");
});

test("a publisher's word that there is no danger outweighs a vector", () => {
  expect(rating({ severity: [v3] }, { ecosystem_specific: { urgency: "unimportant" } }).severity).toBe("negligible");
  expect(rating({ severity: [v3, { type: "Ubuntu", score: "negligible" }] }).severity).toBe("negligible");
  expect(rating({}, { database_specific: { informational: "unmaintained" } }).severity).toBe("negligible");
});

test("a bug fix that names no CVE is negligible", () => {
  expect(rating({ id: "ALBA-2024:1", summary: "tool bug fix update" }).severity).toBe("negligible");
  expect(rating({ id: "ALBA-2024:1", related: ["CVE-2024-1"] }).severity).toBe("unknown");
});

test("the publisher's status is read in its own words", () => {
  expect(statusOf({ ecosystem_specific: { urgency: "end-of-life" } })).toBe("end-of-life");
  expect(statusOf({ database_specific: { status: "Will not fix" } })).toBe("will-not-fix");
  expect(statusOf({ ecosystem_specific: { urgency: "low" } })).toBeUndefined();
  expect(statusOf({})).toBeUndefined();
});

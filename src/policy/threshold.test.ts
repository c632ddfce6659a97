import { expect, test } from "vitest";
import type { Finding, Severity } from "../model/findings/finding.ts";
import { judge } from "./threshold.ts";

function finding(severity: Severity): Finding {
  return {
    kind: "vulnerability",
    id: "CVE-2021-44228",
    aliases: [],
    severity,
    severities: [],
    status: "affected",
    evidence: [],
    package: { name: "a", version: "1", type: "npm", purl: "pkg:npm/a@1", paths: [], layer: null },
  };
}

const clean = { findings: [], problems: [], limits: [] };
const problem = { code: "unreadable", message: "a layer is damaged" } as const;

test("allows what was examined and has no findings, where a threshold was set", () => {
  expect(judge(clean, "low")).toEqual({ decision: "allowed", reasons: ["no finding of severity low or worse"] });
});

test("denies from the threshold on and not below it", () => {
  const results = { ...clean, findings: [finding("high"), finding("medium")] };
  expect(judge(results, "critical").decision).toBe("allowed");
  expect(judge(results, "high")).toEqual({ decision: "denied", reasons: ["1 finding of severity high or worse"] });
  expect(judge(results, "low")).toEqual({ decision: "denied", reasons: ["2 findings of severity low or worse"] });
});

test("denies for a negligible finding only when the threshold is negligible", () => {
  const results = { ...clean, findings: [finding("negligible")] };
  expect(judge(results, "low").decision).toBe("allowed");
  expect(judge(results, "negligible")).toEqual({
    decision: "denied",
    reasons: ["1 finding of severity negligible or worse"],
  });
});

test.each([
  [[], "no findings"],
  [[finding("critical")], "1 finding"],
  [[finding("critical"), finding("low")], "2 findings"],
])("allows nothing without a threshold, and counts the findings (%#)", (findings, count) => {
  expect(judge({ ...clean, findings })).toEqual({
    decision: "not-judged",
    reasons: [`${count}; no policy or --fail-on given`],
  });
});

test("says what was not examined before the missing policy", () => {
  expect(judge({ findings: [finding("critical")], problems: [problem], limits: ["half a feed"] })).toEqual({
    decision: "cannot-tell",
    reasons: ["1 problem left something unexamined", "half a feed", "1 finding; no policy or --fail-on given"],
  });
});

test("cannot tell when something was left unexamined, with and without a threshold", () => {
  for (const threshold of [undefined, "high"] as const) {
    expect(judge({ ...clean, problems: [problem] }, threshold).decision).toBe("cannot-tell");
    expect(judge({ ...clean, limits: ["half a feed"] }, threshold).decision).toBe("cannot-tell");
  }
});

test("denies although something was left unexamined", () => {
  expect(judge({ findings: [finding("critical")], problems: [problem], limits: [] }, "high").decision).toBe("denied");
});

test("cannot tell about a finding that nobody rated once there is a threshold", () => {
  const results = { ...clean, findings: [finding("unknown")] };
  expect(judge(results, "critical")).toEqual({ decision: "cannot-tell", reasons: ["1 finding without a severity"] });
  expect(judge(results).decision).toBe("not-judged");
});

test("doubts about severities count where a threshold makes the severities decide", () => {
  const results = { ...clean, findings: [finding("low")], severityLimits: ["the severities are old"] };
  expect(judge(results)).toEqual({
    decision: "not-judged",
    reasons: ["1 finding; no policy or --fail-on given"],
  });
  expect(judge(results, "high")).toEqual({ decision: "cannot-tell", reasons: ["the severities are old"] });
  expect(judge(results, "low").decision).toBe("denied");
});

import { expect, test } from "vitest";
import type { DatabasePart } from "../model/findings/advisory.ts";
import type { Finding } from "../model/findings/finding.ts";
import { findingLines, percent } from "./explain-finding.ts";
import { completeReport } from "./fixtures/complete-report.ts";

function part(feed: string, name: string, updatedAt = "2026-03-06T05:30:00Z"): DatabasePart {
  return { feed, revision: 1, name, items: 1, updatedAt };
}

function originOf(ecosystem: string, parts: readonly DatabasePart[]): string | undefined {
  const [finding] = completeReport.findings;
  const evidence = (finding?.evidence ?? []).map((one) => ({ ...one, ecosystem }));
  const text = [...findingLines({ ...(finding as Finding), evidence }, { ...completeReport, parts })].join("");
  return /from the feed (.*)\n/.exec(text)?.[1];
}

test("a record comes from the feed of its ecosystem, in the part of its release", () => {
  const parts = [
    part("alpine", "v3.18/main"),
    part("alpine", "v3.19/main"),
    part("osv", "npm"),
    part("debian", "debian"),
  ];
  expect(originOf("Alpine:v3.19", parts)).toBe("alpine, part v3.19/main, as of 2026-03-06");
  expect(originOf("npm", parts)).toBe("osv, part npm, as of 2026-03-06");
  expect(originOf("Debian:12", parts)).toBe("debian, as of 2026-03-06");
  expect(originOf("Maven", parts)).toBeUndefined();
});

test("of several parts the latest tells how new the feed is", () => {
  const parts = [part("alpine", "v3.19/main", "2026-03-01T00:00:00Z"), part("alpine", "v3.19/community")];
  expect(originOf("Alpine:v3.19", parts)).toBe("alpine, as of 2026-03-06");
});

test.each([
  [0, "0.00%"],
  [0.00004, "<0.01%"],
  [0.00005, "0.01%"],
  [0.00042, "0.04%"],
  [0.0321, "3.2%"],
  [0.94215, "94%"],
  [0.991, "99.1%"],
  [0.9998, "99.98%"],
  [0.99999, "99.99%"],
  [1, "100%"],
])("a share of %d is %s", (share, text) => {
  expect(percent(share)).toBe(text);
});

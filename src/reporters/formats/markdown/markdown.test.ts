import { expect, test } from "vitest";
import type { Report } from "../../../model/reports/report.ts";
import { completeCheckReport } from "../../fixtures/complete-check-report.ts";
import { completeRegistryReport } from "../../fixtures/complete-registry-report.ts";
import { completeReport } from "../../fixtures/complete-report.ts";
import { completeWorkloadReport } from "../../fixtures/complete-workload-report.ts";
import { hostileReport, sampleReport, shopReport } from "../../fixtures/sample-reports.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { checkMarkdown, registryMarkdown, scanMarkdown, workloadsMarkdown } from "./markdown.ts";

const everyReport = {
  scan: () => scanMarkdown(completeReport),
  shop: () => scanMarkdown(shopReport),
  hostile: () => scanMarkdown(hostileReport),
  empty: () => scanMarkdown(sampleReport([])),
  check: () => checkMarkdown(completeCheckReport),
  registry: () => registryMarkdown(completeRegistryReport),
  workloads: () => workloadsMarkdown(completeWorkloadReport),
};

test.each(Object.entries(everyReport))("%s: tables are whole and nothing of the report is markup", (_, write) => {
  const text = [...write()].join("");
  expect([...write()].join("")).toBe(text);
  let width = 0;
  for (const line of text.split("\n")) {
    if (!line.startsWith("|")) {
      width = 0;
      if (!/^<\/?details>/.test(line)) expect(line).not.toMatch(/[<@]/);
      continue;
    }
    const cells = line.replace(/\\./g, "").split("|").length;
    if (width > 0) expect(cells, line).toBe(width);
    width = cells;
  }
});

test("the verdict comes first, then what to do, then everything", () => {
  const headings = [...scanMarkdown(shopReport)].join("").match(/^#.*|(?<=<summary>)[^<]*/gm);
  expect(headings?.[0]).toContain("denied");
  expect(headings?.[1]).toContain("What to do first");
  expect(headings).toContain(`All findings (${shopReport.findings.length})`);
});

test("a report of 30,000 findings fits a comment and says how many are left out", () => {
  const [finding] = shopReport.findings;
  if (!finding) throw new Error("the sample has findings");
  const findings = Array.from({ length: 30_000 }, (_, index) => ({
    ...finding,
    id: `CVE-2020-${index}`,
    summary: "\u{1f600}".repeat(10_000),
  }));
  const many: Report = { ...shopReport, findings };
  const text = [...scanMarkdown(many)].join("");
  expect(Buffer.byteLength(text)).toBeLessThan(65_536);
  expect(text).toMatch(/[\d,]+ findings left out/);
});

test.each([
  ["a|b", "a\\|b"],
  ["<script>", "&lt;script\\>"],
  ["@team", "&#64;team"],
  ["[x](y)", "\\[x\\](y)"],
  ["https://example.test", "https&#58;//example.test"],
  ["WWW.example.test", "WWW&#46;example.test"],
  ["two\nlines", "two lines"],
  ["&lt;", "&amp;lt;"],
  ["- a-b", "\\- a-b"],
  ["#1", "\\#1"],
])("%j is written as %j", (text, written) => {
  expect(escapeMarkdown(text)).toBe(written);
});

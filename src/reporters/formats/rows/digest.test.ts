import { describe, expect, test } from "vitest";
import type { Report } from "../../../model/reports/report.ts";
import { completeCheckReport } from "../../fixtures/complete-check-report.ts";
import { completeRegistryReport } from "../../fixtures/complete-registry-report.ts";
import { completeReport } from "../../fixtures/complete-report.ts";
import { completeWorkloadReport } from "../../fixtures/complete-workload-report.ts";
import { hostileReport, shopReport } from "../../fixtures/sample-reports.ts";
import { githubAnnotations } from "../github/github.ts";
import { slackMessage } from "../slack/slack.ts";
import { teamsMessage } from "../teams/teams.ts";
import type { ResultRow } from "./result-row.ts";
import { rowsOf } from "./rows-of.ts";

const [finding] = shopReport.findings;
if (!finding) throw new Error("the sample has findings");
const many: Report = {
  ...shopReport,
  findings: Array.from({ length: 5000 }, (_, index) => ({
    ...finding,
    id: `CVE-2020-${index}`,
    severity: index % 2 === 0 ? "low" : "critical",
    package: { ...finding.package, name: "\u{1f600}<!channel>[a](https://x.test)\n::error::".repeat(100) },
  })),
};
const rows: Readonly<Record<string, () => Iterable<ResultRow>>> = {
  scan: () => rowsOf.scan(completeReport),
  shop: () => rowsOf.scan(shopReport),
  hostile: () => rowsOf.scan(hostileReport),
  many: () => rowsOf.scan(many),
  check: () => rowsOf.check(completeCheckReport),
  registry: () => rowsOf.registry(completeRegistryReport),
  workloads: () => rowsOf.workloads(completeWorkloadReport),
};

describe.each(Object.entries(rows))("of %s", (_, read) => {
  test("GitHub gets at most ten commands of a kind, one on each line, the verdict first", () => {
    const lines = [...githubAnnotations(read())].join("").trimEnd().split("\n");
    for (const line of lines) expect(line).toMatch(/^::(?:error|warning|notice) (?:[a-z]+=[^,:]*,?)+::[^\n]*$/);
    for (const kind of ["error", "warning", "notice"]) {
      expect(lines.filter((line) => line.startsWith(`::${kind} `)).length).toBeLessThanOrEqual(10);
    }
    expect(lines[0]).toContain("title=Plimsoll");
  });

  test("Slack gets blocks of plain text inside its limits", () => {
    const { text, blocks } = JSON.parse([...slackMessage(read())].join("")) as {
      text: string;
      blocks: { type: string; text: { type: string; text: string } }[];
    };
    expect(text).not.toMatch(/[<>]/);
    expect(blocks[0]?.text.text.length).toBeLessThanOrEqual(150);
    for (const block of blocks) {
      expect(block.text.type).toBe("plain_text");
      expect(block.text.text.length).toBeLessThanOrEqual(3000);
    }
  });

  test("Teams gets a card of text runs below 28 KB", () => {
    const text = [...teamsMessage(read())].join("");
    expect(Buffer.byteLength(text)).toBeLessThan(28_000);
    const { attachments } = JSON.parse(text) as { attachments: { content: { body: { type: string }[] } }[] };
    expect(new Set(attachments[0]?.content.body.map(({ type }) => type))).toEqual(new Set(["RichTextBlock"]));
  });
});

test("the worst findings come first, and the others are counted", () => {
  const text = [...githubAnnotations(rowsOf.scan(many))].join("");
  expect(text.match(/^::error file|^::error title=critical/gm)).toHaveLength(9);
  expect(text).toContain("4,991 more findings not shown");
  expect([...slackMessage(rowsOf.scan(many))].join("")).toContain("and 4992 more");
});

test("a failed check is an annotation on its line", () => {
  expect([...githubAnnotations(rowsOf.check(completeCheckReport))].join("")).toMatch(
    /^::error file=compose\.yaml,line=3,title=critical docker\/container-privileged::/m,
  );
});

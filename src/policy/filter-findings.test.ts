import { expect, test } from "vitest";
import type { Severity } from "../model/findings/finding.ts";
import type { FindingFilter } from "../model/findings/finding-filter.ts";
import { completeRegistryReport } from "../reporters/fixtures/complete-registry-report.ts";
import { completeReport } from "../reporters/fixtures/complete-report.ts";
import { filterRegistryReport, filterReport } from "./filter-findings.ts";

const [finding] = completeReport.findings;
if (!finding) throw new Error("there should be a finding");
const { fixedIn: _fixed, channelFix: _channel, ...unfixed } = finding;
const of = (severity: Severity, fixedIn?: string) => ({
  ...unfixed,
  severity,
  ...(fixedIn !== undefined && { fixedIn }),
});
const report = {
  ...completeReport,
  secrets: [],
  malware: [],
  findings: [of("critical", "2"), of("critical"), of("high", "2"), of("unknown")],
};
test("leaves out secrets and malware of other severities", () => {
  const { secrets = [], malware = [] } = completeReport;
  const filter = { severities: ["low"], ignoreUnfixed: true } as const;
  const filtered = filterReport({ ...completeReport, findings: [] }, filter);
  const { leftOut } = filtered.filter ?? {};
  expect([filtered.secrets, filtered.malware, leftOut]).toEqual([[], [], secrets.length + malware.length]);
});

const every = ["critical", "high", "medium", "low", "negligible", "unknown"] as const;

test.each<[FindingFilter, string[]]>([
  [{ severities: ["critical"], ignoreUnfixed: false }, ["critical 2", "critical -"]],
  [{ severities: every, ignoreUnfixed: true }, ["critical 2", "high 2"]],
  [{ severities: ["critical", "unknown"], ignoreUnfixed: true }, ["critical 2"]],
  [{ severities: ["low"], ignoreUnfixed: false }, []],
  [{ severities: every, ignoreUnfixed: false }, ["critical 2", "critical -", "high 2", "unknown -"]],
])("%j leaves out the others, counts them, and keeps the verdict", (filter, shown) => {
  const filtered = filterReport(report, filter);
  expect(filtered.findings.map(({ severity, fixedIn = "-" }) => `${severity} ${fixedIn}`)).toEqual(shown);
  expect(filtered.filter).toEqual({ ...filter, leftOut: 4 - shown.length });
  expect(filtered).toMatchObject({ verdict: report.verdict, problems: report.problems, packages: report.packages });
});

test("a fix in a channel that is not in use is a fix", () => {
  const channelFix = { channel: "esm", version: "2" } as const;
  const filtered = filterReport(
    { ...report, findings: [{ ...of("high"), channelFix }] },
    { severities: every, ignoreUnfixed: true },
  );
  expect(filtered.findings).toHaveLength(1);
});

test("without a filter a report stays as it is", () => {
  expect(filterReport(report, undefined)).toBe(report);
  expect(filterRegistryReport(completeRegistryReport, undefined)).toBe(completeRegistryReport);
});

test("findings of a registry are left out of each image, and counted once for an image in two repositories", () => {
  const [image] = completeRegistryReport.images;
  const [one] = image?.findings ?? [];
  if (!image || !one) throw new Error("there should be a finding");
  const findings = [
    { ...one, severity: "critical" as const },
    { ...one, severity: "low" as const },
  ];
  const images = [
    { ...image, findings },
    { ...image, repository: "team/copy", findings },
  ];
  const filter = { severities: ["critical"], ignoreUnfixed: false } as const;
  const filtered = filterRegistryReport({ ...completeRegistryReport, images }, filter);
  expect(filtered.filter).toEqual({ ...filter, leftOut: 1 });
  for (const each of [[...filtered.images], [...filtered.images]].flat()) {
    expect(each).toMatchObject({ severities: { critical: 1 }, verdict: image.verdict });
    expect(each.findings.map(({ severity }) => severity)).toEqual(["critical"]);
  }
});

import { gzipSync } from "node:zlib";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { corpusJson, describeWithCorpus } from "../../../../tests/setup/corpus.ts";
import type { Report } from "../../../model/reports/report.ts";
import { completeCheckReport } from "../../fixtures/complete-check-report.ts";
import { completeRegistryReport } from "../../fixtures/complete-registry-report.ts";
import { completeReport } from "../../fixtures/complete-report.ts";
import { completeWorkloadReport } from "../../fixtures/complete-workload-report.ts";
import { hostileReport, type SamplePackage, sampleReport, shopReport } from "../../fixtures/sample-reports.ts";
import { mostCompressedBytes, mostResults, mostRuns } from "./limits.ts";
import { checkSarif, registrySarif, scanSarif, workloadsSarif } from "./sarif.ts";
import type { SarifRun } from "./sarif-log.ts";
import { levelOf, securitySeverity } from "./sarif-severity.ts";

function read(pieces: Iterable<string>): { readonly text: string; readonly runs: readonly SarifRun[] } {
  const text = [...pieces].join("");
  return { text, runs: JSON.parse(text).runs };
}

const everyReport = {
  scan: () => scanSarif(completeReport),
  shop: () => scanSarif(shopReport),
  hostile: () => scanSarif(hostileReport),
  empty: () => scanSarif(sampleReport([])),
  check: () => checkSarif(completeCheckReport),
  registry: () => registrySarif(completeRegistryReport),
  workloads: () => workloadsSarif(completeWorkloadReport),
};

describeWithCorpus("SARIF follows the schema of OASIS", () => {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  // The schema names draft 4 and has no keyword that later drafts read otherwise.
  const {
    $schema: _,
    id: __,
    ...schema
  } = corpusJson<{ readonly $schema: string; readonly id: string }>("platform/ci/schemas", "sarif-2.1.0.schema.json");
  const validate = ajv.compile(schema);

  test.each(Object.entries(everyReport))("%s, the same bytes twice", (_, write) => {
    const { text } = read(write());
    expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(read(write()).text).toBe(text);
  });
});

test("every result has a rule, a place and a fingerprint of its own", () => {
  for (const write of Object.values(everyReport)) {
    for (const { tool, results, automationDetails } of read(write()).runs) {
      expect(automationDetails.id).toMatch(/^plimsoll\/.+\/$/);
      const prints = results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
      expect(new Set(prints).size).toBe(results.length);
      for (const { ruleId, ruleIndex, locations } of results) {
        expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
        expect(locations[0]?.physicalLocation.artifactLocation.uri).not.toBe("");
      }
    }
  }
});

test("a fingerprint outlives an upgrade and a change of the order", () => {
  const lodash = (version: string): SamplePackage => ({
    type: "npm",
    path: "app/node_modules/lodash/package.json",
    layer: 1,
    name: "lodash",
    version,
    findings: [["CVE-2021-23337", "high"]],
  });
  const other: SamplePackage = {
    type: "npm",
    path: "app/node_modules/minimist/package.json",
    layer: 1,
    name: "minimist",
    version: "1.0.0",
    findings: [["CVE-2021-44906", "low"]],
  };
  const [before] = read(scanSarif(sampleReport([lodash("4.17.15"), other]))).runs;
  const [after] = read(scanSarif(sampleReport([other, lodash("4.17.16")]))).runs;
  const prints = (run: SarifRun | undefined) => run?.results.map((one) => [one.ruleId, one.partialFingerprints]);
  expect(prints(after)).toEqual(prints(before));
});

test("30,000 findings: the worst that GitHub shows, and the number that was left out", () => {
  const [finding] = shopReport.findings;
  if (!finding) throw new Error("the sample has findings");
  const findings = Array.from({ length: 30_000 }, (_, index) => ({
    ...finding,
    id: `CVE-2020-${10_000 + index}`,
    severity: index % 7 === 0 ? ("critical" as const) : ("low" as const),
    summary: "a".repeat(100_000),
  }));
  const many: Report = { ...shopReport, findings };
  const { text, runs } = read(scanSarif(many));
  const [run] = runs;
  expect(run?.results.length).toBe(mostResults);
  expect(run?.results.slice(0, 4286).every(({ level }) => level === "error")).toBe(true);
  expect(run?.properties["leftOut"]).toBe(25_000);
  const notes = run?.invocations[0].toolExecutionNotifications.map(({ message }) => message.text).join("\n");
  expect(notes).toContain("25,000 results of lower severity left out");
  expect(gzipSync(text).toString("base64").length).toBeLessThan(mostCompressedBytes);
});

test("more images than runs in a file: the worst, and the number that was left out", () => {
  const [image] = completeRegistryReport.images;
  if (!image) throw new Error("the fixture has an image");
  const images = Array.from({ length: 50 }, (_, index) => ({
    ...image,
    repository: `team/app-${index}`,
    severities: { critical: index },
  }));
  const { runs } = read(registrySarif({ ...completeRegistryReport, images }));
  expect(runs.length).toBe(mostRuns);
  expect(runs.map(({ automationDetails }) => automationDetails.id)[0]).toContain("app-30");
  expect(JSON.stringify(runs[0]?.invocations)).toContain("30 images left out");
});

test.each([
  ["critical", 9.8, "error", 9.8],
  ["critical", 5, "error", 9.5],
  ["high", 7.5, "error", 7.5],
  ["high", 9.8, "error", 8],
  ["medium", undefined, "warning", 5.5],
  ["low", 3.9, "note", 3.9],
  ["negligible", undefined, "note", 0.1],
  ["unknown", undefined, "warning", 5.5],
] as const)("severity %s with score %s is %s, %s", (severity, score, level, number) => {
  expect([levelOf(severity), securitySeverity(severity, score)]).toEqual([level, number]);
});

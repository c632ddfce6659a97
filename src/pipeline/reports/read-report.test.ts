import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { completeCheckReport } from "../../reporters/fixtures/complete-check-report.ts";
import { completeRegistryReport } from "../../reporters/fixtures/complete-registry-report.ts";
import { completeReport } from "../../reporters/fixtures/complete-report.ts";
import { completeWorkloadReport } from "../../reporters/fixtures/complete-workload-report.ts";
import { hostileReport } from "../../reporters/fixtures/sample-reports.ts";
import { jsonText } from "../../reporters/json.ts";
import { loadBaseline } from "./load-baseline.ts";
import { readReport } from "./read-report.ts";

const folder = temporaryFolder();
const write = (content: string): string => {
  const path = join(folder, "report.json");
  writeFileSync(path, content);
  return path;
};
const textOf = (report: object): string => [...jsonText(report)].join("");

test.each([
  ["scan", completeReport],
  ["scan", hostileReport],
  ["check", completeCheckReport],
  ["registry", completeRegistryReport],
  ["workloads", completeWorkloadReport],
])("a report of %s comes back as it was written", (kind, report) => {
  const read = readReport(write(textOf(report)));
  expect(read.kind).toBe(kind);
  expect(textOf(read.report)).toBe(textOf(report));
});

const without = (name: string): string => JSON.stringify({ ...completeReport, [name]: undefined });

test.each([
  ["{", "is not JSON"],
  ["null", "is not a report of plimsoll"],
  ["[]", "is not a report of plimsoll"],
  ['{"findings": []}', "is not a report of plimsoll"],
  [JSON.stringify({ ...completeReport, schemaVersion: 3 }), "has another version of the report format than 2"],
  [JSON.stringify({ ...completeReport, findings: 1 }), "findings must be array"],
  [JSON.stringify({ ...completeReport, target: { kind: "x", name: "a" } }), "target.kind must be"],
  [without("verdict"), "the report must have required property 'verdict'"],
])("%s is refused", (text, message) => {
  expect(() => readReport(write(text))).toThrow(
    expect.objectContaining({ code: "file-malformed", message: expect.stringContaining(message) }),
  );
});

test.each([
  [completeCheckReport, "is not a report of plimsoll scan"],
  [completeReport, "has only new findings"],
])("what cannot be a baseline is refused (%#)", (report, message) => {
  expect(() => loadBaseline(write(textOf(report)), "scan")).toThrow(message);
});

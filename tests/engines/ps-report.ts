import { expect } from "vitest";
import type { WorkloadReport } from "../../src/model/images/workload.ts";
import { readReportSchema } from "../setup/report-schema.ts";

const { errorsOf } = readReportSchema("ps-report.schema.json");

/** The report that `plimsoll ps --format json` printed, valid by the schema. */
export function psReport(stdout: string): WorkloadReport {
  const report = JSON.parse(stdout) as WorkloadReport;
  expect(errorsOf(report)).toEqual([]);
  return report;
}

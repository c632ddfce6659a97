import { expect } from "vitest";
import type { CheckReport, CheckState } from "../../src/model/checks/check.ts";
import { readReportSchema } from "../setup/report-schema.ts";
import type { RunResult } from "./run-plimsoll.ts";

const { errorsOf } = readReportSchema("check-report.schema.json");

/** The report that a run of `plimsoll check … --format json` printed, valid by the schema. */
export function reportOf({ stdout, stderr }: Pick<RunResult, "stdout" | "stderr">): CheckReport {
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as CheckReport;
  expect(errorsOf(report)).toEqual([]);
  return report;
}

/** `id resource` of the results in a state. */
export function namesIn({ results }: CheckReport, state: CheckState): string[] {
  return results
    .filter((result) => result.state === state)
    .map(({ id, resource }) => (resource === undefined ? id : `${id} ${resource}`));
}

/** `path: code` of the problems, in order. */
export function problemsOf({ problems }: CheckReport): string[] {
  return problems.map(({ code, path }) => `${path ?? "-"}: ${code}`).sort();
}

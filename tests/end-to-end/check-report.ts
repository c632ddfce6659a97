import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { expect } from "vitest";
import type { CheckReport, CheckState } from "../../src/model/check.ts";
import type { RunResult } from "./run-plimsoll.ts";

const schema = join(import.meta.dirname, "../../docs/check-report.schema.json");
const ajv = new Ajv2020({ allErrors: true, strict: true });
formats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(schema, "utf8")));

/** The report that a run of `plimsoll check … --format json` printed, valid by the schema. */
export function reportOf({ stdout, stderr }: Pick<RunResult, "stdout" | "stderr">): CheckReport {
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as CheckReport;
  validate(report);
  expect(validate.errors ?? []).toEqual([]);
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

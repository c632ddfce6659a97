import type { ReportKind, ReportKinds } from "../report-format.ts";
import { checkRows } from "./check-rows.ts";
import type { ResultRow } from "./result-row.ts";
import { registryRows, scanRows } from "./scan-rows.ts";
import { workloadRows } from "./workload-rows.ts";

/** A kind of report with results, which an SBOM is not. */
export type RowKind = Exclude<ReportKind, "sbom">;

/** The rows of each kind of report. */
export const rowsOf: { readonly [Kind in RowKind]: (report: ReportKinds[Kind]) => Iterable<ResultRow> } = {
  scan: scanRows,
  check: checkRows,
  registry: registryRows,
  workloads: workloadRows,
};

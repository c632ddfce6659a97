import { harmlessText } from "../../terminal-text.ts";
import type { ReportWriter } from "../report-format.ts";
import { checkRows } from "../rows/check-rows.ts";
import type { ResultRow } from "../rows/result-row.ts";
import { registryRows, scanRows } from "../rows/scan-rows.ts";
import { workloadRows } from "../rows/workload-rows.ts";

const columns = [
  ...(["type", "subject", "id", "state", "severity", "package", "version"] as const),
  ...(["fixedIn", "location", "message"] as const),
];

/** A scan as CSV: RFC 4180, each cell quoted, and no cell that a spreadsheet takes for a formula. */
export const scanCsv: ReportWriter<"scan"> = (report) => csv(scanRows(report));
/** Checks as CSV, as {@link scanCsv}. */
export const checkCsv: ReportWriter<"check"> = (report) => csv(checkRows(report));
/** A registry as CSV, as {@link scanCsv}. */
export const registryCsv: ReportWriter<"registry"> = (report) => csv(registryRows(report));
/** Running containers as CSV, as {@link scanCsv}. */
export const workloadsCsv: ReportWriter<"workloads"> = (report) => csv(workloadRows(report));

function* csv(rows: Iterable<ResultRow>): Iterable<string> {
  yield line(columns);
  for (const row of rows) yield line(columns.map((column) => row[column]));
}

function line(cells: readonly string[]): string {
  return `${cells.map(cell).join(",")}\r\n`;
}

/** Characters, also full-width ones, with which spreadsheets begin a formula. */
const formula = /^\s*[=+\-@|%＝＋－＠]/u;

function cell(value: string): string {
  const text = harmlessText(value);
  return `"${(formula.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}

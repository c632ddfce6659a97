import type { JudgedWorkload, WorkloadReport } from "../../../model/images/workload.ts";
import { type ResultRow, resultRow, verdictRow } from "./result-row.ts";

/** The rows of running containers: the verdict of each, findings in their image references, what was not listed. */
export function* workloadRows(report: WorkloadReport): Iterable<ResultRow> {
  for (const workload of report.workloads) yield workloadRow(workload);
  for (const { id, severity, image, workloads, pin } of report.findings) {
    yield resultRow({
      ...{ type: "reference", outcome: "failed", subject: image, id, severity, fixedIn: pin ?? "" },
      message: `used by ${workloads.join(", ")}`,
    });
  }
  for (const { engine, message } of report.unlisted) {
    yield resultRow({ type: "problem", outcome: "incomplete", subject: engine, id: "not-listed", message });
  }
}

function workloadRow({ engine, name, image, scan }: JudgedWorkload): ResultRow {
  const subject = `${engine} ${name} (${image})`;
  if (scan === null) {
    const message = "the image was not scanned";
    return resultRow({ type: "verdict", outcome: "incomplete", subject, id: "verdict", state: "not-scanned", message });
  }
  const row = verdictRow(subject, scan.verdict);
  if (scan.stale === undefined) return row;
  const message = `${row.message}; the verdict is stale: ${scan.stale}`;
  return { ...row, outcome: row.outcome === "failed" ? "failed" : "incomplete", message };
}

import type { CheckLocation, CheckReport, CheckState } from "../../../model/checks/check.ts";
import { evidenceText } from "../../evidence-text.ts";
import { type ResultRow, resultRow, verdictRow } from "./result-row.ts";

const outcomes: Readonly<Record<CheckState, ResultRow["outcome"]>> = {
  pass: "passed",
  fail: "failed",
  warn: "incomplete",
  manual: "skipped",
  "not-applicable": "skipped",
  waived: "skipped",
};

/** The rows of checks: every result in every state, what was not examined, and last the verdict. */
export function* checkRows(report: CheckReport): Iterable<ResultRow> {
  const { name } = report.target;
  for (const { id, state, severity, title, resource, location, evidence, reason } of report.results) {
    yield resultRow({
      ...{ type: "check", outcome: outcomes[state], subject: resource ?? name, id, state, severity },
      location: locationText(location),
      message: [title, reason ?? "", ...evidence.map(evidenceText)].filter((text) => text !== "").join("; "),
    });
  }
  for (const { code, message, path = "" } of report.problems) {
    yield resultRow({ type: "problem", outcome: "incomplete", subject: name, id: code, location: path, message });
  }
  yield verdictRow(name, report.verdict);
}

function locationText(location: CheckLocation | undefined): string {
  if (location === undefined) return "";
  return location.line === undefined ? location.path : `${location.path}:${location.line}`;
}

import type { Verdict } from "../../../model/reports/verdict.ts";

/**
 * One result of any report, for formats with one line or entry per result. Texts are as the report has them and not yet
 * escaped; a text that does not apply is empty.
 */
export interface ResultRow {
  /** `problem`: something was not examined. `filter`: findings were left out on request. */
  readonly type: "vulnerability" | "check" | "secret" | "malware" | "reference" | "problem" | "filter" | "verdict";
  /** `incomplete`: the result is not known, and must not count as a pass. */
  readonly outcome: "passed" | "failed" | "skipped" | "incomplete";
  /** The image, container or target that the result is about. */
  readonly subject: string;
  readonly id: string;
  /** The status of the fix, the state of the check, or the decision. */
  readonly state: string;
  readonly severity: string;
  readonly package: string;
  readonly version: string;
  readonly fixedIn: string;
  readonly location: string;
  readonly message: string;
}

/** A row with empty texts in place of those that are not given. */
export function resultRow(row: Pick<ResultRow, "type" | "outcome" | "subject" | "id"> & Partial<ResultRow>): ResultRow {
  return { state: "", severity: "", package: "", version: "", fixedIn: "", location: "", message: "", ...row };
}

const outcomes: Readonly<Record<Verdict["decision"], ResultRow["outcome"]>> = {
  allowed: "passed",
  warned: "passed",
  denied: "failed",
  "cannot-tell": "incomplete",
  "not-judged": "skipped",
};

/** The row of a verdict. */
export function verdictRow(subject: string, { decision, reasons }: Verdict): ResultRow {
  return resultRow({
    type: "verdict",
    outcome: outcomes[decision],
    subject,
    id: "verdict",
    state: decision,
    message: reasons.join("; "),
  });
}

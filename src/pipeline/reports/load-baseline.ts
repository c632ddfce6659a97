import { PlimsollError } from "../../model/error.ts";
import { type Baseline, checkBaseline, findingBaseline } from "../../policy/baseline.ts";
import { readReport } from "./read-report.ts";

/**
 * Reads the report of an earlier scan or check as a baseline. Errors: those of {@link readReport}, and `usage` for a
 * report of another kind, or one that does not have all its findings.
 */
export function loadBaseline(path: string, kind: "scan" | "check"): Baseline {
  const read = readReport(path);
  if (read.kind !== kind || (read.kind !== "scan" && read.kind !== "check")) {
    throw new PlimsollError("usage", `--baseline ${path} is not a report of plimsoll ${kind}`, {
      hint: `Write one with plimsoll ${kind} … --format json --output ${path}`,
    });
  }
  if (read.report.baseline !== undefined) {
    throw new PlimsollError("usage", `--baseline ${path} has only new findings: it was made with --baseline`, {
      hint: "Use a report that was made without --baseline.",
    });
  }
  return read.kind === "scan" ? findingBaseline(read.report, path) : checkBaseline(read.report, path);
}

import type { Report } from "../../model/reports/report.ts";
import { reaches, type Threshold } from "../../policy/threshold.ts";
import { type AnnotationKind, annotation } from "../../reporters/formats/github/annotation.ts";
import { table } from "../../reporters/table.ts";

const columns = 120;
/** GitHub shows so many annotations of a kind for a step. */
const mostAnnotations = 10;

/** The report as a person reads it in a log, without colours. */
export function reportText(report: Report): string {
  return [...table(report, { width: columns, colour: false })].join("");
}

/** Annotations for the worst findings: errors for those that deny, else warnings. A last one counts those left out. */
export function annotations({ findings }: Report, failOn: Threshold | undefined): string {
  const kindOf = (severity: Report["findings"][number]["severity"]): AnnotationKind =>
    failOn !== undefined && reaches(severity, failOn) ? "error" : "warning";
  const kinds = ["error", "warning"] as const;
  const shown = kinds.flatMap((kind) =>
    findings
      .filter(({ severity }) => kindOf(severity) === kind)
      .slice(0, mostAnnotations)
      .map(({ id, severity, package: { name, version }, fixedIn }) => {
        const fix = fixedIn === undefined ? "no fixed version" : `fixed in ${fixedIn}`;
        return annotation(kind, `${severity} ${id}`, `${name} ${version}: ${fix}`);
      }),
  );
  const left = findings.length - shown.length;
  const rest = left === 0 ? "" : annotation("notice", "Plimsoll", `${left} more findings are in the report`);
  return shown.join("") + rest;
}

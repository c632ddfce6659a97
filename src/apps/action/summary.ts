import type { Report } from "../../model/reports/report.ts";
import { trimEnd } from "../../model/text/trim-end.ts";
import { reaches, type Threshold } from "../../policy/threshold.ts";
import { table } from "../../reporters/table.ts";
import { type AnnotationKind, annotation } from "./workflow-commands.ts";

const columns = 120;
/** GitHub shows so many annotations of a kind for a step. */
const mostAnnotations = 10;

/** The report as a person reads it, without colours; with `full`, nothing is shortened. */
export function reportText(report: Report, { full }: { readonly full: boolean }): string {
  return [...table(report, { width: columns, colour: false, full })].join("");
}

/**
 * The report in Markdown, at most `largest` bytes. The text of the report is in a code block that nothing in it can
 * end; of a text that does not fit, the short form is used, and then its last lines with the verdict.
 */
export function markdown(report: Report, largest: number): string {
  const title = `### Plimsoll: ${report.verdict.decision}\n\n`;
  const forms = [true, false].map((full) => title + codeBlock(reportText(report, { full })));
  const fitting = forms.find((form) => Buffer.byteLength(form) <= largest);
  if (fitting !== undefined) return fitting;
  const note = "The beginning of the report is left out, because it is too long.\n\n";
  const lines = reportText(report, { full: false }).split("\n");
  for (let kept = lines.length; kept > 1; kept = Math.floor(kept / 2)) {
    const form = `${title}${note}${codeBlock(lines.slice(-kept).join("\n"))}`;
    if (Buffer.byteLength(form) <= largest) return form;
  }
  return title;
}

function codeBlock(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${trimEnd(text, "\n")}\n${fence}\n`;
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

import type { Report } from "../model/reports/report.ts";
import { groupByPackage } from "./package-groups.ts";
import { fileFindingLines } from "./table-file-findings.ts";
import { type TableOptions, tableWriter } from "./table-layout.ts";
import { isQuiet, packageLines } from "./table-package.ts";
import { advisoryLines, foundLines, headerLines, unexaminedLines, verdictLines } from "./table-summary.ts";

/**
 * The report for a person at a terminal, in lines: what was scanned, then each package with what to do about it, worst
 * first, then the count, what was not examined, what the advisories are, and last the verdict. Plain text without
 * `colour`. With `full` nothing is left out or cut, and a name that is longer than a line stays whole. Nothing that the
 * report holds reaches the terminal as a control character.
 */
export function* table(report: Report, options: TableOptions): Iterable<string> {
  const { columns, full, write } = tableWriter(options);
  const groups = groupByPackage(report);
  yield* write(headerLines(report, columns));
  for (const [index, group] of groups.entries()) {
    const previous = groups[index - 1];
    if (!(previous && isQuiet(previous) && isQuiet(group))) yield "\n";
    yield* write(packageLines(group, { report, columns, full }));
  }
  yield "\n";
  const { scanners = ["vulnerabilities"] } = report;
  const matches = scanners.includes("vulnerabilities");
  if (matches) yield* write(foundLines(report, groups, { columns, full }));
  yield* write(fileFindingLines(report, { columns, full }));
  yield* write(unexaminedLines(report, { columns, full }));
  if (matches) yield* write(advisoryLines(report, columns));
  yield "\n";
  yield* write(verdictLines(report, columns));
}

import { escapeMarkup } from "../../documents/escape-markup.ts";
import type { ReportWriter } from "../report-format.ts";
import { checkRows } from "../rows/check-rows.ts";
import type { ResultRow } from "../rows/result-row.ts";
import { registryRows, scanRows } from "../rows/scan-rows.ts";
import { workloadRows } from "../rows/workload-rows.ts";

/**
 * A scan as JUnit XML, in the form that Jenkins, GitLab and Azure Pipelines read: a test case for each result. Findings
 * are failures. Results that are not known are errors, so an incomplete scan never passes as a test.
 */
export const scanJunit: ReportWriter<"scan"> = (report) => junit("plimsoll scan", () => scanRows(report));
/** Checks as JUnit XML, as {@link scanJunit}. */
export const checkJunit: ReportWriter<"check"> = (report) => junit("plimsoll check", () => checkRows(report));
/** A registry as JUnit XML, as {@link scanJunit}. */
export const registryJunit: ReportWriter<"registry"> = (report) =>
  junit("plimsoll scan --registry", () => registryRows(report));
/** Running containers as JUnit XML, as {@link scanJunit}. */
export const workloadsJunit: ReportWriter<"workloads"> = (report) => junit("plimsoll ps", () => workloadRows(report));

/** Goes over the rows twice, because the counts stand before the test cases. */
function* junit(suite: string, rows: () => Iterable<ResultRow>): Iterable<string> {
  const counts = { passed: 0, failed: 0, skipped: 0, incomplete: 0 };
  for (const { outcome } of rows()) counts[outcome] += 1;
  const { passed, failed, skipped, incomplete } = counts;
  const tests = passed + failed + skipped + incomplete;
  const totals = `tests="${tests}" failures="${failed}" errors="${incomplete}"`;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites name="plimsoll" ${totals}>\n`;
  yield `  <testsuite name="${suite}" ${totals} skipped="${skipped}">\n`;
  for (const row of rows()) yield testCase(row);
  yield "  </testsuite>\n</testsuites>\n";
}

function testCase(row: ResultRow): string {
  const name = [row.id, row.package, row.version].filter((part) => part !== "").join(" ");
  const start = `    <testcase classname="${escapeMarkup(row.subject)}" name="${escapeMarkup(name)}"`;
  if (row.outcome === "passed") return `${start}/>\n`;
  const message = `message="${escapeMarkup(summary(row))}"`;
  if (row.outcome === "skipped") return `${start}>\n      <skipped ${message}/>\n    </testcase>\n`;
  const element = row.outcome === "failed" ? "failure" : "error";
  const type = escapeMarkup(row.severity === "" ? row.type : row.severity);
  return `${start}>\n      <${element} ${message} type="${type}">${escapeMarkup(details(row))}</${element}>\n    </testcase>\n`;
}

function summary({ severity, state, message }: ResultRow): string {
  return [severity, state, message].filter((part) => part !== "").join(": ");
}

function details({ package: name, version, fixedIn, location, message }: ResultRow): string {
  const parts = [
    name === "" ? "" : `package: ${name} ${version}`,
    fixedIn === "" ? "" : `fixed in: ${fixedIn}`,
    location === "" ? "" : `location: ${location}`,
    message,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

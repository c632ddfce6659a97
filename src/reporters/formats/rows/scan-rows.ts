import { type FileFinding, fileFindingId, fileFindings } from "../../../model/findings/file-finding.ts";
import type { FindingPackage } from "../../../model/findings/finding.ts";
import type { AppliedFilter } from "../../../model/findings/finding-filter.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import type { RegistryFinding, RegistryImage, RegistryReport } from "../../../model/reports/registry-report.ts";
import type { Report } from "../../../model/reports/report.ts";
import { commitText } from "../../file-finding-text.ts";
import { leftOutText } from "../../filter-text.ts";
import { declaredPath } from "../../place-text.ts";
import { type ResultRow, resultRow, verdictRow } from "./result-row.ts";

/** The rows of a scan: findings, what was not examined, what was filtered, and last the verdict. */
export function* scanRows(report: Report): Iterable<ResultRow> {
  const subject = report.target.name;
  for (const finding of report.findings) yield findingRow(subject, finding, finding.summary);
  for (const finding of fileFindings(report)) yield fileFindingRow(subject, finding);
  for (const problem of report.problems) yield problemRow(subject, problem);
  yield* filterRows(subject, report.filter);
  yield verdictRow(subject, report.verdict);
}

/** The rows of each image of a registry with its verdict, then of what could not be scanned, then the verdict. */
export function* registryRows(report: RegistryReport): Iterable<ResultRow> {
  const { registry, prefix } = report.scope;
  const whole = prefix === undefined ? registry : `${registry}/${prefix}`;
  for (const image of report.images) {
    const subject = `${registry}/${imageName(image)}`;
    for (const finding of image.findings) yield findingRow(subject, finding);
    for (const problem of image.problems) yield problemRow(subject, problem);
    yield verdictRow(subject, image.verdict);
  }
  for (const { repository, tags, code, message } of report.failures) {
    const subject = repository === undefined ? whole : `${registry}/${repository}${tags[0] ? `:${tags[0]}` : ""}`;
    yield resultRow({ type: "problem", outcome: "incomplete", subject, id: code, message });
  }
  yield* filterRows(whole, report.filter);
  yield verdictRow(whole, report.verdict);
}

function imageName({ repository, tags, digest, platform }: RegistryImage): string {
  const name = tags[0] === undefined ? `${repository}@${digest}` : `${repository}:${tags[0]}`;
  return platform === undefined ? name : `${name} (${platform})`;
}

function findingRow(subject: string, finding: RegistryFinding | Report["findings"][number], summary = ""): ResultRow {
  const { id, severity, status, fixedIn = "", package: found } = finding;
  return resultRow({
    ...{ type: "vulnerability", outcome: "failed", subject, id, state: status, severity, fixedIn },
    ...{ package: found.name, version: found.version, location: locationOf(found), message: summary },
  });
}

function locationOf({ paths, declaration }: Pick<FindingPackage, "paths" | "declaration">): string {
  return declaredPath(paths[0] ?? "", declaration);
}

function fileFindingRow(subject: string, finding: FileFinding): ResultRow {
  const { kind: type, severity, title, path } = finding;
  const isSecret = finding.kind === "secret";
  return resultRow({
    ...{ type, outcome: "failed", subject, id: fileFindingId(finding), severity },
    location: isSecret ? `${path}:${finding.line}` : path,
    message: `${title}: ${isSecret ? finding.shape : finding.sha256}${commitText(finding)}`,
  });
}

function problemRow(subject: string, { code, message, path = "" }: Problem): ResultRow {
  return resultRow({ type: "problem", outcome: "incomplete", subject, id: code, location: path, message });
}

function* filterRows(subject: string, filter: AppliedFilter | undefined): Iterable<ResultRow> {
  if (filter === undefined) return;
  yield resultRow({ type: "filter", outcome: "skipped", subject, id: "filter", message: leftOutText(filter) });
}

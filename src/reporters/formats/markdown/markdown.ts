import type { CheckReport, CheckResult } from "../../../model/checks/check.ts";
import type { FileFinding } from "../../../model/findings/file-finding.ts";
import type { Severity } from "../../../model/findings/finding.ts";
import { type WaivedFileFinding, waiverText } from "../../../model/findings/waiver.ts";
import type { WorkloadReport } from "../../../model/images/workload.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import type { RegistryImage, RegistryReport } from "../../../model/reports/registry-report.ts";
import type { Report } from "../../../model/reports/report.ts";
import { counted } from "../../../model/text/counted.ts";
import {
  type FileFindingWords,
  fileFindingDetail,
  fileFindingPlace,
  fileFindingWords,
} from "../../file-finding-text.ts";
import { baselineText, leftOutText } from "../../filter-text.ts";
import { withoutFix } from "../../fix-advice.ts";
import { groupByPackage, type PackageGroup, severities } from "../../package-groups.ts";
import { boundedMarkdown, cell, type MarkdownSection, tableHead, tableRow } from "./bounded-markdown.ts";
import { verdictOpening } from "./verdict-opening.ts";

/*
 * Markdown for comments on pull requests and for job summaries: the verdict, what to do first, and the results, worst
 * first, within the size that such a comment can have.
 */

interface FoundInFiles extends FileFindingWords {
  readonly found: readonly FileFinding[];
  readonly waived: readonly WaivedFileFinding[];
}

/** The findings of a scan by package, with the upgrade that fixes them. */
export function scanMarkdown(report: Report): Iterable<string> {
  const { target, findings, suppressed, filter, baseline, problems, verdict } = report;
  const { waived = [], idleWaivers = [] } = report;
  const inFiles: readonly FoundInFiles[] = [
    { ...fileFindingWords.malware, found: report.malware ?? [], waived: report.waivedMalware ?? [] },
    { ...fileFindingWords.secret, found: report.secrets ?? [], waived: report.waivedSecrets ?? [] },
  ];
  const counts = findings.length > 0 ? `${counted(findings.length, "finding")}: ${severityCounts(findings)}` : "";
  const notes = [
    counts,
    ...(suppressed.length > 0 ? [`${counted(suppressed.length, "finding")} suppressed by a statement`] : []),
    ...(waived.length > 0 ? [`${counted(waived.length, "finding")} waived by the policy`] : []),
    ...inFiles.flatMap(({ unit, found, waived }) => [
      ...(found.length > 0 ? [counted(found.length, unit)] : []),
      ...(waived.length > 0 ? [`${counted(waived.length, unit)} waived by the policy`] : []),
    ]),
    ...(baseline ? [baselineText(baseline)] : []),
    ...(filter && filter.leftOut > 0 ? [leftOutText(filter)] : []),
  ].filter((text) => text !== "");
  const groups = groupByPackage(report);
  return boundedMarkdown(
    [...verdictOpening(target.name, verdict), ...notes.flatMap((text) => ["", cell(text)])],
    [
      {
        heading: "What to do first",
        head: tableHead(["package", "installed", "do", "fixes", "where"]),
        rows: groups.slice(0, 10).map((group) => packageRow(group)),
        unit: "package",
      },
      ...inFiles.map(({ heading, detail, unit, found }) => ({
        heading: `${heading} (${found.length})`,
        head: tableHead(["severity", "name", detail, "where"]),
        rows: bySeverity(found).map((finding) =>
          tableRow([finding.severity, finding.title, fileFindingDetail(finding), fileFindingPlace(finding, report)]),
        ),
        unit,
      })),
      problemSection(problems),
      {
        heading: `All findings (${findings.length})`,
        head: tableHead(["severity", "id", "package", "installed", "fixed in", "summary"]),
        rows: findingRows(groups),
        isFolded: true,
        unit: "finding",
      },
      {
        heading: `Waived (${waived.length})`,
        head: tableHead(["severity", "id", "package", "installed", "waiver"]),
        rows: waived.map(
          ({
            finding: {
              severity,
              id,
              package: { name, version },
            },
            waiver,
          }) => tableRow([severity, id, name, version, waiverText(waiver)]),
        ),
        isFolded: true,
        unit: "finding",
      },
      listSection("Waivers without effect", idleWaivers),
      listSection("What the advisories cannot tell", report.database.limits),
    ],
  );
}

function packageRow({ names, version, upgradeTo, status, findings, origin, paths }: PackageGroup): string {
  const advice = upgradeTo === undefined ? `${withoutFix[status].verb}: ${withoutFix[status].reason}` : upgradeTo;
  const action = upgradeTo === undefined ? advice : `upgrade to ${upgradeTo}`;
  const where = origin === "base" ? "base image" : (paths[0] ?? "");
  return tableRow([names.join(", "), version, action, severityCounts(findings), where]);
}

function* findingRows(groups: readonly PackageGroup[]): Iterable<string> {
  for (const { names, version, findings } of groups) {
    for (const { severity, id, fixedIn = "", summary = "" } of findings) {
      yield tableRow([severity, id, names.join(", "), version, fixedIn, summary]);
    }
  }
}

/** The checks that failed, worst first. */
export function checkMarkdown({
  target,
  results,
  counts,
  idleWaivers = [],
  problems,
  verdict,
}: CheckReport): Iterable<string> {
  const failed = bySeverity(results.filter(({ state }) => state === "fail"));
  const states = Object.entries(counts).filter(([, number]) => number > 0);
  return boundedMarkdown(
    [
      ...verdictOpening(target.name, verdict),
      "",
      cell(states.map(([state, number]) => `${number} ${state}`).join(", ")),
    ],
    [
      {
        heading: "Failed checks",
        head: tableHead(["severity", "check", "where", "fault", "what to do"]),
        rows: failed.map((result) => tableRow([...checkCells(result), result.title, result.remediation])),
        unit: "check",
      },
      {
        heading: "Checks that could not be evaluated",
        head: tableHead(["severity", "check", "where", "why"]),
        rows: results
          .filter(({ state }) => state === "warn")
          .map((result) => tableRow([...checkCells(result), result.reason ?? ""])),
        unit: "check",
      },
      problemSection(problems),
      listSection("Waivers without effect", idleWaivers),
    ],
  );
}

function checkCells({ severity, id, resource, location }: CheckResult): string[] {
  const place = location === undefined ? [] : [`${location.path}${location.line ? `:${location.line}` : ""}`];
  return [severity, id, [...(resource === undefined ? [] : [resource]), ...place].join(", ")];
}

/** The images of a registry, and what could not be scanned. */
export function registryMarkdown(report: RegistryReport): Iterable<string> {
  const { registry, prefix } = report.scope;
  const { images, repositories } = report.totals;
  return boundedMarkdown(
    [
      ...verdictOpening(prefix === undefined ? registry : `${registry}/${prefix}`, report.verdict),
      "",
      `${counted(images, "image")} in ${counted(repositories, "repository", "repositories")}`,
    ],
    [
      {
        heading: "Could not be scanned",
        head: tableHead(["image", "why"]),
        rows: report.failures.map(({ repository = registry, tags, message }) =>
          tableRow([[repository, ...tags].join(":"), message]),
        ),
        unit: "image",
      },
      {
        heading: "Images",
        head: tableHead(["image", "verdict", "findings", "not examined"]),
        rows: imageRows(report.images),
        unit: "image",
      },
      listSection("What the advisories cannot tell", report.database.limits),
    ],
  );
}

function* imageRows(images: Iterable<RegistryImage>): Iterable<string> {
  for (const { repository, tags, digest, platform, verdict, severities: counts, problems } of images) {
    const name = tags[0] === undefined ? `${repository}@${digest}` : `${repository}:${tags[0]}`;
    const image = platform === undefined ? name : `${name} (${platform})`;
    yield tableRow([image, verdict.decision, countsText(counts), problems.length > 0 ? `${problems.length}` : ""]);
  }
}

/** The containers that run, and images that are named without a digest. */
export function workloadsMarkdown({ workloads, findings, unlisted }: WorkloadReport): Iterable<string> {
  return boundedMarkdown(
    [`### Plimsoll: ${counted(workloads.length, "workload")}`],
    [
      {
        heading: "Could not be listed",
        head: [],
        rows: unlisted.map(({ engine, message }) => `- ${cell(`${engine}: ${message}`)}`),
        unit: "line",
      },
      {
        heading: "Workloads",
        head: tableHead(["workload", "image", "verdict", "findings"]),
        rows: workloads.map(({ engine, name, image, scan }) => {
          const stale = scan?.stale === undefined ? "" : ", stale";
          const decision = scan === null ? "not scanned" : `${scan.verdict.decision}${stale}`;
          return tableRow([`${engine} ${name}`, image, decision, countsText(scan?.findings ?? {})]);
        }),
        unit: "workload",
      },
      {
        heading: "Images without a digest",
        head: tableHead(["image", "used by", "pinned"]),
        rows: findings.map(({ image, workloads: users, pin = "" }) => tableRow([image, users.join(", "), pin])),
        unit: "image",
      },
    ],
  );
}

function problemSection(problems: readonly Problem[]): MarkdownSection {
  const texts = problems.map(({ path, message }) => (path === undefined ? message : `${path}: ${message}`));
  return listSection("Not examined", texts);
}

function listSection(heading: string, texts: readonly string[]): MarkdownSection {
  return { heading, head: [], rows: texts.map((text) => `- ${cell(text)}`), unit: "line" };
}

function bySeverity<T extends { readonly severity: Severity }>(some: readonly T[]): readonly T[] {
  return some.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

function severityCounts(findings: readonly { readonly severity: Severity }[]): string {
  const counts: Partial<Record<Severity, number>> = {};
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return countsText(counts);
}

function countsText(counts: Readonly<Partial<Record<Severity, number>>>): string {
  return severities.flatMap((severity) => (counts[severity] ? [`${counts[severity]} ${severity}`] : [])).join(", ");
}

/*
 * GitLab's security reports, version 15.0.7: container scanning for images, dependency scanning for folders, files and
 * SBOMs (https://gitlab.com/gitlab-org/security-products/security-report-schemas).
 */
import type { Finding } from "../../../model/findings/finding.ts";
import type { RegistryFinding, RegistryImage, RegistryReport } from "../../../model/reports/registry-report.ts";
import type { Report } from "../../../model/reports/report.ts";
import { isImage } from "../../../model/reports/target-form.ts";
import { counted } from "../../../model/text/counted.ts";
import { jsonDocument } from "../../documents/json-document.ts";
import { leftOutText } from "../../filter-text.ts";
import { severities } from "../../package-groups.ts";
import { harmlessText } from "../../terminal-text.ts";
import { dependencyFiles, filePath } from "./dependency-files.ts";
import { shortened, VulnerabilityIds, vulnerability } from "./vulnerability.ts";

const version = "15.0.7";

/** The findings of a scan. */
export function scanGitlab(report: Report): Iterable<string> {
  const isContainer = isImage(report.target.kind);
  return isContainer ? containerScanning(report) : dependencyScanning(report);
}

function containerScanning(report: Report): Iterable<string> {
  const image = shortened(report.target.tags?.[0] ?? report.target.name, 255) || "unknown";
  const operatingSystem = systemName(report.distro);
  const place = (finding: Finding) => ({
    dependency: dependency(finding),
    operating_system: operatingSystem,
    image,
  });
  return jsonDocument([
    ...head("container_scanning", report, scanMessages(report)),
    ["vulnerabilities", vulnerabilities(report.findings, { subject: image, place })],
    ["remediations", []],
  ]);
}

function dependencyScanning(report: Report): Iterable<string> {
  const { target, packages } = report;
  const place = (finding: Finding) => ({
    file: filePath(target, finding.package.paths[0]),
    dependency: dependency(finding),
  });
  return jsonDocument([
    ...head("dependency_scanning", report, scanMessages(report)),
    ["vulnerabilities", vulnerabilities(report.findings, { subject: "", place })],
    ["remediations", []],
    ["dependency_files", dependencyFiles(target, packages)],
  ]);
}

/** The findings of all images of a run over a registry, as one container-scanning report. */
export function registryGitlab(report: RegistryReport): Iterable<string> {
  return jsonDocument([
    ...head("container_scanning", report, registryMessages(report)),
    ["vulnerabilities", registryVulnerabilities(report)],
    ["remediations", []],
  ]);
}

function* registryVulnerabilities({ scope, images }: RegistryReport): Generator<object> {
  const ids = new VulnerabilityIds();
  for (const one of images) {
    const image = imageName(scope.registry, one);
    const operatingSystem = systemName(one.distro);
    // Images of an index share their tags.
    const subject = `${image} ${one.platform ?? ""}`;
    for (const finding of bySeverity(one.findings)) {
      const location = { dependency: dependency(finding), operating_system: operatingSystem, image };
      yield vulnerability(finding, { id: ids.next(subject, finding), location });
    }
  }
}

function imageName(registry: string, { repository, tags, digest }: RegistryImage): string {
  return shortened(`${registry}/${repository}${tags[0] === undefined ? `@${digest}` : `:${tags[0]}`}`, 255);
}

interface Placing {
  /** The target, so that ids of different targets differ. */
  readonly subject: string;
  readonly place: (finding: Finding) => object;
}

function* vulnerabilities(findings: readonly Finding[], { subject, place }: Placing): Generator<object> {
  const ids = new VulnerabilityIds();
  for (const finding of bySeverity(findings)) {
    yield vulnerability(finding, { id: ids.next(subject, finding), location: place(finding) });
  }
}

function bySeverity<Found extends Pick<Finding, "severity">>(findings: readonly Found[]): readonly Found[] {
  return findings.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

function dependency({ package: found }: Finding | RegistryFinding): object {
  return { package: { name: shortened(found.name, 255) }, version: shortened(found.version, 255) };
}

function systemName(distro: Report["distro"]): string {
  if (!distro) return "Unknown";
  return shortened(distro.version === undefined ? distro.id : `${distro.id} ${distro.version}`, 255) || "Unknown";
}

interface Message {
  readonly level: "info" | "warn";
  readonly value: string;
}

/** What was not examined, what is not listed, and the verdict: GitLab shows messages with the scan. */
function scanMessages(report: Report): readonly Message[] {
  const { problems, suppressed, waived = [], idleWaivers = [], filter, verdict, database } = report;
  return [
    ...problems.map(({ message, path }) => warning(path === undefined ? message : `${path}: ${message}`)),
    ...(database.gaps ?? []).map(warning),
    ...filterMessage(filter),
    ...(suppressed.length === 0
      ? []
      : [info(`${counted(suppressed.length, "finding")} not listed: suppressed by VEX statements`)]),
    ...(waived.length === 0 ? [] : [info(`${counted(waived.length, "finding")} not listed: waived by the policy`)]),
    ...idleWaivers.map(info),
    verdictMessage(verdict),
  ];
}

function registryMessages({ scope, failures, filter, verdict }: RegistryReport): readonly Message[] {
  return [
    ...failures.map(({ repository = scope.registry, tags, message }) => {
      return warning(`${[repository, ...tags.slice(0, 1)].join(":")}: ${message}`);
    }),
    ...filterMessage(filter),
    verdictMessage(verdict),
  ];
}

function filterMessage(filter: Report["filter"]): readonly Message[] {
  return filter && filter.leftOut > 0 ? [warning(leftOutText(filter))] : [];
}

function verdictMessage({ decision, reasons }: Report["verdict"]): Message {
  const text = `verdict ${decision}: ${reasons.join("; ")}`;
  return decision === "allowed" || decision === "not-judged" ? info(text) : warning(text);
}

function info(text: string): Message {
  return { level: "info", value: shortened(text, 2000) || "-" };
}

function warning(text: string): Message {
  return { level: "warn", value: shortened(text, 2000) || "-" };
}

type ScanType = "container_scanning" | "dependency_scanning";

function head(
  type: ScanType,
  { tool, createdAt }: Pick<Report, "tool" | "createdAt">,
  messages: readonly Message[],
): readonly (readonly [string, unknown])[] {
  const name = type.replace("_", "-");
  const program = {
    id: "plimsoll",
    name: "Plimsoll",
    version: harmlessText(tool.version) || "unknown",
    vendor: { name: "Plimsoll" },
  };
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.exec(createdAt)?.[0] ?? "1970-01-01T00:00:00";
  const schema = `https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v${version}/dist/${name}-report-format.json`;
  return [
    ["version", version],
    ["schema", schema],
    [
      "scan",
      { analyzer: program, scanner: program, start_time: time, end_time: time, status: "success", type, messages },
    ],
  ];
}

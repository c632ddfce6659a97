import { fileFindings } from "../model/findings/file-finding.ts";
import type { Finding, Severity } from "../model/findings/finding.ts";
import type { AppliedFilter, FindingFilter } from "../model/findings/finding-filter.ts";
import type { RegistryImage, RegistryReport } from "../model/reports/registry-report.ts";
import type { Report } from "../model/reports/report.ts";

type Filterable = Pick<Finding, "severity" | "fixedIn" | "channelFix">;

/** Reports with `filter` describe what they leave out; without a filter a report stays as it is. */
export function filterReport(report: Report, filter: FindingFilter | undefined): Report {
  if (!filter) return report;
  const findings = report.findings.filter((finding) => isShown(finding, filter));
  const isListed = ({ severity }: Pick<Finding, "severity">) => filter.severities.includes(severity);
  const [secrets, malware] = [report.secrets?.filter(isListed), report.malware?.filter(isListed)];
  const inFiles = fileFindings(report).length - fileFindings({ secrets, malware }).length;
  const leftOut = report.findings.length - findings.length + inFiles;
  return {
    ...{ ...report, filter: { ...filter, leftOut }, findings },
    ...(secrets && { secrets }),
    ...(malware && { malware }),
  };
}

/**
 * As {@link filterReport}, for many images: `leftOut` counts the findings of an image once, whatever tags and
 * repositories have it. The numbers by severity are those of the findings that are shown.
 */
export function filterRegistryReport(report: RegistryReport, filter: FindingFilter | undefined): RegistryReport {
  if (!filter) return report;
  const { images } = report;
  const leftOut = new Map<string, number>();
  for (const { manifestDigest, findings } of images) {
    const hidden = findings.filter((finding) => !isShown(finding, filter)).length;
    leftOut.set(manifestDigest, Math.max(hidden, leftOut.get(manifestDigest) ?? 0));
  }
  const applied: AppliedFilter = { ...filter, leftOut: leftOut.values().reduce((sum, number) => sum + number, 0) };
  return { ...report, filter: applied, images: { [Symbol.iterator]: () => filterImages(images, filter) } };
}

function* filterImages(images: Iterable<RegistryImage>, filter: FindingFilter): IterableIterator<RegistryImage> {
  for (const image of images) {
    const findings = image.findings.filter((finding) => isShown(finding, filter));
    yield { ...image, findings, severities: countSeverities(findings) };
  }
}

function countSeverities(findings: readonly Filterable[]): Partial<Record<Severity, number>> {
  const counts: Partial<Record<Severity, number>> = {};
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts;
}

/** A fix in a channel that the target does not use is a fix: the user can turn the channel on. */
function isShown({ severity, fixedIn, channelFix }: Filterable, filter: FindingFilter): boolean {
  if (!filter.severities.includes(severity)) return false;
  return !filter.ignoreUnfixed || fixedIn !== undefined || channelFix !== undefined;
}

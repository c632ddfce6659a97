import type { Finding, Severity } from "../../model/findings/finding.ts";
import type { Report } from "../../model/reports/report.ts";
import { compareText } from "../../model/text/compare-text.ts";

/** An image that was scanned, and what its configuration says. */
export interface ExaminedImage {
  readonly report: Report;
  /** The entry point and the command, as JSON. */
  readonly command: string;
}

/** What an update changes. */
export interface ImageComparison {
  /** Findings of today's image that the other image does not have. */
  readonly fixed: readonly Finding[];
  readonly added: readonly Finding[];
  readonly kept: readonly Finding[];
  /** Names of packages. */
  readonly removedPackages: readonly string[];
  readonly addedPackages: readonly string[];
  /** Changes that can break a container, as clauses: user, entry point, distribution. */
  readonly changes: readonly string[];
}

/** How many findings an image has. */
export interface FindingCounts extends Readonly<Record<Severity, number>> {
  readonly knownExploited: number;
}

/** The differences between two images, by the findings that count under the policy. */
export function compareImages(today: ExaminedImage, other: ExaminedImage): ImageComparison {
  const [before, after] = [today, other].map(({ report }) => new Map(report.findings.map((one) => [keyOf(one), one])));
  const [packagesBefore, packagesAfter] = [today, other].map(
    ({ report }) => new Set(report.packages.map(({ name }) => name)),
  );
  return {
    fixed: missing(before, after),
    added: missing(after, before),
    kept: [...(before ?? [])].filter(([key]) => after?.has(key)).map(([, finding]) => finding),
    removedPackages: missingNames(packagesBefore, packagesAfter),
    addedPackages: missingNames(packagesAfter, packagesBefore),
    changes: changesBetween(today, other),
  };
}

/** The findings of a report by severity. */
export function countFindings(findings: readonly Finding[]): FindingCounts {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  return {
    knownExploited: findings.filter(isKnownExploited).length,
    critical: count("critical"),
    high: count("high"),
    medium: count("medium"),
    low: count("low"),
    negligible: count("negligible"),
    unknown: count("unknown"),
  };
}

/** True for a finding in CISA's catalogue of known exploited vulnerabilities. */
export function isKnownExploited({ facts }: Finding): boolean {
  return facts?.knownExploited !== undefined;
}

/** True for an image whose distribution or runtime no longer receives security updates. */
export function isEndOfLife({ problems }: Pick<Report, "problems">): boolean {
  return problems.some(({ code }) => code === "end-of-life");
}

function keyOf({ id, package: { type, name } }: Finding): string {
  return `${id}\0${type}\0${name}`;
}

function missing(
  from: ReadonlyMap<string, Finding> | undefined,
  within: ReadonlyMap<string, Finding> | undefined,
): readonly Finding[] {
  return [...(from ?? [])].filter(([key]) => !within?.has(key)).map(([, finding]) => finding);
}

function missingNames(
  from: ReadonlySet<string> | undefined,
  within: ReadonlySet<string> | undefined,
): readonly string[] {
  return [...(from ?? [])].filter((name) => !within?.has(name)).sort(compareText);
}

function changesBetween(today: ExaminedImage, other: ExaminedImage): readonly string[] {
  const facts = (image: ExaminedImage): readonly (readonly [name: string, value: string])[] => [
    ["distribution", image.report.distro?.name ?? "unknown"],
    ["user", image.report.target.user ?? "unknown"],
    ["command", image.command],
  ];
  const after = new Map(facts(other));
  return facts(today).flatMap(([name, value]) => {
    const now = after.get(name) ?? "";
    return now === value ? [] : [`${name}: ${value} → ${now}`];
  });
}

import { findVulnerabilities } from "../detectors/vulnerabilities/find-vulnerabilities.ts";
import type { Package } from "../model/package.ts";
import type { Report } from "../model/report.ts";
import { judge, type Threshold } from "../policy/threshold.ts";
import { limitsOf } from "./advisory-source.ts";
import { withPublisherStatements } from "./apply-statements.ts";
import { type CompareOptions, withAdvisories } from "./with-advisories.ts";

/** What a scan is made with. */
export interface ScanOptions extends CompareOptions {
  /** Findings of this severity or worse deny. */
  readonly failOn?: Threshold;
}

/**
 * The main job: takes stock of a target, compares the packages with the advisories and judges.
 *
 * Errors: those of {@link withAdvisories}. What could not be examined within a target is in the report's `problems`.
 */
export function scanTarget(text: string, options: ScanOptions): Promise<Report> {
  const { now, signal } = options;
  return withAdvisories(text, options, ({ contents, index, failures }) => {
    const { packages, distro } = contents;
    const matched = findVulnerabilities(packages, { distribution: distro, index, signal, now });
    const { findings, suppressed } = withPublisherStatements(matched.findings, {
      packages,
      distribution: distro,
      index,
    });
    const isBuiltIn = index.status.kind === "built-in";
    const problems = [
      ...contents.problems,
      ...matched.problems.filter(({ code }) => !(isBuiltIn && code === "no-advisories")),
    ];
    const limits = limitsOf(index.status, { now, limits: options.databaseAge });
    const empty = packages.length === 0 ? ["no package that Plimsoll knows was found, so nothing was compared"] : [];
    return {
      schemaVersion: 1,
      ...contents,
      findings,
      suppressed,
      problems,
      database: {
        ...index.status,
        limits: [...limits.all, ...failures, ...matched.limits, ...archivesWithoutGroup(packages), ...empty],
      },
      verdict: judge({ findings, problems, limits: [...limits.open, ...empty] }, options.failOn),
    };
  });
}

const mostNamed = 5;

/** Java archives whose group nothing in them tells: advisories are filed by group and artifact, so these were not compared. */
function archivesWithoutGroup(packages: readonly Package[]): string[] {
  const nameless = packages.filter(({ type, name, ownedBy }) => type === "maven" && !name.includes(":") && !ownedBy);
  if (nameless.length === 0) return [];
  const names = [...new Set(nameless.map(({ name, version }) => `${name} ${version}`))];
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  return [
    `Java archives that do not tell their group were not compared: ${names.slice(0, mostNamed).join(", ")}${more}`,
  ];
}

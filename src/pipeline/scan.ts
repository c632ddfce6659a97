import { findVulnerabilities } from "../detectors/vulnerabilities/find-vulnerabilities.ts";
import { packageOrigin } from "../detectors/vulnerabilities/package-origin.ts";
import type { Package } from "../model/package.ts";
import { isDistributionType } from "../model/package-type.ts";
import type { Report } from "../model/report.ts";
import { judge, type Results, type Threshold } from "../policy/threshold.ts";
import { limitsOf } from "./advisory-source.ts";
import { withPublisherStatements } from "./apply-statements.ts";
import { archivesWithoutGroup } from "./archives-without-group.ts";
import { rememberVerdict } from "./remember-verdict.ts";
import { type CompareOptions, type OpenComparison, withAdvisories } from "./with-advisories.ts";

/** What a scan is made with. */
export interface ScanOptions extends CompareOptions {
  /** Findings of this severity or worse deny. */
  readonly failOn?: Threshold;
  /** Further digests by which an engine knows the image: its verdict is remembered under them too. */
  readonly alsoKnownAs?: readonly string[];
}

/**
 * The main job: takes stock of a target, compares the packages with the advisories and judges. With a cache, the verdict on an
 * image is remembered there.
 *
 * Errors: those of {@link withAdvisories}. What could not be examined within a target is in the report's `problems`.
 */
export function scanTarget(text: string, options: ScanOptions): Promise<Report> {
  return withAdvisories(text, options, (comparison) => judgeContents(comparison, options).report);
}

/** A report, and what its verdict was made from: under another threshold the same results give another one. */
export interface JudgedContents {
  readonly report: Report;
  readonly results: Results;
}

/** Compares what is in a target with the advisories and judges. With a cache, the verdict on an image is remembered there. */
export function judgeContents(
  { contents, index, failures, known }: OpenComparison,
  options: ScanOptions,
): JudgedContents {
  const { now, signal } = options;
  const { packages, distro } = contents;
  const matched = findVulnerabilities(packages, { distribution: distro, index, signal, now, known });
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
  const archives = archivesWithoutGroup(packages);
  const missing = notFound(contents);
  const results = { findings, problems, limits: [...limits.open, ...matched.open, ...missing] };
  const report: Report = {
    schemaVersion: 1,
    ...contents,
    findings,
    suppressed,
    problems,
    database: {
      ...index.status,
      limits: [
        ...limits.all,
        ...failures,
        ...matched.limits,
        ...(archives === undefined ? [] : [archives]),
        ...missing,
      ],
    },
    verdict: judge(results, options.failOn),
  };
  rememberVerdict(report, { ...options, results });
  return { report, results };
}

/** What every target of its kind has and this one seems to lack: then what it lacks was not seen, and not seen is not safe. */
function notFound({ packages, distro }: Pick<Report, "packages" | "distro">): string[] {
  if (packages.length === 0) return ["no package that Plimsoll knows was found, so nothing was compared"];
  const isItsOwn = (found: Package) =>
    isDistributionType(found.type) && packageOrigin(found, distro).kind !== "elsewhere";
  if (!distro || packages.some(isItsOwn)) return [];
  return [`no package of ${distro.name} itself was found, so only what is beside it was compared`];
}

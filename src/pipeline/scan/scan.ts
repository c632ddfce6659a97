import { findVulnerabilities } from "../../detectors/vulnerabilities/find-vulnerabilities.ts";
import { packageOrigin } from "../../detectors/vulnerabilities/names/package-origin.ts";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";
import { type FileFindings, fileFindings } from "../../model/findings/file-finding.ts";
import type { Finding, VulnerabilityFinding } from "../../model/findings/finding.ts";
import type { Package } from "../../model/packages/package.ts";
import { ecosystemBase } from "../../model/packages/package-name.ts";
import { isDistributionType } from "../../model/packages/package-type.ts";
import { parsePlatform } from "../../model/packages/platform.ts";
import type { Report } from "../../model/reports/report.ts";
import { type Baseline, newFileFindings, newFindings, withBaseline } from "../../policy/baseline.ts";
import { policyOf } from "../../policy/file/policy.ts";
import { judgeFindings, type PolicyResults } from "../../policy/rules/judge-findings.ts";
import { waiveFileFindings } from "../../policy/waivers/waive-file-findings.ts";
import { waiveVulnerabilities } from "../../policy/waivers/waive-vulnerabilities.ts";
import { remarkOnSeverities } from "../database/database-age.ts";
import { limitsOf } from "../database/limits-of.ts";
import { unreadSentence } from "../inventory/unread-files.ts";
import { archivesWithoutGroup } from "./archives-without-group.ts";
import type { LoadedVex } from "./load-vex.ts";
import { contextOf, type PolicyOptions } from "./policy-of-run.ts";
import { productUrlsOf } from "./product-urls.ts";
import { rememberVerdict } from "./remember-verdict.ts";
import { type CompareOptions, type OpenComparison, withAdvisories } from "./with-advisories.ts";
import { withPublisherStatements } from "./with-publisher-statements.ts";

/** What a scan is made with. */
export interface ScanOptions extends CompareOptions, PolicyOptions {
  /**
   * Further digests by which an engine or a registry knows the image, for `platform` where that is given: its verdict
   * is remembered under them too.
   */
  readonly alsoKnownAs?: readonly string[];
  /** The user's VEX documents. */
  readonly vex?: LoadedVex | undefined;
  /** Findings that are known and do not count. */
  readonly baseline?: Baseline | undefined;
}

/**
 * The main job: takes stock of a target, compares the packages with the advisories and judges. With a cache, the
 * verdict on an image is remembered there.
 *
 * Errors: those of {@link withAdvisories}. What could not be examined within a target is in the report's `problems`.
 */
export function scanTarget(text: string, options: ScanOptions): Promise<Report> {
  return withAdvisories(text, options, (comparison) => judgeContents(comparison, options).report);
}

/** A report, and what its verdict was made from: under another threshold the same results give another one. */
export interface JudgedContents {
  readonly report: Report;
  readonly results: PolicyResults;
  /** Also those that the policy waives. */
  readonly findings: readonly Finding[];
}

/**
 * Compares what is in a target with the advisories and judges. With a cache, the verdict on an image is remembered
 * there.
 */
export function judgeContents(
  { contents, index, failures, open = [], known }: OpenComparison,
  options: ScanOptions,
): JudgedContents {
  const { now, signal } = options;
  const { packages, distro } = contents;
  const describes = options.manyTargets !== true;
  const matches = (options.scanners ?? ["vulnerabilities"]).includes("vulnerabilities");
  const matched = findVulnerabilities(matches ? packages : [], {
    ...{ distribution: distro, index, signal, now, known, describes },
  });
  const { findings: all, suppressed } = withPublisherStatements(matched.findings, {
    packages,
    distribution: distro,
    index,
    user: options.vex?.statements,
    targets: productUrlsOf(contents.target, options),
  });
  const findings = options.baseline ? newFindings(all, options.baseline) : all;
  const newOnes = withoutKnown(contents, options);
  const inFiles = fileFindings(newOnes);
  const inBaseline = all.length - findings.length + fileFindings(contents).length - inFiles.length;
  const problems = [...contents.problems, ...matched.problems];
  const limits = limitsOf(index.status, { now, limits: options.databaseAge });
  const severities = remarkOnSeverities(index.status, { findings, now, limits: options.databaseAge });
  const nvdTables = severities === undefined ? [] : [severities];
  const archives = archivesWithoutGroup(packages, index);
  const missing = matches ? notFound(contents) : [];
  const ofAnswer = matches ? [...limits.open, ...open, ...matched.open, ...missing] : [];
  const results = { findings, inFiles, problems, limits: ofAnswer, severityLimits: nvdTables };
  const policy = policyOf(options);
  const context = contextOf(contents, { ...options, database: index.status });
  const { counting, waived, idle } = waiveVulnerabilities(findings, { policy, context });
  const secrets = newOnes.secrets && waiveFileFindings(newOnes.secrets, { policy, context, kind: "secret" });
  const malware = newOnes.malware && waiveFileFindings(newOnes.malware, { policy, context, kind: "malware" });
  const idleWaivers = [...idle, ...(secrets?.idle ?? []), ...(malware?.idle ?? [])];
  const report: Report = {
    schemaVersion: 2,
    ...contents,
    ...(options.scanners && { scanners: options.scanners }),
    ...(options.baseline && { baseline: { name: options.baseline.name, known: inBaseline } }),
    findings: counting,
    suppressed,
    ...(waived.length > 0 && { waived }),
    ...(secrets && { secrets: secrets.counting }),
    ...(secrets && secrets.waived.length > 0 && { waivedSecrets: secrets.waived }),
    ...(malware && { malware: malware.counting }),
    ...(malware && malware.waived.length > 0 && { waivedMalware: malware.waived }),
    ...(idleWaivers.length > 0 && { idleWaivers }),
    ...(options.vex && { vex: options.vex.sources }),
    problems,
    database: {
      ...index.status,
      limits: [
        ...limits.all,
        ...open,
        ...builtInAnswers(findings, index),
        ...failures,
        ...nvdTables,
        ...matched.limits,
        ...archives,
        ...missing,
      ],
      ...(ofAnswer.length > 0 && { gaps: ofAnswer }),
      ...(nvdTables.length > 0 && { severityGaps: nvdTables }),
    },
    verdict: withBaseline(judgeFindings(results, { policy, context }), inBaseline),
  };
  // A remembered verdict counts for runs without these documents, reports and scanners too.
  if (!options.vex && !options.baseline && !options.scanners)
    rememberVerdict(report, { ...options, results, policy, context });
  return { report, results, findings };
}

function withoutKnown({ secrets, malware }: FileFindings, { baseline }: ScanOptions): FileFindings {
  if (!baseline) return { secrets, malware };
  return {
    secrets: secrets && newFileFindings(secrets, baseline),
    malware: malware && newFileFindings(malware, baseline),
  };
}

/** Where the records that ship with the program answered for an ecosystem that the database does not have. */
function builtInAnswers(findings: readonly VulnerabilityFinding[], index: AdvisoryIndex): string[] {
  if (index.status.kind === "built-in") return [];
  const lacking = (finding: VulnerabilityFinding): string[] =>
    finding.evidence.map(({ ecosystem }) => ecosystemBase(ecosystem)).filter((ecosystem) => !index.covers(ecosystem));
  const answered = findings.map(lacking).filter(({ length }) => length > 0);
  if (answered.length === 0) return [];
  const ecosystems = [...new Set(answered.flat())].sort().join(", ");
  const are = answered.length === 1 ? "one finding is" : `${answered.length} findings are`;
  return [`${are} from the few records built into Plimsoll, as the database has none for ${ecosystems}`];
}

/**
 * What was not seen, and not seen is not safe: what every target of its kind has and this one seems to lack, and what
 * lies there in formats that are not read.
 */
function notFound(contents: Pick<Report, "packages" | "distro" | "unread" | "target">): string[] {
  const unread = unreadSentence(contents.unread);
  return [...lacking(contents), ...systemOfWindows(contents), ...(unread === undefined ? [] : [unread])];
}

/** What an image for Windows brings of it lies in its layers, and neither that nor advisories about it are read. */
function systemOfWindows({ target: { platform } }: Pick<Report, "target">): string[] {
  if (platform === undefined || parsePlatform(platform)?.os !== "windows") return [];
  return ["Windows itself and its programs are not examined, so only language packages were compared"];
}

function lacking({ packages, distro }: Pick<Report, "packages" | "distro">): string[] {
  if (packages.length === 0) return ["no packages were found, so nothing was compared"];
  if (packages.every(({ ownProject }) => ownProject)) {
    return ["no dependencies of the project were found, so only the project itself was compared"];
  }
  const isItsOwn = (found: Package) =>
    isDistributionType(found.type) && packageOrigin(found, distro).kind !== "elsewhere";
  if (!distro || packages.some(isItsOwn)) return [];
  return [`no packages of ${distro.name} itself were found, so only other packages were compared`];
}

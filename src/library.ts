/**
 * Plimsoll as a library: {@link scan} answers what is inside an image, which of it is vulnerable, and whether it may
 * ship.
 *
 * @packageDocumentation
 */
import { PlimsollError } from "./model/error.ts";
import type { Report } from "./model/reports/report.ts";
import type { Verdict } from "./model/reports/verdict.ts";
import { compileRuleExpression } from "./pipeline/policy/compile-rule-expression.ts";
import type { TargetProgress } from "./pipeline/scan/examine-target.ts";
import { contextOf } from "./pipeline/scan/policy-of-run.ts";
import { scanTarget } from "./pipeline/scan/scan.ts";
import type { DockerAccess } from "./pipeline/targets/open-target.ts";
import { openRegistryClient, type RegistryAccess } from "./pipeline/targets/registry-access.ts";
import { type Policy, policyOf } from "./policy/file/policy.ts";
import { readPolicy as readPolicyFile } from "./policy/file/read-policy.ts";
import { judgeFindings } from "./policy/rules/judge-findings.ts";
import { type Environment, environments } from "./policy/rules/policy-rule.ts";
import { type Threshold, thresholds } from "./policy/threshold.ts";

/** How {@link scan} works; everything has a default. */
export interface ScanOptions {
  /**
   * `os/architecture[/variant]`, for example `linux/arm64`: picks from an index. By default this machine's
   * architecture.
   */
  readonly platform?: string;
  /** The advisory database, a file that `plimsoll db build` wrote. By default the built-in advisories. */
  readonly database?: string;
  /**
   * A folder in which what was found in a layer is kept for the next scan; created when missing. By default nothing is
   * kept.
   */
  readonly cache?: string;
  /** Findings of this severity or worse make the verdict `denied`. By default none does. */
  readonly failOn?: Threshold;
  /** What may ship, from {@link readPolicy}. With `failOn`, the stricter severity of both applies. By default none. */
  readonly policy?: Policy;
  /** Where the rules of the policy are evaluated. By default `build`. */
  readonly environment?: Environment;
  /**
   * Compare every layer of an archive or layout with its digest. By default false: local files are taken as they are.
   */
  readonly verifyDigests?: boolean;
  /**
   * Read layers of eStargz and zstd:chunked in a registry by their tables of contents, which is faster and makes the
   * verdict `cannot-tell` at best. By default false: every layer is read whole.
   */
  readonly lazy?: boolean;
  /** The most bytes that a layer may have uncompressed. By default a generous limit that a decompression bomb meets. */
  readonly largestLayer?: number;
  /** Refuse whatever would need a network. By default false. */
  readonly offline?: boolean;
  /**
   * How a Docker Engine is reached. By default at its usual place on this machine; environment variables are not read.
   */
  readonly docker?: DockerAccess;
  /**
   * How registries are asked, and with which credentials: with the variables of the process and the user's home folder,
   * those that the user has. By default none is asked.
   */
  readonly registry?: RegistryAccess;
  /** Cancels the scan, which then fails with the code `cancelled`. */
  readonly signal?: AbortSignal;
  /** Called many times while the scan works. */
  readonly progress?: (progress: TargetProgress) => void;
  /** The time that the report states and against which the age of the database is measured. By default the present. */
  readonly now?: Date;
}

/**
 * Scans a target and returns the report, the same that `plimsoll scan --format json` writes.
 *
 * `target` is what the command line takes: the path of an archive (`docker save`, OCI; also compressed), of an OCI
 * layout, of another folder or of a CycloneDX or SPDX document in JSON, or the name of an image, in an engine or, with
 * `registry`, in a registry. A scheme forces one: `docker:`, `podman:`, `containers-storage:`, `containerd:`,
 * `registry:`, `docker-archive:`, `oci-archive:`, `oci-dir:`, `dir:`, `sbom:`.
 *
 * What could not be examined within a target is in the report's `problems`, and makes the verdict `cannot-tell` rather
 * than `allowed`. Where there is no report to give it rejects with a {@link PlimsollError}, whose `code` tells the
 * reason.
 *
 * @example
 * ```ts
 * import { scan } from "plimsoll";
 *
 * const report = await scan("image.tar", { failOn: "high" });
 * for (const { severity, id, package: found, fixedIn } of report.findings) {
 *   console.log(severity, id, found.name, found.version, fixedIn ?? "no fix");
 * }
 * if (report.verdict.decision !== "allowed") process.exitCode = 1;
 * ```
 */
export async function scan(target: string, options: ScanOptions = {}): Promise<Report> {
  const { verifyDigests = false, signal = new AbortController().signal, now = new Date(), registry, ...rest } = options;
  if (rest.failOn !== undefined && !thresholds.includes(rest.failOn)) {
    throw new PlimsollError("usage", `failOn is ${JSON.stringify(rest.failOn)}, which is not a severity`, {
      hint: `Use one of ${thresholds.join(", ")}.`,
    });
  }
  if (typeof target !== "string") {
    throw new PlimsollError("usage", `the target is ${target === null ? "null" : typeof target}, which is not text`, {
      hint: "Specify an archive, a folder, an SBOM or an image.",
    });
  }
  refuseImpossible(rest);
  if (rest.environment !== undefined) refuseEnvironment(rest.environment);
  const client = registry && openRegistryClient(registry, signal);
  return scanTarget(target, { ...rest, verifyDigests, signal, now, ...(client && { registry: client }) });
}

/**
 * {@link scan} under the name that belongs to {@link evaluatePolicy}.
 *
 * @example
 * ```ts
 * import { evaluatePolicy, readPolicy, scanImage } from "plimsoll";
 *
 * const report = await scanImage("image.tar");
 * const policy = readPolicy("failOn: high");
 * const { decision, reasons } = evaluatePolicy(report, policy, { environment: "admission" });
 * if (decision !== "allowed" && decision !== "warned") console.error(decision, reasons.join("; "));
 * ```
 */
export function scanImage(target: string, options: ScanOptions = {}): Promise<Report> {
  return scan(target, options);
}

/**
 * Reads a policy as `plimsoll.yaml` has it, without `extends`; `file` is its name in errors. Error:
 * {@link PlimsollError} `file-malformed` with line and column.
 */
export function readPolicy(text: string, file = "plimsoll.yaml"): Policy {
  return readPolicyFile(text, file, { compile: compileRuleExpression });
}

/** How {@link evaluatePolicy} works; everything has a default. */
export interface EvaluatePolicyOptions {
  /** Where the rules are evaluated. By default `build`. */
  readonly environment?: Environment;
  /** The time for ages and grace periods. By default the time of the report. */
  readonly now?: Date;
  /** The name of the image for the rules, where the report has another one. */
  readonly imageName?: string;
}

/**
 * The verdict on a report under a policy: the same as that of a scan with this policy. The report may come from JSON.
 * Error: {@link PlimsollError} `usage` for a report with a filter or a baseline, since a verdict
 * needs all findings.
 */
export function evaluatePolicy(report: Report, policy: Policy, options: EvaluatePolicyOptions = {}): Verdict {
  const { environment = "build", now = new Date(report.createdAt), imageName } = options;
  refuseEnvironment(environment);
  if (report.filter !== undefined) {
    throw new PlimsollError("usage", "the report was filtered, so a policy cannot be evaluated", {
      hint: "Use a report of a scan without --severity and --ignore-unfixed.",
    });
  }
  if (report.baseline !== undefined) {
    throw new PlimsollError("usage", "the report has only new findings, so a policy cannot be evaluated", {
      hint: "Use a report of a scan without --baseline.",
    });
  }
  const { waived = [], problems, database } = report;
  const findings = [...report.findings, ...waived.map(({ finding }) => finding)];
  const { gaps = [], severityGaps = [] } = database;
  return judgeFindings(
    { findings, problems, limits: gaps, severityLimits: severityGaps },
    { policy: policyOf({ policy }), context: contextOf(report, { environment, imageName, now, database }) },
  );
}

function refuseEnvironment(environment: unknown): void {
  if (environments.some((each) => each === environment)) return;
  throw new PlimsollError("usage", `environment is ${JSON.stringify(environment)}, which is not known`, {
    hint: `Use one of ${environments.join(", ")}.`,
  });
}

/** What would silently mean something else. */
function refuseImpossible({
  largestLayer,
  ...options
}: Pick<ScanOptions, "largestLayer" | "cache" | "database">): void {
  if (largestLayer !== undefined && !(Number.isSafeInteger(largestLayer) && largestLayer > 0)) {
    throw new PlimsollError("usage", `largestLayer is ${String(largestLayer)}, which is not a number of bytes`);
  }
  for (const name of ["cache", "database"] as const) {
    if (options[name] === "")
      throw new PlimsollError("usage", `${name} is empty`, { hint: "Omit the option to use the default." });
  }
}

export type { ErrorCode, ErrorDetails } from "./model/error.ts";
export type { DatabaseStatus, EcosystemCount } from "./model/findings/advisory.ts";
export type {
  Finding,
  FindingPackage,
  FixStatus,
  MatchEvidence,
  Severity,
  VulnerabilityFinding,
} from "./model/findings/finding.ts";
export type { WaivedFinding, Waiver } from "./model/findings/waiver.ts";
export type { Distribution } from "./model/packages/distribution.ts";
export type { Package, PackageOwner, PackageType, SourcePackage } from "./model/packages/package.ts";
export type { Problem, ProblemCode } from "./model/reports/problem.ts";
export type { Layer, Report, Target, TargetKind } from "./model/reports/report.ts";
export type { Decision, Verdict } from "./model/reports/verdict.ts";
export type { PolicyRule, RuleConditions } from "./policy/rules/policy-rule.ts";
export type { NotificationHeaders } from "./registry/notifications/notification-headers.ts";
export {
  isNotificationSigned,
  type NotificationSigner,
  type SignedNotification,
} from "./registry/notifications/notification-signature.ts";
export type { NotificationKind, PushEvent, PushNotification } from "./registry/notifications/push-notification.ts";
export { type NotificationInput, readPushNotification } from "./registry/notifications/read-push-notification.ts";
export type { DockerAccess, Environment, Policy, RegistryAccess, TargetProgress, Threshold };
export { PlimsollError };

import type { PackageType } from "./package.ts";

/** From worst to none; `unknown` when no source rates it. */
export type Severity = "critical" | "high" | "medium" | "low" | "negligible" | "unknown";

/**
 * What the publisher says about a fix: `fixed` in a version that exists, `affected` without a fix, or `will-not-fix`,
 * `fix-deferred`, `end-of-life`, `under-investigation` in the publisher's own vocabulary.
 */
export type FixStatus = "fixed" | "affected" | "will-not-fix" | "fix-deferred" | "end-of-life" | "under-investigation";

/** The package of a finding: enough to find it in the report's `packages` and to read alone. */
export interface FindingPackage {
  readonly name: string;
  readonly version: string;
  readonly type: PackageType;
  readonly purl: string;
  readonly paths: readonly string[];
  readonly layer: number | null;
}

/** Why one record matched: what `--explain` prints. */
export interface MatchEvidence {
  /** The id of the OSV record. */
  readonly advisory: string;
  /** The OSV ecosystem for which the record says so, with its release when it names one: `Debian:12`. */
  readonly ecosystem: string;
  /** The name that was looked up: the package's own or its source package's. */
  readonly name: string;
  /** The version that was compared. */
  readonly version: string;
  readonly matchedBy: "source-package" | "package";
  /** `versions` when the exact version is listed, `range` when it lies between two events. */
  readonly rule: "versions" | "range";
  /** The id of the version scheme that compared. */
  readonly scheme: string;
  /** The comparison as a person reads it: `0 <= 4.17.15 < 4.17.21`. */
  readonly comparison: string;
  /** The score that the severity came from, or a word, with its source. */
  readonly severity?: string;
}

/** A known vulnerability in a package. */
export interface VulnerabilityFinding {
  readonly kind: "vulnerability";
  /** The CVE id when there is one, else the record's id. */
  readonly id: string;
  /** Every other name, sorted. */
  readonly aliases: readonly string[];
  readonly severity: Severity;
  /** CVSS base score, 0 to 10, when a vector is known. */
  readonly score?: number;
  readonly summary?: string;
  readonly package: FindingPackage;
  /** The lowest version above the installed one that no record of this finding calls affected. */
  readonly fixedIn?: string;
  readonly status: FixStatus;
  readonly evidence: readonly MatchEvidence[];
}

/** A closed union: each kind of finding is one member. */
export type Finding = VulnerabilityFinding;

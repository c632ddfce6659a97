import type { DeclaredPlace, PackageType, SourcePackage } from "../packages/package.ts";
import type { Channel } from "./advisory.ts";
import type { Assessment } from "./vex.ts";
import type { VulnerabilityFacts } from "./vulnerability-facts.ts";

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
  readonly source?: SourcePackage;
  /** Those of the package; of several Go programs those that contain what is vulnerable, where that is known. */
  readonly paths: readonly string[];
  readonly layer: number | null;
  readonly declaration?: DeclaredPlace;
}

/** What one source says of a vulnerability's severity. */
export interface SourcedSeverity {
  /** The publisher's name: `Debian`, `GitHub`, `NVD`. */
  readonly source: string;
  /** Never `unknown`. */
  readonly severity: Exclude<Severity, "unknown">;
  /** CVSS, 0 to 10, when the source gives a vector. */
  readonly score?: number;
  /** The CVSS vector, or the word as the source writes it: `Important`. */
  readonly statement: string;
}

/** A fix in a channel that the target does not use. */
export interface ChannelFix {
  readonly channel: Channel;
  readonly version: string;
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
  /** That of the first of `severities`. */
  readonly severity: Severity;
  /** CVSS base score, 0 to 10: that of the first of `severities` that has one. */
  readonly score?: number;
  /** What every source says, in the order in which they count: `docs/decisions/0012-severity-order.md`. */
  readonly severities: readonly SourcedSeverity[];
  readonly summary?: string;
  /** The earliest date on which one of its records was published, RFC 3339; absent when no record has one. */
  readonly published?: string;
  /** The latest change of one of its records, RFC 3339; absent when no record has a date. */
  readonly modified?: string;
  /** HTTP addresses that its records name, advisories and fixes first; absent when there are none. */
  readonly references?: readonly string[];
  readonly package: FindingPackage;
  /** The lowest version above the installed one that no record of this finding calls affected. */
  readonly fixedIn?: string;
  /**
   * The lowest fixed version above the installed one in a channel that the target does not use; only without `fixedIn`.
   */
  readonly channelFix?: ChannelFix;
  readonly status: FixStatus;
  /** The publisher's own words for `status`: `no-dsa: Minor issue`. */
  readonly statusReason?: string;
  /** Known exploitation, its prediction and published exploits, of the CVE ids among the names. */
  readonly facts?: Omit<VulnerabilityFacts, "severities">;
  /** The statement that holds for this finding, when there is one: `affected` or `under_investigation`. */
  readonly assessment?: Assessment;
  readonly evidence: readonly MatchEvidence[];
}

/** A closed union: each kind of finding is one member. */
export type Finding = VulnerabilityFinding;

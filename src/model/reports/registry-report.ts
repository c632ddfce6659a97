import type { ErrorCode } from "../error.ts";
import type { DatabaseStatus } from "../findings/advisory.ts";
import type { Finding, FindingPackage, Severity } from "../findings/finding.ts";
import type { AppliedFilter } from "../findings/finding-filter.ts";
import type { Distribution } from "../packages/distribution.ts";
import type { ListedPackage } from "../packages/package-search.ts";
import type { Problem } from "./problem.ts";
import type { Layer } from "./report.ts";
import type { Verdict } from "./verdict.ts";

/** A finding in one of many images: what there is to act on. The report of the image alone has the evidence. */
export interface RegistryFinding
  extends Pick<
    Finding,
    "kind" | "id" | "aliases" | "severity" | "score" | "fixedIn" | "channelFix" | "status" | "statusReason"
  > {
  readonly package: Pick<FindingPackage, "type" | "name" | "version" | "purl" | "paths" | "layer">;
  /** True when it is in the catalogue of known exploited vulnerabilities. */
  readonly knownExploited: boolean;
}

/** An image that was scanned, whatever repository it is in. */
export interface ScannedImage {
  /** The digest of the image's own manifest. */
  readonly manifestDigest: string;
  /** The digest of its config. */
  readonly imageId: string;
  /** `linux/amd64`; absent when the image does not say. */
  readonly platform?: string;
  /** The user that it runs as. */
  readonly user: string;
  readonly distro: Distribution | null;
  /** When it was scanned, RFC 3339: in this run, or in one that this run goes on with. */
  readonly scannedAt: string;
  /** Lowest first. */
  readonly layers: readonly Pick<Layer, "index" | "digest" | "size" | "base" | "verified" | "inPart">[];
  /** How many packages are in it. */
  readonly packages: number;
  readonly findings: readonly RegistryFinding[];
  /** How many findings there are of each severity that occurs. */
  readonly severities: Readonly<Partial<Record<Severity, number>>>;
  /** How many findings do not count, by a statement that they are fixed or do not affect the package. */
  readonly suppressed: number;
  /** How many findings do not count, by waivers of the policy; absent when there is none. */
  readonly waived?: number;
  readonly problems: readonly Problem[];
}

/** An image as one repository has it. */
export interface RegistryImage extends ScannedImage {
  readonly repository: string;
  /** The tags that stand for it, in their natural order. */
  readonly tags: readonly string[];
  /** What these tags stand for: its manifest, or the index that it was picked from. */
  readonly digest: string;
  readonly verdict: Verdict;
  /** The packages of the image; present when they were requested. */
  readonly packageList?: readonly ListedPackage[];
}

/** Something that could not be listed or scanned. */
export interface RegistryFailure {
  /** Absent when it is about the registry. */
  readonly repository?: string;
  readonly tags: readonly string[];
  /** Absent when it is not known. */
  readonly digest?: string;
  readonly platform?: string;
  readonly code: ErrorCode;
  /** What could not be done and why, written as the message of a `PlimsollError` is. */
  readonly message: string;
  readonly hint?: string;
}

/** What a run over a registry was for. */
export interface RegistryScope {
  /** As references name it: `docker.io`, `HOST:PORT`. */
  readonly registry: string;
  /** The repository, or the part of a path, that all repositories begin with. */
  readonly prefix?: string;
  /** The tag or digest, when one image was named. */
  readonly reference?: string;
  /** The images that were named one by one, as `REPOSITORY[:TAG][@DIGEST]`, in the order in which they were. */
  readonly named?: readonly string[];
  /** The patterns that tags were chosen by; empty for all. */
  readonly tags: readonly string[];
  /** How many images of each repository were wanted at most. */
  readonly newest?: number;
  /**
   * The platform that was wanted; `all` for each that there is. Absent for this machine's, or any other where there is
   * none.
   */
  readonly platform?: string;
}

/** What a run over a registry did, in numbers. */
export interface RegistryTotals {
  readonly repositories: number;
  /** Tags that were wanted. */
  readonly tags: number;
  /** Different images by their own manifests, each counted once whatever tags, repositories and indexes have it. */
  readonly images: number;
  /** Number of these images that an earlier run had finished. */
  readonly resumed: number;
  /** Number of entries that are not images: charts, signatures, attestations. */
  readonly artifacts: number;
  readonly failures: number;
  /**
   * Different layers of the images that were scanned in this run, and those of them that were read, each counted once,
   * also one that could not be read to its end: the others were known.
   */
  readonly layers: { readonly distinct: number; readonly read: number };
  /** Bytes of layers that were downloaded. */
  readonly bytes: number;
}

/** The result of a run over a registry, or over all images of one reference. */
export interface RegistryReport {
  /** The version of this format. */
  readonly schemaVersion: 2;
  /** The program that wrote the report. */
  readonly tool: { readonly name: "plimsoll"; readonly version: string };
  /** When the run began, RFC 3339. */
  readonly createdAt: string;
  readonly scope: RegistryScope;
  /** What the findings leave out, when they were filtered. */
  readonly filter?: AppliedFilter;
  /** By repository, then by tag. They may be read from disk, one by one, at each iteration. */
  readonly images: Iterable<RegistryImage>;
  readonly failures: readonly RegistryFailure[];
  /** Repositories that are listed and hold no tag, sorted. */
  readonly empty: readonly string[];
  /**
   * Repositories that are listed and, when they are asked for, not there: deleted, or not open to the credentials.
   * Sorted.
   */
  readonly unknown: readonly string[];
  readonly totals: RegistryTotals;
  /** What the advisories are and what they therefore cannot tell. */
  readonly database: Pick<DatabaseStatus, "kind" | "path" | "builtAt" | "records"> & {
    readonly limits: readonly string[];
  };
  readonly verdict: Verdict;
}

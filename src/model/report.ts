import type { DatabaseStatus } from "./advisory.ts";
import type { Distribution } from "./distribution.ts";
import type { Finding } from "./finding.ts";
import type { Package } from "./package.ts";
import type { Problem } from "./problem.ts";
import type { Verdict } from "./verdict.ts";
import type { Assessment } from "./vex.ts";

/** What kind of thing was scanned. */
export type TargetKind = "docker" | "docker-archive" | "oci-archive" | "oci-dir" | "dir" | "sbom";

/** What was scanned. */
export interface Target {
  readonly kind: TargetKind;
  /** As the user named it, without the scheme. */
  readonly name: string;
  /** The digest of the image's config, `sha256:…`. */
  readonly imageId?: string;
  /** The digest of the image's manifest, `sha256:…`. */
  readonly manifestDigest?: string;
  /** Names that the archive or engine gives the image. */
  readonly tags?: readonly string[];
  /** `linux/amd64`, `linux/arm/v7`. */
  readonly platform?: string;
  /** The user that the image runs as; `root` when it names none. */
  readonly user?: string;
}

/** A layer of an image, lowest first in the report. */
export interface Layer {
  readonly index: number;
  /** The digest as the manifest has it, of the compressed bytes when they are; absent in the old docker-save form. */
  readonly digest?: string;
  /** The digest of the uncompressed tar, from the config. */
  readonly diffId?: string;
  /** Bytes as stored. */
  readonly size: number;
  /** The instruction that made it, from the image's history. */
  readonly createdBy?: string;
  /** True when the layer is part of the base image, as far as the history shows. */
  readonly base: boolean;
  /** True when the bytes were hashed and equal the digest, in this run or in the run that filled the cache. */
  readonly verified: boolean;
}

/** What is in a target, before anyone judges it. */
export interface Contents {
  /** The program that wrote the report. */
  readonly tool: { readonly name: "plimsoll"; readonly version: string };
  /** When the target was read, RFC 3339. */
  readonly createdAt: string;
  readonly target: Target;
  readonly distro: Distribution | null;
  readonly layers: readonly Layer[];
  readonly packages: readonly Package[];
  readonly problems: readonly Problem[];
}

/** A finding that does not count, and the statement by which it does not. */
export interface SuppressedFinding extends Assessment {
  readonly finding: Finding;
}

/** The result of a scan. */
export interface Report extends Contents {
  /** The version of this format. */
  readonly schemaVersion: 1;
  readonly findings: readonly Finding[];
  /** What would be a finding, were it not for a statement that it is fixed or does not affect the package. */
  readonly suppressed: readonly SuppressedFinding[];
  /** What the advisories are and what they therefore cannot tell. */
  readonly database: DatabaseStatus & { readonly limits: readonly string[] };
  readonly verdict: Verdict;
}

import type { PackageType } from "../packages/package.ts";
import type { SuppressedFinding } from "../reports/report.ts";
import type { Finding } from "./finding.ts";

/** The reason why a package does not have a vulnerability, or why that is unknown. */
export type AbsenceKind =
  /** It has it: a record covers the package. */
  | "affected"
  /** A record names the package, and its version is outside every range, before or between them. */
  | "outside-range"
  /** A record names the package, and its version has the fix. */
  | "fixed"
  | "other-release"
  | "other-module"
  | "other-architecture"
  /**
   * A record names the source package of this name, or the binary one, and not this; or what has the name of the
   * project itself in a registry.
   */
  | "other-package"
  /** A record is only about builds of a channel from which this package is not. */
  | "other-channel"
  /** The record is about programs for other systems or processors. */
  | "other-platform"
  /** The program does not contain the part that is vulnerable. */
  | "not-linked"
  /** The distribution's package that owns its files is judged in its place. */
  | "owned"
  | "third-party"
  | "kernel-headers"
  /** Not compared for another reason. */
  | "not-compared"
  | "withdrawn"
  /** A publisher says that it is not affected, or fixed. */
  | "statement"
  /** A version that cannot be read, or Java archives that do not tell their group. */
  | "cannot-compare"
  | "unknown-distribution"
  /** A part of the target, or of its packages' advisories after their support ended. */
  | "not-examined"
  /** The database has no advisories for the ecosystem. */
  | "no-ecosystem"
  /** The vulnerability is known, and no record names a package of this target. */
  | "package-absent"
  | "no-record";

/** One reason, about one package or about all. */
export interface AbsenceReason {
  /** Absent when it is about no package in particular. */
  readonly package?: { readonly name: string; readonly version: string; readonly type: PackageType };
  readonly kind: AbsenceKind;
  /** A whole sentence. */
  readonly text: string;
}

/** Why a scan does not report a vulnerability; or that it does. */
export interface WhyNot {
  /** As it was asked for. */
  readonly id: string;
  /** The findings under this name; empty when it is not reported. */
  readonly findings: readonly Finding[];
  /** Findings under this name that a statement suppresses. */
  readonly suppressed: readonly SuppressedFinding[];
  /**
   * About packages without such a finding, in their order; what is about no package last, and only without any finding.
   */
  readonly reasons: readonly AbsenceReason[];
}

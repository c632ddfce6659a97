import type { Severity } from "../findings/finding.ts";
import type { Problem } from "../reports/problem.ts";
import type { AppliedBaseline } from "../reports/report.ts";
import type { Verdict } from "../reports/verdict.ts";

/**
 * The state of a result. `warn`: the check could not be evaluated. `manual`: a person must decide. `waived`: the check
 * failed, and a waiver that has not expired accepts the failure.
 */
export type CheckState = "pass" | "fail" | "warn" | "manual" | "not-applicable" | "waived";

/** Where a published benchmark or standard has the same subject. Ids are facts; texts are our own. */
export interface CheckMapping {
  /** For example `CIS Docker Benchmark`, `NSA Kubernetes Hardening`, `MITRE ATT&CK`. */
  readonly framework: string;
  readonly version?: string;
  readonly id: string;
}

/** One thing that was looked at. */
export interface Evidence {
  /** What: a path, a flag, a field, a system setting. */
  readonly subject: string;
  /** What was there, printable; absent when nothing was. Secrets appear as their shape only. */
  readonly value?: string;
  /** What would have passed. */
  readonly expected?: string;
}

/** A place in a file; lines and columns from 1. */
export interface CheckLocation {
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
}

/** The verdict of one check on one resource. */
export interface CheckResult {
  /** `docker/daemon-icc`, `pss/privileged`, or the id in a definition file of the user. */
  readonly id: string;
  readonly state: CheckState;
  readonly severity: Exclude<Severity, "unknown">;
  /** The fault when the check failed, waived or not; else the expected state. */
  readonly title: string;
  /**
   * What it is about: `Deployment shop/api container web`, `container web`, a path; absent when the target as a whole
   * is.
   */
  readonly resource?: string;
  readonly location?: CheckLocation;
  readonly evidence: readonly Evidence[];
  /**
   * Why it is in this state, where the evidence alone does not tell; always with `warn`, `not-applicable` and `waived`.
   */
  readonly reason?: string;
  /** A comment in the checked file waives it, not the waivers of whoever runs the check; only with `waived`. */
  readonly isWaivedInline?: true;
  /** What to do, in words, and commands to review and run; one that begins with `#` is a hint that no shell runs. */
  readonly remediation: string;
  readonly commands?: readonly string[];
  readonly mappings: readonly CheckMapping[];
}

/** What was checked. */
export interface CheckTarget {
  readonly kind: "docker" | "kubernetes" | "host" | "dockerfile" | "manifests" | "image" | "definitions";
  readonly name: string;
  /** How many of each kind were looked at; a kind that the target does not have is left out. */
  readonly examined?: Readonly<Partial<Record<ExaminedKind, number>>>;
}

/** What a {@link CheckTarget} consists of. `composeFiles` are counted among `files` as well. */
export type ExaminedKind = "files" | "resources" | "composeFiles" | "layers" | "images" | "containers";

/** All results of one run. */
export interface CheckReport {
  readonly schemaVersion: 2;
  readonly tool: { readonly name: "plimsoll"; readonly version: string };
  /** When the facts were collected, RFC 3339. */
  readonly createdAt: string;
  readonly target: CheckTarget;
  /** The earlier report whose failures are left out; absent when none was named. */
  readonly baseline?: AppliedBaseline;
  /** By check, then by resource, in a stable order. */
  readonly results: readonly CheckResult[];
  readonly counts: Readonly<Record<CheckState, number>>;
  /** A sentence for each waiver of the policy without effect; absent when there is none. */
  readonly idleWaivers?: readonly string[];
  readonly problems: readonly Problem[];
  readonly verdict: Verdict;
}

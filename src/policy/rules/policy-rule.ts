import type { Severity } from "../../model/findings/finding.ts";
import type { Threshold } from "../threshold.ts";
import type { RuleExpression } from "./rule-expression.ts";

/** What a rule does with a finding that it matches. */
export type RuleEffect = "deny" | "warn" | "allow";

/** Kinds of findings that a rule can name. */
export const findingKinds = ["vulnerability", "check", "secret", "malware"] as const;

/** One kind of finding. */
export type FindingKind = (typeof findingKinds)[number];

/** Where a policy is evaluated. */
export const environments = ["build", "registry", "admission", "runtime"] as const;

/** Where a policy is evaluated; a command sets it. */
export type Environment = (typeof environments)[number];

/** Both bounds are included. */
export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
}

/** Conditions; all of them must hold. A list holds when one of its members does. Patterns: `*` matches any text. */
export interface RuleConditions {
  readonly kind?: readonly FindingKind[];
  /**
   * Patterns for the id of a vulnerability, its aliases, the id of a check, or `secret/` or `malware/` and the rule.
   */
  readonly id?: readonly string[];
  /** One severity includes all worse ones; a list has exactly its members. */
  readonly severity?: Threshold | readonly Severity[];
  readonly fixAvailable?: boolean;
  /** Days since the advisory was published. */
  readonly age?: NumberRange;
  readonly epss?: NumberRange;
  readonly knownExploited?: boolean;
  /** The CVSS base score, and metrics of a vector with the values that they may have. */
  readonly cvss?: NumberRange & { readonly vector?: Readonly<Record<string, readonly string[]>> };
  /** Patterns. */
  readonly package?: { readonly type?: readonly string[]; readonly name?: readonly string[] };
  /** Patterns, without a slash at the start. */
  readonly path?: readonly string[];
  /** Patterns for the digests of the layer that brings the package. */
  readonly layer?: readonly string[];
  readonly baseImage?: boolean;
  readonly environment?: readonly Environment[];
  /** Patterns for the name of the target. */
  readonly image?: readonly string[];
  readonly expression?: RuleExpression;
}

/** A rule of a policy. */
export interface PolicyRule {
  /** Unique in its policy. */
  readonly name: string;
  readonly when: RuleConditions;
  readonly action: RuleEffect;
  /** Days from the publication of an advisory for which `deny` is a warning. */
  readonly grace?: number;
  readonly reason?: string;
  /** A policy that extends this one may decide otherwise, by a rule that matches. */
  readonly allowOverride?: boolean;
}

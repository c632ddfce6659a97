import type { Severity } from "./finding.ts";

/** Which findings a report shows. A filter never changes the verdict. */
export interface FindingFilter {
  /** The severities that are shown, worst first. */
  readonly severities: readonly Severity[];
  /** True when findings without a fixed version are left out. */
  readonly ignoreUnfixed: boolean;
}

/** A filter, and how much it left out. */
export interface AppliedFilter extends FindingFilter {
  /** The number of findings that are not shown; the verdict counts them. */
  readonly leftOut: number;
}

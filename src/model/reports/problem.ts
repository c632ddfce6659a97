/** What kind of gap a {@link Problem} is. */
export type ProblemCode =
  /** Bytes that should have been read could not be: truncated, corrupt, or against their format. */
  | "unreadable"
  /** Something lies beside what was scanned, and was left out. */
  | "not-examined"
  /** Something was larger, deeper or more numerous than a stated limit. */
  | "limit-exceeded"
  /** The distribution is not known, so its packages cannot be judged. */
  | "unknown-distribution"
  /** The database holds no advisories for an ecosystem that the target uses. */
  | "no-advisories"
  /** The release of the distribution no longer receives security updates. */
  | "end-of-life"
  /** A version that its ecosystem's scheme cannot read, so no comparison is possible. */
  | "unknown-version";

/**
 * Something that could not be examined. A problem travels with the results to the report and to the verdict: it is the
 * difference between "nothing found" and "cannot tell".
 */
export interface Problem {
  readonly code: ProblemCode;
  /** What could not be examined and why, written as the message of a `PlimsollError` is. */
  readonly message: string;
  /** Where in the target, from its root without a leading slash, when there is such a place. */
  readonly path?: string;
}

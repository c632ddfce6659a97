/** `cannot-tell` is an answer of its own: something was not examined, so neither of the others would be true. */
export type Decision = "allowed" | "denied" | "cannot-tell";

/** The one answer to "may this ship?". */
export interface Verdict {
  readonly decision: Decision;
  /** Why, one clause each, written as the message of a `PlimsollError` is; never empty. */
  readonly reasons: readonly string[];
}

/**
 * `warned`: nothing denies, and a rule of the policy warns; the exit code is that of `allowed`.
 * `cannot-tell`: something was not examined, so no other decision would be true. `not-judged`: everything was examined,
 * and no policy or gate says which results deny.
 */
export type Decision = "allowed" | "warned" | "denied" | "cannot-tell" | "not-judged";

/** Ends the reason of every verdict that was made without a policy or gate. */
export const noPolicyGiven = "no policy or --fail-on given";

/** The one answer to "may this ship?". */
export interface Verdict {
  readonly decision: Decision;
  /** Why, one clause each, written as the message of a `PlimsollError` is; never empty. */
  readonly reasons: readonly string[];
}

/**
 * A comment in a file that accepts what a check says:
 * `# plimsoll:ignore ID until=2027-01-01 reason=words to the end of the line`.
 */
export interface InlineWaiver {
  /** Id of the check. */
  readonly id: string;
  /** `2027-01-01`: the last day on which it holds; without it, it is without an end. */
  readonly until?: string;
  readonly reason?: string;
  /** Where the comment is; lines from 1. */
  readonly line: number;
  /** It is for what lies on these lines. */
  readonly firstLine: number;
  readonly lastLine: number;
}

/**
 * Every reason for which Plimsoll stops. Each code has a heading in `docs/errors.md`; a test holds the two together.
 */
export type ErrorCode =
  | "address-unavailable"
  | "archive-malformed"
  | "archive-not-recognised"
  | "cancelled"
  | "database-malformed"
  | "database-not-found"
  | "database-outdated"
  | "database-rollback"
  | "digest-mismatch"
  | "engine-failed"
  | "engine-unreachable"
  | "facts-malformed"
  | "feed-malformed"
  | "feed-unreachable"
  | "file-malformed"
  | "image-not-found"
  | "layout-malformed"
  | "limit-exceeded"
  | "manifest-malformed"
  | "notification-malformed"
  | "output-not-written"
  | "platform-not-found"
  | "probe-unavailable"
  | "program-failed"
  | "registry-failed"
  | "registry-refused"
  | "registry-unreachable"
  | "rules-malformed"
  | "sbom-malformed"
  | "scanner-failed"
  | "signature-not-verified"
  | "target-not-found"
  | "target-unreadable"
  | "usage";

/** What a {@link PlimsollError} may carry beside its message. */
export interface ErrorDetails {
  /** What the reader can do now: one sentence with its full stop. */
  readonly hint?: string;
  /** The message in lines, of one that is a report or a list: for who can show several. */
  readonly lines?: readonly string[];
  readonly cause?: unknown;
}

/**
 * The only error that Plimsoll throws on purpose. `message` says what happened to what: one clause that begins in lower
 * case unless with a name, without a full stop, so that it can follow a colon. `hint` says what to do.
 */
export class PlimsollError extends Error {
  override readonly name = "PlimsollError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly lines: readonly string[] | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.lines = details.lines;
  }
}

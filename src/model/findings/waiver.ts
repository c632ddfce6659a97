import type { FileFinding } from "./file-finding.ts";
import type { Finding } from "./finding.ts";

/** The value of `until` with which a waiver holds as long as there is no fix. */
export const untilFixed = "fixed";

/** An acceptance of findings, for a while. All of its scopes must fit a finding; in patterns, `*` fits any text. */
export interface Waiver {
  /**
   * Pattern for the id or an alias of a vulnerability, in any letter case, for the id of a check, or for `secret/RULE`
   * or `malware/RULE`.
   */
  readonly id: string;
  /** Patterns for package URLs without qualifiers and percent-encoding; without a version, every version is meant. */
  readonly package?: readonly string[];
  /** Patterns, without a slash at the start, for the paths of the package or the file of the check. */
  readonly path?: readonly string[];
  /** Patterns for the name of the target. */
  readonly image?: readonly string[];
  /** Patterns for the resource of a check. */
  readonly resource?: readonly string[];
  readonly reason: string;
  readonly owner?: string;
  /** The last day on which it holds, `2027-01-31` in UTC, or {@link untilFixed}. Without it, it holds until removed. */
  readonly until?: string;
}

/** A finding that does not count, and the waiver by which it does not. */
export interface WaivedFinding {
  readonly finding: Finding;
  readonly waiver: Waiver;
}

/** A secret or a malicious file that does not count, and the waiver by which it does not. */
export interface WaivedFileFinding<Kind extends FileFinding = FileFinding> {
  readonly finding: Kind;
  readonly waiver: Waiver;
}

/** `waived, by ops until 2027-01-31: it reads raw disks`. */
export function waiverText({ reason, until, owner }: Pick<Waiver, "reason" | "until" | "owner">): string {
  const by = owner === undefined ? "" : `, by ${owner}`;
  const end = until === undefined ? "" : until === untilFixed ? " until a fix is available" : ` until ${until}`;
  return `waived${by}${end}: ${reason}`;
}

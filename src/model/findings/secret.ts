import type { Severity } from "./finding.ts";

/** A secret in a text, without its value. */
export interface FoundSecret {
  /** The id of the rule: `github-token`. */
  readonly rule: string;
  /** What it is, as a sentence names it: `GitHub token`. */
  readonly title: string;
  readonly severity: Severity;
  /** The line on which it begins, counted from 1. */
  readonly line: number;
  /** Its public beginning and its length: `ghp_… (40 characters)`. */
  readonly shape: string;
  /**
   * The first 16 hexadecimal digits of the SHA-256 of the value: the same secret has the same one everywhere. Absent
   * for values that can be guessed, such as passwords.
   */
  readonly fingerprint?: string;
}

/** A secret in a target. */
export interface SecretFinding extends FoundSecret {
  readonly kind: "secret";
  /** The file, from the root without a leading slash, or the part of the image's configuration: `ENV DB_PASSWORD`. */
  readonly path: string;
  /** Index into the report's layers; null when the target has no layers, and for the configuration of an image. */
  readonly layer: number | null;
  /** True for a file that a later layer removes or replaces: who has the image can still read it. */
  readonly deleted?: true;
  /** The oldest commit that has it, in hexadecimal, for a secret that is only in the Git history. */
  readonly commit?: string;
}

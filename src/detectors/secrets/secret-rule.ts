import type { Severity } from "../../model/findings/finding.ts";

/** A kind of secret, and how it is recognised. */
export interface SecretRule {
  readonly id: string;
  /** As a sentence names it, without an article: `GitHub token`. */
  readonly title: string;
  readonly severity: Severity;
  /** Texts of which one is near every such secret, in lower case; they are searched in any letter case. */
  readonly keywords: readonly string[];
  /**
   * The form, with the flags `g` and perhaps `i` and `m`. The secret is the group `secret`, or the whole match. It must
   * not repeat what may be long, because it runs on hostile text.
   */
  readonly pattern: RegExp;
  /** How far from a keyword a match may begin and end, in characters. */
  readonly before: number;
  readonly after: number;
  /** How many characters at the start of the secret are public. */
  readonly shown: number;
  /** The least bits for each character, as a random value has; see `entropyOf`. */
  readonly entropy?: number;
  /** True when the value may be guessed, so that its fingerprint would give it away. */
  readonly guessable?: true;
  /** True when documentation and tests of published software often have examples that look the same. */
  readonly hasExamples?: true;
  /** Whether a value of the right form can be one: a checksum, or not an example. */
  readonly validate?: (value: string) => boolean;
}

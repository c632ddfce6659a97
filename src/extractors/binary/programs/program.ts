/** A text in a program that tells its version. */
export interface VersionText {
  /**
   * Bytes that stand near the version and that few other places of the program have, in Latin-1; the version is looked
   * for around each of them. `{named}` stands for what {@link Program.named} finds.
   */
  readonly near: string;
  /** Matches the version, as its first group, with what stands around it; `near` is part of the match. */
  readonly version: RegExp;
}

/** A program or library that images contain without a package manager's knowledge, and how it is recognised. */
export interface Program {
  /** The name in a package URL of type `generic`. */
  readonly name: string;
  /** The names of its files. */
  readonly files?: readonly string[];
  /** How names of its files begin, where they end in a version or a hash. */
  readonly prefixes?: readonly string[];
  /** The beginning of the version in the name of a file, as its first group: the version found must begin so. */
  readonly named?: RegExp;
  /** The first that is found counts. */
  readonly texts: readonly VersionText[];
}

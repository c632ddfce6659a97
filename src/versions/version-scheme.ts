/** How one ecosystem orders its versions. Pure: no clock, no state. */
export interface VersionScheme<V> {
  /**
   * The name of its file: `dpkg`, `semver`, `pep440`. One for the builds of another publisher has a prefix:
   * `root-dpkg`.
   */
  readonly id: string;
  /** Undefined when the text is not a version of this scheme; then nothing may be concluded from it. */
  parse(text: string): V | undefined;
  compare(a: V, b: V): -1 | 0 | 1;
  /**
   * Whether a version that a record lists, or names as the last one affected, stands for this higher one too: `2.6.0`
   * of Python for `2.6.0+cu124`. Absent where each stands for itself alone.
   */
  standsFor?(named: V, version: V): boolean;
}

/**
 * The longest text, in UTF-16 units, that any scheme takes for a version. Real versions stay below 200; the limit
 * bounds the work and the memory that a hostile one can ask for.
 */
export const versionLengthLimit = 1024;

/** How one ecosystem orders its versions. Pure: no clock, no state. */
export interface VersionScheme<V> {
  /** `dpkg`, `apk`, `rpm`, `semver`, `pep440`, `maven`. */
  readonly id: string;
  /** Undefined when the text is not a version of this scheme; then nothing may be concluded from it. */
  parse(text: string): V | undefined;
  compare(a: V, b: V): -1 | 0 | 1;
}

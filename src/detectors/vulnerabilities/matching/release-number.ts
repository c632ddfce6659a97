/** `9` for `9.4`: the release as far as the first dot. */
export function major(version: string): string {
  return version.split(".", 1)[0] ?? version;
}

/** `15.6` for `15.6.1`; a release of another form as it is. */
export function majorAndMinor(version: string): string {
  return /^\d+\.\d+/.exec(version)?.[0] ?? version;
}

/** `4.0` for `4`; a release with a dot as it is. */
export function withMinor(version: string): string {
  return version.includes(".") ? version : `${version}.0`;
}

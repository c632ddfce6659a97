/** A version as rule files and plugins give it: three numbers. */
export type Version = readonly [major: number, minor: number, patch: number];

/**
 * The first three numbers of a text that begins with them (`0.31.0`, also `0.31.0-rc1`); `undefined` for any other
 * text.
 */
export function parseVersion(text: string): Version | undefined {
  const match = /^\s*(\d{1,9})\.\s*(\d{1,9})\.\s*(\d{1,9})/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

/** A version as `0.31.0`. */
export function printVersion(version: Version): string {
  return version.join(".");
}

/** Whether `a` comes before `b`. */
export function isOlder(a: Version, b: Version): boolean {
  const index = a.findIndex((number, place) => number !== b[place]);
  return index !== -1 && (a[index] ?? 0) < (b[index] ?? 0);
}

/** Whether what is there can serve what was asked for: the same major version, and not older. */
export function isCompatible(present: Version, requested: Version): boolean {
  return present[0] === requested[0] && !isOlder(present, requested);
}

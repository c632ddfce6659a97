import { fitsWildcard } from "../../model/packages/wildcard.ts";

/** Whether a text fits one of the patterns. */
export function fitsAny(text: string, patterns: readonly string[] = []): boolean {
  return patterns.some((pattern) => fitsWildcard(text, pattern));
}

/** Whether there are paths and each fits: a package that lies elsewhere too is not waived by one of its places. */
export function fitsEvery(paths: readonly string[], patterns: readonly string[]): boolean {
  return paths.length > 0 && paths.every((path) => fitsAny(path.replace(/^\/+/, ""), patterns));
}

/** The day of a time in UTC, as waivers have it: `2027-01-31`. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

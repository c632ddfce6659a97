import { compareNaturals, endOfDigits, type Natural, readNatural } from "./natural.ts";
import { versionLengthLimit } from "./version-scheme.ts";

/** A version of numbers alone. Zeros count: 1.0 and 1 differ. Never empty. */
export type NumericVersion = readonly Natural[];

/**
 * Reads whole numbers with exactly one of the characters of `separators` between them, white space around passed over;
 * undefined for anything else.
 */
export function parseNumericVersion(text: string, separators: string): NumericVersion | undefined {
  if (text.length > versionLengthLimit) return undefined;
  const trimmed = text.trim();
  const numbers: Natural[] = [];
  for (let start = 0; ; ) {
    const end = endOfDigits(trimmed, start);
    if (end === start) return undefined;
    numbers.push(readNatural(trimmed, start, end));
    if (end === trimmed.length) return numbers;
    if (!separators.includes(trimmed.charAt(end))) return undefined;
    start = end + 1;
  }
}

/** Number by number; where one version is the start of the other, the shorter is lower. */
export function compareNumericVersions(a: NumericVersion, b: NumericVersion): -1 | 0 | 1 {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const order = compareNaturals(a[index] ?? 0, b[index] ?? 0);
    if (order !== 0) return order;
  }
  return compareNaturals(a.length, b.length);
}

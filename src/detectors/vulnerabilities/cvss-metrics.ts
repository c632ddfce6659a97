import { isLetter } from "../../versions/natural.ts";

// A CVSS vector is `NAME:VALUE` pairs joined by `/`; versions 3 and 4 begin with `CVSS:<version>`:
//
//   AV:N/AC:L/Au:N/C:N/I:N/A:C
//   CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N

/** The longest vector of any version, with every optional metric, is about 250 characters. */
const longestVector = 512;

/** Value by metric name. */
export type Metrics = ReadonlyMap<string, string>;

/**
 * Splits a vector into its metrics. `prefix` is `CVSS:3.1` or empty for version 2. Undefined when a pair is malformed, a
 * metric is given twice, one of `required` is missing, or a value is not among those that `required` allows.
 */
export function readMetrics(
  vector: string,
  prefix: string,
  required: Readonly<Record<string, string>>,
): Metrics | undefined {
  if (vector.length > longestVector) return undefined;
  const pairs = vector.split("/");
  if (prefix !== "" && pairs.shift() !== prefix) return undefined;
  const metrics = new Map<string, string>();
  for (const pair of pairs) {
    const colon = pair.indexOf(":");
    const name = pair.slice(0, colon);
    const value = pair.slice(colon + 1);
    if (colon < 1 || !isWord(name, 3) || !isWord(value, 6) || metrics.has(name)) return undefined;
    metrics.set(name, value);
  }
  for (const name of Object.keys(required)) {
    const value = metrics.get(name);
    // Values are single letters.
    if (value?.length !== 1 || !required[name]?.includes(value)) return undefined;
  }
  return metrics;
}

/** One to `longest` letters. */
function isWord(text: string, longest: number): boolean {
  if (text.length === 0 || text.length > longest) return false;
  for (let index = 0; index < text.length; index++) if (!isLetter(text.charCodeAt(index))) return false;
  return true;
}

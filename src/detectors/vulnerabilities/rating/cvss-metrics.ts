// A CVSS vector is `NAME:VALUE` pairs joined by `/`; versions 3 and 4 begin with `CVSS:<version>`:
//
//   AV:N/AC:L/Au:N/C:N/I:N/A:C
//   CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N

/** The longest vector of any version, with every optional metric, is about 250 characters. */
const longestVector = 512;

/** Pairs of a short name and a short value. */
const shape = /^[A-Za-z]{1,3}:[A-Za-z]{1,6}(?:\/[A-Za-z]{1,3}:[A-Za-z]{1,6})*$/;

/** Value by metric name. */
export type Metrics = ReadonlyMap<string, string>;

/**
 * Splits a vector into its metrics. `prefix` is `CVSS:3.1` or empty for version 2. Undefined when a pair is malformed,
 * a metric is given twice, one of `required` is missing, or a value is not among those that `required` allows.
 */
export function readMetrics(
  vector: string,
  prefix: string,
  required: Readonly<Record<string, string>>,
): Metrics | undefined {
  if (vector.length > longestVector || (prefix !== "" && !vector.startsWith(`${prefix}/`))) return undefined;
  const text = prefix === "" ? vector : vector.slice(prefix.length + 1);
  if (!shape.test(text)) return undefined;
  const pairs = text.split("/");
  const metrics = new Map<string, string>();
  for (let index = 0, pair = pairs[0]; pair !== undefined; pair = pairs[++index]) {
    const colon = pair.indexOf(":");
    const name = pair.slice(0, colon);
    if (metrics.has(name)) return undefined;
    metrics.set(name, pair.slice(colon + 1));
  }
  for (const name of Object.keys(required)) {
    const value = metrics.get(name);
    // Values are single letters.
    if (value?.length !== 1 || !required[name]?.includes(value)) return undefined;
  }
  return metrics;
}

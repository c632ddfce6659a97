import { readMetrics } from "./cvss-metrics.ts";

const required = { AV: "L A N", AC: "H M L", Au: "M S N", C: "N P C", I: "N P C", A: "N P C" };

const weights: Readonly<Record<string, number>> = {
  "AV:L": 0.395,
  "AV:A": 0.646,
  "AV:N": 1,
  "AC:H": 0.35,
  "AC:M": 0.61,
  "AC:L": 0.71,
  "Au:M": 0.45,
  "Au:S": 0.56,
  "Au:N": 0.704,
};
const impacts: Readonly<Record<string, number>> = { N: 0, P: 0.275, C: 0.66 };

/**
 * The base score of a CVSS 2 vector, 0 to 10; undefined when it is not one. Temporal and environmental metrics are
 * passed over.
 *
 * Source: "A Complete Guide to the Common Vulnerability Scoring System Version 2.0", section 3.2.1.
 */
export function scoreCvss2(vector: string): number | undefined {
  const metrics = readMetrics(vector.replace(/^\((.*)\)$/, "$1"), "", required);
  if (!metrics) return undefined;
  const weight = (name: string): number => weights[`${name}:${metrics.get(name)}`] ?? 0;
  const loss = (name: string): number => 1 - (impacts[metrics.get(name) ?? ""] ?? 0);
  const impact = 10.41 * (1 - loss("C") * loss("I") * loss("A"));
  const exploitability = 20 * weight("AV") * weight("AC") * weight("Au");
  const factor = impact === 0 ? 0 : 1.176;
  return Math.round((0.6 * impact + 0.4 * exploitability - 1.5) * factor * 10) / 10;
}

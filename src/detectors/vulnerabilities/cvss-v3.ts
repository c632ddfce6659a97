import { readMetrics } from "./cvss-metrics.ts";

const required = {
  AV: "N A L P",
  AC: "L H",
  PR: "N L H",
  UI: "N R",
  S: "U C",
  C: "H L N",
  I: "H L N",
  A: "H L N",
};

const weights: Readonly<Record<string, number>> = {
  "AV:N": 0.85,
  "AV:A": 0.62,
  "AV:L": 0.55,
  "AV:P": 0.2,
  "AC:L": 0.77,
  "AC:H": 0.44,
  "UI:N": 0.85,
  "UI:R": 0.62,
  "PR:N": 0.85,
  "PR:L": 0.62,
  "PR:H": 0.27,
};
/** Privileges weigh more when the scope changes. */
const changedPrivileges: Readonly<Record<string, number>> = { N: 0.85, L: 0.68, H: 0.5 };
const impacts: Readonly<Record<string, number>> = { H: 0.56, L: 0.22, N: 0 };

/**
 * The base score of a CVSS 3.0 or 3.1 vector, 0 to 10; undefined when it is neither. Temporal and environmental metrics are
 * passed over.
 *
 * Source: CVSS v3.1 specification document, section 7.1 and appendix A (rounding up); the base formula of 3.0 is the same.
 */
export function scoreCvss3(vector: string): number | undefined {
  const prefix = vector.slice(0, 8);
  if (prefix !== "CVSS:3.0" && prefix !== "CVSS:3.1") return undefined;
  const metrics = readMetrics(vector, prefix, required);
  if (!metrics) return undefined;
  const weight = (name: string): number => weights[`${name}:${metrics.get(name)}`] ?? 0;
  const loss = (name: string): number => 1 - (impacts[metrics.get(name) ?? ""] ?? 0);
  const changed = metrics.get("S") === "C";
  const base = 1 - loss("C") * loss("I") * loss("A");
  const impact = changed ? 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 : 6.42 * base;
  if (impact <= 0) return 0;
  const privileges = changed ? (changedPrivileges[metrics.get("PR") ?? ""] ?? 0) : weight("PR");
  const exploitability = 8.22 * weight("AV") * weight("AC") * privileges * weight("UI");
  return roundUp(Math.min((changed ? 1.08 : 1) * (impact + exploitability), 10));
}

/** To the next tenth, free of the errors of binary fractions. */
function roundUp(score: number): number {
  const units = Math.round(score * 100_000);
  return units % 10_000 === 0 ? units / 100_000 : (Math.floor(units / 10_000) + 1) / 10;
}

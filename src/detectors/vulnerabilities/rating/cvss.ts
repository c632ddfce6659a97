import type { Severity } from "../../../model/findings/finding.ts";
import { scoreCvss2 } from "./cvss-v2.ts";
import { scoreCvss3 } from "./cvss-v3.ts";
import { scoreCvss4 } from "./cvss-v4.ts";

/**
 * The score of a CVSS vector of any version, 0 to 10; undefined when it is not one. The base score; for version 4 with
 * the exploit maturity, as publishers of version 4 do.
 */
export function scoreCvss(vector: string): number | undefined {
  if (vector.startsWith("CVSS:4")) return scoreCvss4(vector);
  if (vector.startsWith("CVSS:3")) return scoreCvss3(vector);
  return scoreCvss2(vector);
}

/**
 * The word for a score; a score of 0 is `negligible`.
 *
 * Source: CVSS v3.1 and v4.0 specifications, "Qualitative Severity Rating Scale".
 */
export function severityOfScore(score: number): Exclude<Severity, "unknown"> {
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  if (score >= 4) return "medium";
  return score > 0 ? "low" : "negligible";
}

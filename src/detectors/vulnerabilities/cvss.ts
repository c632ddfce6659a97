import type { SeverityScore } from "../../model/advisory.ts";
import type { Severity } from "../../model/finding.ts";
import { scoreCvss2 } from "./cvss-v2.ts";
import { scoreCvss3 } from "./cvss-v3.ts";
import { scoreCvss4 } from "./cvss-v4.ts";

/** A vector and what it comes to. */
export interface CvssRating {
  readonly vector: string;
  /** 0 to 10. */
  readonly score: number;
}

/**
 * The score of a CVSS vector of any version, 0 to 10; undefined when it is not one. The base score; for version 4 with the
 * exploit maturity, as publishers of version 4 do.
 */
export function scoreCvss(vector: string): number | undefined {
  if (vector.startsWith("CVSS:4")) return scoreCvss4(vector);
  if (vector.startsWith("CVSS:3")) return scoreCvss3(vector);
  return scoreCvss2(vector);
}

/** The rating by the newest version of CVSS among these; undefined when none of them is a vector. */
export function bestCvss(severities: readonly SeverityScore[]): CvssRating | undefined {
  let best: (CvssRating & { readonly version: string }) | undefined;
  for (const { type, score: vector } of severities) {
    if (!type.startsWith("CVSS_V")) continue;
    const score = scoreCvss(vector);
    if (score === undefined) continue;
    const version = vector.startsWith("CVSS:") ? vector.slice(5, 8) : "2.0";
    if (!best || version > best.version || (version === best.version && score > best.score)) {
      best = { vector, score, version };
    }
  }
  return best && { vector: best.vector, score: best.score };
}

/**
 * The word for a score; a score of 0 is `negligible`.
 *
 * Source: CVSS v3.1 and v4.0 specifications, "Qualitative Severity Rating Scale".
 */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  if (score >= 4) return "medium";
  return score > 0 ? "low" : "negligible";
}

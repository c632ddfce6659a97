import type { Severity } from "../../../model/findings/finding.ts";
import type { SarifLevel } from "./sarif-log.ts";

interface Band {
  readonly level: SarifLevel;
  /** The lowest and the highest `security-severity` that GitHub shows as this severity. */
  readonly from: number;
  readonly to: number;
  /** For a finding without a score in this band. */
  readonly usual: number;
}

/** Source: "SARIF support for code scanning": over 9.0 critical, 7.0 high, 4.0 medium, 0.1 low. */
const bands: Readonly<Record<Severity, Band>> = {
  critical: { level: "error", from: 9.1, to: 10, usual: 9.5 },
  high: { level: "error", from: 7, to: 8.9, usual: 8 },
  medium: { level: "warning", from: 4, to: 6.9, usual: 5.5 },
  low: { level: "note", from: 0.1, to: 3.9, usual: 2 },
  negligible: { level: "note", from: 0.1, to: 0.9, usual: 0.1 },
  // GitHub has no unknown severity. Medium keeps such a finding in sight and out of the gates for high.
  unknown: { level: "warning", from: 4, to: 6.9, usual: 5.5 },
};

/** The level of a result. */
export function levelOf(severity: Severity): SarifLevel {
  return bands[severity].level;
}

/** The CVSS score, if GitHub shows it as the severity that the report has; else a number that it shows so. */
export function securitySeverity(severity: Severity, score?: number): number {
  const { from, to, usual } = bands[severity];
  return score !== undefined && score >= from && score <= to ? score : usual;
}

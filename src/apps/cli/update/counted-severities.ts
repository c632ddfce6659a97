import type { Finding, Severity } from "../../../model/findings/finding.ts";

const severities: readonly Severity[] = ["critical", "high", "medium", "low", "negligible", "unknown"];

/** `12 findings (2 critical, 10 high)`. */
export function countedSeverities(findings: readonly Finding[]): string {
  const counts = severities.flatMap((severity) => {
    const { length } = findings.filter((finding) => finding.severity === severity);
    return length > 0 ? [`${length} ${severity}`] : [];
  });
  const noun = findings.length === 1 ? "finding" : "findings";
  return `${findings.length} ${noun}${counts.length > 0 ? ` (${counts.join(", ")})` : ""}`;
}

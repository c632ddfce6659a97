import type { Severity, SourcedSeverity, VulnerabilityFinding } from "../../../model/findings/finding.ts";

/** CycloneDX's word for each severity. */
const words: Readonly<Record<Severity, string>> = {
  critical: "critical",
  high: "high",
  medium: "medium",
  low: "low",
  negligible: "info",
  unknown: "unknown",
};

const methods: readonly (readonly [method: string, vector: RegExp])[] = [
  ["CVSSv4", /^CVSS:4\.0\//],
  ["CVSSv31", /^CVSS:3\.1\//],
  ["CVSSv3", /^CVSS:3\.0\//],
  ["CVSSv2", /^AV:[LAN]\//],
];

/** A rating for each source, in the order in which they count. */
export function ratingsOf({ severity, severities }: VulnerabilityFinding): readonly object[] {
  return severities.length === 0 ? [{ severity: words[severity] }] : severities.map(ratingOf);
}

/** A source's own word for the severity is the `justification`. */
function ratingOf({ source, severity, score, statement }: SourcedSeverity): object {
  const method = methods.find(([, vector]) => vector.test(statement))?.[0];
  return {
    source: { name: source },
    ...(score !== undefined && { score }),
    severity: words[severity],
    method: method ?? "other",
    ...(method === undefined ? { justification: statement } : { vector: statement }),
  };
}

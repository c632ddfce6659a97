import type { SeverityStatement } from "../../../model/advisory.ts";
import { isJsonObject, type JsonObject } from "../../../model/json-object.ts";

const mostStatements = 20;

/** The lists of metrics of a CVE, newest first, and what a vector in them looks like. */
const metrics: readonly { readonly key: string; readonly type: "CVSS_V2" | "CVSS_V3" | "CVSS_V4"; vector: RegExp }[] = [
  { key: "cvssMetricV40", type: "CVSS_V4", vector: /^CVSS:4\.0\/[A-Za-z:/]{1,300}$/ },
  { key: "cvssMetricV31", type: "CVSS_V3", vector: /^CVSS:3\.1\/[A-Za-z:/]{1,200}$/ },
  { key: "cvssMetricV30", type: "CVSS_V3", vector: /^CVSS:3\.0\/[A-Za-z:/]{1,200}$/ },
  { key: "cvssMetricV2", type: "CVSS_V2", vector: /^AV:[A-Za-z:/]{1,200}$/ },
];

/** Who NVD's sources are; of the others, the domain is shown. */
const names: Readonly<Record<string, string>> = {
  "nvd@nist.gov": "NVD",
  "134c704f-9b21-4f2e-91b3-4a467353bcc0": "CISA",
  "af854a3a-2127-422b-91ae-364da2661108": "CVE Program",
  "cve@mitre.org": "MITRE",
  "secalert@redhat.com": "Red Hat",
  "security-advisories@github.com": "GitHub",
  "security@apache.org": "Apache",
  "security@debian.org": "Debian",
  "security@ubuntu.com": "Ubuntu",
};

/**
 * The CVSS vectors of a CVE of NVD's, with who gave them: NVD's primary ones first, then by the version of CVSS. Each
 * once.
 */
export function nvdSeverities(cve: JsonObject): SeverityStatement[] {
  const all = isJsonObject(cve["metrics"]) ? cve["metrics"] : {};
  const primary: SeverityStatement[] = [];
  const secondary: SeverityStatement[] = [];
  const seen = new Set<string>();
  for (const { key, type, vector } of metrics) {
    for (const metric of listOf(all[key])) {
      const score = vectorOf(metric);
      const source = sourceOf(metric["source"]);
      if (score === undefined || source === undefined || !vector.test(score)) continue;
      if (seen.has(`${source} ${score}`)) continue;
      seen.add(`${source} ${score}`);
      (metric["type"] === "Primary" ? primary : secondary).push({ source, type, score });
    }
  }
  return [...primary, ...secondary].slice(0, mostStatements);
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function vectorOf(metric: JsonObject): string | undefined {
  const data = metric["cvssData"];
  const vector = isJsonObject(data) ? data["vectorString"] : undefined;
  return typeof vector === "string" ? vector : undefined;
}

function sourceOf(source: unknown): string | undefined {
  if (typeof source !== "string" || !/^[\x21-\x7e]{1,100}$/.test(source)) return undefined;
  const known = Object.hasOwn(names, source) ? names[source] : undefined;
  return known ?? source.slice(source.lastIndexOf("@") + 1);
}

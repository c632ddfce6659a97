import type { SeverityStatement } from "../../../model/findings/advisory.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { isAbsent } from "../../json-fields.ts";

const mostStatements = 20;

/** The lists of metrics of a CVE, newest first, and what a vector in them looks like. */
const metrics: readonly { readonly key: string; readonly type: "CVSS_V2" | "CVSS_V3" | "CVSS_V4"; vector: RegExp }[] = [
  { key: "cvssMetricV40", type: "CVSS_V4", vector: /^CVSS:4\.0\/[A-Za-z:/]{1,300}$/ },
  { key: "cvssMetricV31", type: "CVSS_V3", vector: /^CVSS:3\.1\/[A-Za-z:/]{1,200}$/ },
  { key: "cvssMetricV30", type: "CVSS_V3", vector: /^CVSS:3\.0\/[A-Za-z:/]{1,200}$/ },
  { key: "cvssMetricV2", type: "CVSS_V2", vector: /^AV:[A-Za-z:/]{1,200}$/ },
];

/** Names of NVD's sources; for other sources, the domain is shown. */
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

/** What a CVE's metrics say. */
export interface NvdSeverities {
  readonly severities: readonly SeverityStatement[];
  /** How many of them cannot be read. */
  readonly unread: number;
}

/**
 * The CVSS vectors of a CVE of NVD's, with who gave them: NVD's primary ones first, then by the version of CVSS. Each
 * once.
 */
export function nvdSeverities(cve: JsonObject): NvdSeverities {
  const all = cve["metrics"];
  if (isAbsent(all)) return { severities: [], unread: 0 };
  if (!isJsonObject(all)) return { severities: [], unread: 1 };
  const primary: SeverityStatement[] = [];
  const secondary: SeverityStatement[] = [];
  const seen = new Set<string>();
  let unread = 0;
  for (const { key, type, vector } of metrics) {
    for (const metric of listOf(all[key])) {
      const score = vectorOf(metric);
      const source = isJsonObject(metric) ? sourceOf(metric["source"]) : undefined;
      if (!isJsonObject(metric) || score === undefined || source === undefined || !vector.test(score)) {
        unread++;
        continue;
      }
      if (seen.has(`${source} ${score}`)) continue;
      seen.add(`${source} ${score}`);
      (metric["type"] === "Primary" ? primary : secondary).push({ source, type, score });
    }
  }
  return { severities: [...primary, ...secondary].slice(0, mostStatements), unread };
}

/** A value that is not a list counts as one. */
function listOf(value: unknown): readonly unknown[] {
  if (isAbsent(value)) return [];
  return Array.isArray(value) ? value : [value];
}

function vectorOf(metric: unknown): string | undefined {
  const data = isJsonObject(metric) ? metric["cvssData"] : undefined;
  const vector = isJsonObject(data) ? data["vectorString"] : undefined;
  return typeof vector === "string" ? vector : undefined;
}

function sourceOf(source: unknown): string | undefined {
  if (typeof source !== "string" || !/^[\x21-\x7e]{1,100}$/.test(source)) return undefined;
  const known = Object.hasOwn(names, source) ? names[source] : undefined;
  return known ?? source.slice(source.lastIndexOf("@") + 1);
}

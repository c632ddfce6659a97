import { createHash } from "node:crypto";
import { zip } from "./zip.ts";

/** An npm record of a bucket: package `name`, fixed in `fixed`. */
export interface BucketRecord {
  readonly id: string;
  readonly name: string;
  readonly fixed: string;
  readonly modified?: string;
}

const bucket = "https://storage.googleapis.com/osv-vulnerabilities";
const kev = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";

/** The files of an OSV bucket with the ecosystem npm, by their addresses. */
export function npmBucket(records: readonly BucketRecord[]): Record<string, string | Uint8Array> {
  const entries = records.map(({ id, name, fixed, modified = "2024-01-02T03:04:05Z" }) => ({
    name: `${id}.json`,
    modified,
    content: JSON.stringify({
      schema_version: "1.7.0",
      id,
      modified,
      summary: `A hole in ${name}`,
      severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N" }],
      affected: [
        {
          package: { ecosystem: "npm", name },
          ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed }] }],
        },
      ],
    }),
  }));
  const newestFirst = entries.toSorted((a, b) => (a.modified > b.modified ? -1 : 1));
  return {
    [`${bucket}/ecosystems.txt`]: "npm\n",
    [`${bucket}/npm/all.zip`]: zip(entries),
    [`${bucket}/npm/modified_id.csv`]: newestFirst
      .map(({ modified, name }) => `${modified},${name.slice(0, -".json".length)}\n`)
      .join(""),
    ...Object.fromEntries(entries.map(({ name, content }) => [`${bucket}/npm/${name}`, content])),
  };
}

/** CISA's catalogue with these CVEs, by its address. */
export function knownExploited(cves: readonly string[]): Record<string, string> {
  const vulnerabilities = cves.map((cveID) => ({
    cveID,
    vendorProject: "Example",
    product: "Example",
    vulnerabilityName: "A hole",
    dateAdded: "2024-01-02",
    shortDescription: "A hole",
    requiredAction: "Update",
    dueDate: "2024-02-02",
    knownRansomwareCampaignUse: "Unknown",
    notes: "",
  }));
  const catalogue = {
    title: "CISA Catalog of Known Exploited Vulnerabilities",
    catalogVersion: createHash("sha256").update(cves.join()).digest("hex").slice(0, 8),
    dateReleased: "2024-01-02T00:00:00.0000Z",
    count: vulnerabilities.length,
    vulnerabilities,
  };
  return { [kev]: JSON.stringify(catalogue) };
}

/** The addresses of the files above, for faults. */
export const addresses: Readonly<Record<"archive" | "kev" | "list", string>> = {
  list: `${bucket}/npm/modified_id.csv`,
  archive: `${bucket}/npm/all.zip`,
  kev,
};

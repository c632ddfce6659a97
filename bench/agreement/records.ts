import { join } from "node:path";
import { archivedRecords } from "../../src/advisories/feeds/osv/osv-archive.ts";
import type { Advisory, Affected } from "../../src/model/findings/advisory.ts";
import { ecosystemBase, normaliseName } from "../../src/model/packages/package-name.ts";

/** The records of one ecosystem, read once for the sample and for the explanations. */
export interface EcosystemRecords {
  /** With the suffix of a release where there are releases: `AlmaLinux:8`. */
  readonly ecosystem: string;
  readonly byId: ReadonlyMap<string, Advisory>;
}

/** Reads the archive of an ecosystem from a folder laid out as OSV.dev's bulk export. */
export function readEcosystem(bucket: string, ecosystem: string): EcosystemRecords {
  const base = ecosystemBase(ecosystem);
  const byId = new Map<string, Advisory>();
  for (const { text } of archivedRecords(join(bucket, base, "all.zip"), base)) {
    if (text === undefined) continue;
    const record = JSON.parse(text) as Advisory;
    byId.set(record.id, record);
  }
  return { ecosystem, byId };
}

/** The entries of a record for the release, of one package when a name is given. */
export function entriesOf({ affected = [] }: Advisory, ecosystem: string, name?: string): readonly Affected[] {
  const wanted = name === undefined ? undefined : normaliseName(ecosystem, name);
  return affected.filter(
    ({ package: named }) =>
      named?.ecosystem === ecosystem && (wanted === undefined || normaliseName(ecosystem, named.name) === wanted),
  );
}

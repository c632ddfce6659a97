/**
 * Builds a database of a bucket's records; when there are not enough, of copies with other names too. Each copy of an
 * ecosystem is a part. Writes the names of more than 1,000 of the packages to a file.
 * Usage: `node bench/build-records.ts BUCKET RECORDS DATABASE PACKAGES`
 */
import { writeFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { AdvisoryDatabaseWriter } from "../src/advisories/database/database-writer.ts";
import { osvFeed } from "../src/advisories/feeds/osv/osv-feed.ts";
import type { Advisory } from "../src/model/findings/advisory.ts";
import { bucketArchives } from "./bucket.ts";
import type { NamedPackage } from "./match-packages.ts";

const [folder = "", wanted = "0", output = "", packagesFile = ""] = process.argv.slice(2);
const updatedAt = "2025-01-01T00:00:00Z";
const context = { signal: new AbortController().signal, problem: () => {} };
const oneOf = Math.ceil(Number(wanted) / 25_000);
const packages = new Map<string, NamedPackage>();
let left = Number(wanted);
using writer = new AdvisoryDatabaseWriter(output);
for (let copy = 0; left > 0; copy++) {
  const suffix = copy === 0 ? "" : `-${copy}`;
  for (const { ecosystem, path } of bucketArchives(folder)) {
    if (left <= 0) break;
    writer.startPart({ feed: osvFeed.id, revision: osvFeed.revision, name: `${ecosystem}${suffix}`, updatedAt });
    const part = { name: ecosystem, state: "whole", files: [path], position: {} } as const;
    for await (const item of osvFeed.parse(part, context)) {
      if (item.kind !== "advisory") continue;
      if (left-- <= 0) break;
      const advisory = copy === 0 ? item.advisory : renamed(item.advisory, suffix);
      writer.add({ kind: "advisory", advisory });
      notePackages(advisory);
    }
    writer.endPart({});
  }
}
const records = writer.finish({ builtAt: updatedAt, source: "a bench" });
writeFileSync(packagesFile, JSON.stringify([...packages.values()]));
process.stdout.write(`${records} records\n`);

function renamed(advisory: Advisory, suffix: string): Advisory {
  return {
    ...advisory,
    id: `${advisory.id}${suffix}`,
    affected: (advisory.affected ?? []).map(({ package: named, ...entry }) => ({
      ...entry,
      ...(named && { package: { ...named, name: `${named.name}${suffix}` } }),
    })),
  };
}

/** Chosen by name, so that those of many records are not chosen more often. */
function notePackages({ affected = [] }: Advisory): void {
  for (const { package: named } of affected) {
    if (named && crc32(named.name) % oneOf === 0) packages.set(`${named.ecosystem} ${named.name}`, named);
  }
}

import type { ErrorObject } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { feeds } from "../../../src/advisories/feeds/builtin.ts";
import { openFeedSource } from "../../../src/advisories/open-feed-source.ts";
import type { Advisory } from "../../../src/model/findings/advisory.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { parsePart } from "../../setup/parse-part.ts";
import { publisherMirror, writeMirror } from "../../setup/publisher-mirror.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";

/** Records of one part that are looked at. */
const mostRecords = 500;

/** Feeds whose records come in OSV's form, with what their publishers wrote in the free fields. */
const inOsvForm = ["cocoapods", "osv"];

/** Publishers whom OSV has no ecosystem for. */
const ownEcosystems = ["Amazon Linux", "CocoaPods", "Oracle Linux"];

interface Schema {
  readonly $defs: {
    readonly prefix: { pattern: string };
    readonly ecosystemWithSuffix: { pattern: string };
  };
}

/** Gives the errors of a record against OSV's schema, which lists the publishers' prefixes and ecosystems that OSV has itself. */
function validator(): (record: Advisory) => readonly ErrorObject[] {
  const schema = structuredClone(corpusJson<Schema>("feeds/osv-schema/schema.json"));
  schema.$defs.prefix.pattern = "^[A-Za-z0-9_]+-";
  const { ecosystemWithSuffix } = schema.$defs;
  ecosystemWithSuffix.pattern = ecosystemWithSuffix.pattern.replace("^(", `^(${ownEcosystems.join("|")}|`);
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (record) => (validate(record) ? [] : (validate.errors ?? []));
}

describeWithCorpus("records of every feed", () => {
  const mirror = temporaryFolder();
  const workFolder = temporaryFolder();

  test("are valid by OSV's schema 1.7, and what it lacks stands under one key of its free fields", async () => {
    writeMirror(mirror, publisherMirror());
    const errorsOf = validator();
    const { signal } = new AbortController();
    const invalid: string[] = [];
    const counts: Record<string, number> = {};
    const keys = new Set<string>();
    for (const feed of feeds.filter(({ ecosystems }) => ecosystems.length > 0)) {
      const source = openFeedSource({ base: feed.address, from: mirror, workFolder, signal });
      for await (const part of feed.fetch(source, { signal, previous: () => undefined })) {
        for (const record of (await parsePart(feed, part)).advisories.slice(0, mostRecords)) {
          counts[feed.id] = (counts[feed.id] ?? 0) + 1;
          for (const { instancePath, message } of errorsOf(record)) {
            invalid.push(`${record.id}${instancePath}: ${message}`);
          }
          if (inOsvForm.includes(feed.id)) continue;
          for (const place of [record, ...(record.affected ?? [])]) {
            for (const key of Object.keys(place.database_specific ?? {})) keys.add(key);
          }
        }
      }
    }
    console.log(
      Object.entries(counts)
        .map(([feed, count]) => `${feed}: ${count} records`)
        .join("\n"),
    );
    expect(invalid).toEqual([]);
    expect([...keys]).toEqual(["plimsoll"]);
    const filling = feeds.filter(({ ecosystems }) => ecosystems.length > 0).map(({ id }) => id);
    expect(Object.keys(counts).sort()).toEqual(filling.sort());
  }, 120_000);
});

import { parseJson } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import { ecosystemsWithOrder } from "../../../versions/ecosystems.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import { readFeedText } from "../../read-feed-file.ts";
import { archivedRecords, largestRecord } from "./osv-archive.ts";
import { fetchEcosystems } from "./osv-parts.ts";
import { isOsvId, readOsvRecord } from "./osv-record.ts";

/**
 * OSV records in bulk: OSV.dev's export, or a bucket laid out like it. A part is an ecosystem.
 *
 * Source: OSV schema 1.7 and the documentation of OSV.dev, "Data dumps".
 */
export const osvFeed: AdvisoryFeed = {
  id: "osv",
  revision: 5,
  title: "OSV.dev",
  ecosystems: ecosystemsWithOrder,
  address: "https://storage.googleapis.com/osv-vulnerabilities/",
  licence: "each publisher's own: CC-BY-4.0, CC0-1.0, MIT, Apache-2.0 and others",
  redistributable: true,
  fetch: fetchEcosystems,
  parse,
};

function* parse({ name, state, files, subjects = [] }: FeedPart, context: Context): Generator<FeedItem> {
  for (const [index, file] of files.entries()) {
    if (state === "changes") {
      const id = subjects[index];
      const path = id === undefined ? `a record of ${name}` : `${name}/${id}.json`;
      yield* itemsOf(readSingle(file, name), { path, id, context });
    } else {
      for (const record of archivedRecords(file, `the archive of ${name}`)) {
        const id = record.name.slice(0, -".json".length);
        yield* itemsOf(record.text, { path: `${name}/${record.name}`, id, context });
      }
    }
  }
  // What was asked for and has no file is too long.
  for (const id of subjects.slice(files.length)) {
    yield* itemsOf(undefined, { path: `${name}/${id}.json`, id, context });
  }
}

function readSingle(file: string, name: string): string {
  return readFeedText(file, { title: `a record of ${name}`, maxBytes: largestRecord });
}

interface RecordPlace {
  readonly path: string;
  /** By the name of its file, which also says where it is asked for. */
  readonly id: string | undefined;
  readonly context: Context;
}

function* itemsOf(text: string | undefined, { path, id, context: { problem } }: RecordPlace): Generator<FeedItem> {
  if (text === undefined) {
    const message = `${path} cannot be decompressed, or is longer than ${largestRecord} bytes`;
    problem({ code: "unreadable", message, path });
    yield* unreadable(id);
    return;
  }
  const value = parseJson(text);
  const reading = value === undefined ? { refused: "it is not JSON" } : readOsvRecord(value);
  if ("refused" in reading) {
    problem({ code: "unreadable", message: `${path} is not a valid OSV record: ${reading.refused}`, path });
    yield* unreadable(id);
    return;
  }
  yield { kind: "advisory", advisory: reading.advisory };
  if (!reading.leftOut) return;
  problem({ code: "unreadable", message: `${path} was only partly read: ${reading.leftOut.join(", ")}`, path });
  yield* unreadable(id);
}

function* unreadable(id: string | undefined): Generator<FeedItem> {
  if (id !== undefined && isOsvId(id)) yield { kind: "unreadable", id };
}

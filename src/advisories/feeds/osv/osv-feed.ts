import { openZip, type ZipEntry } from "../../../io/zip.ts";
import type { Advisory } from "../../../model/advisory.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import { openBucket, openFolder } from "./osv-bucket.ts";
import { readOsvRecord } from "./osv-record.ts";

const mostRecords = 3_000_000;
const largestRecord = 64 * 1024 * 1024;

/**
 * OSV records in bulk: a folder or an http(s) address laid out as OSV.dev's export.
 *
 * Source: OSV schema 1.7 and the documentation of OSV.dev, "Data dumps".
 */
export const osvFeed: AdvisoryFeed = {
  id: "osv",
  revision: 1,
  fetch: (from, options) => (/^https?:\/\//i.test(from) ? openBucket(from, options) : openFolder(from, options)),
  parse,
};

function* parse({ name, bytes }: FeedPart, context: Context): Generator<Advisory> {
  const label = `the archive of ${name}`;
  try {
    const archive = openZip(bytes, label, { entries: mostRecords, nameLength: 512 });
    if (!archive) throw new PlimsollError("feed-malformed", `${label} is not a ZIP archive`);
    const entries: ZipEntry[] = [];
    for (const entry of archive.entries()) if (entry.name.endsWith(".json")) entries.push(entry);
    entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.offset - b.offset));
    for (const entry of entries) {
      const text = archive.read(entry, largestRecord)?.toString("utf8");
      const advisory = read(text, `${name}/${entry.name}`, context);
      if (advisory) yield advisory;
    }
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || cause.code === "feed-malformed") throw cause;
    throw new PlimsollError("feed-malformed", cause.message, {
      hint: "Fetch it again; the database that was there before is unchanged.",
      cause,
    });
  }
}

function read(text: string | undefined, path: string, { problem }: Context): Advisory | undefined {
  if (text === undefined) {
    problem({ code: "unreadable", message: `${path} is packed in a way that cannot be read`, path });
    return undefined;
  }
  const value = parseJson(text);
  const reading = value === undefined ? { refused: "it is not JSON" } : readOsvRecord(value);
  if ("advisory" in reading) return reading.advisory;
  problem({ code: "unreadable", message: `${path} is not an OSV record: ${reading.refused}`, path });
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

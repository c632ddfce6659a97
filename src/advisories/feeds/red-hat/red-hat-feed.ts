import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { FeedSource } from "../../feed-source.ts";
import { missingFile } from "../../fetch-single-file.ts";
import { feedMalformed, readFeedText } from "../../read-feed-file.ts";
import { type CsafArchive, type CsafServer, fetchCsafPart } from "../csaf/fetch-csaf-part.ts";
import { parseCsafPart } from "../csaf/parse-csaf-part.ts";
import { redHatAdvisoryId, redHatItems } from "./red-hat-document.ts";

/**
 * What Red Hat says of each CVE in each of its products: which packages are fixed in which build, affected without a
 * fix and why, not affected, or not yet looked at.
 *
 * Source: "CSAF VEX documents", Red Hat Product Security; CSAF 2.0, section 7.1.
 */
export const redHatFeed: AdvisoryFeed = {
  id: "red-hat",
  revision: 5,
  title: "Red Hat Product Security",
  ecosystems: ["Red Hat"],
  address: "https://security.access.redhat.com/data/csaf/v2/vex/",
  licence: "CC-BY-4.0",
  redistributable: true,
  fetch,
  parse,
};

const server: CsafServer = { part: "vex", folder: "", deletions: true, archive: findArchive };

async function* fetch(source: FeedSource, options: FetchOptions): AsyncGenerator<FeedPart> {
  yield await fetchCsafPart(source, options, server);
}

function parse(part: FeedPart, context: Context): AsyncGenerator<FeedItem> {
  const conversion = { publisher: "Red Hat", advisoryId: redHatAdvisoryId, convert: redHatItems };
  return parseCsafPart(part, { conversion, context });
}

const smallFile = 64 * 1024;

/**
 * `archive_latest.txt` names the archive, whose name has its date; what changed on that day may or may not be in it.
 */
async function findArchive(source: FeedSource): Promise<CsafArchive> {
  const latest = "archive_latest.txt";
  const fetched = await source.fetch(latest, { maxBytes: smallFile });
  if (fetched.kind !== "file") throw missingFile(latest);
  const title = "the name of the latest Red Hat archive";
  const address = readFeedText(fetched.path, { title, maxBytes: smallFile }).trim();
  const date = /^csaf_vex_(\d{4}-\d\d-\d\d)\.tar\.zst$/.exec(address)?.[1];
  const madeAt = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(madeAt)) throw feedMalformed(title, `it is ${JSON.stringify(address.slice(0, 100))}`);
  return { address, madeAt, sha256: await checksumOf(source, address) };
}

async function checksumOf(source: FeedSource, archive: string): Promise<string | undefined> {
  const fetched = await source.fetch(`${archive}.sha256`, { maxBytes: smallFile });
  if (fetched.kind !== "file") return undefined;
  const text = readFeedText(fetched.path, { title: "the checksum of the Red Hat archive", maxBytes: smallFile });
  return /^[0-9a-f]{64}(?=\s|$)/i.exec(text)?.[0];
}

import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { FeedSource } from "../../feed-source.ts";
import { type CsafServer, fetchCsafPart } from "../csaf/fetch-csaf-part.ts";
import { type CsafConversion, parseCsafPart } from "../csaf/parse-csaf-part.ts";
import { isRejectedBySuse, suseAdvisoryId, suseItems } from "./suse-document.ts";

/**
 * What SUSE says of each CVE in each product of SUSE and openSUSE: which packages are fixed in which build, affected
 * without a fix, not affected, or not yet looked at.
 *
 * Source: the CSAF VEX data of SUSE's product security team; CSAF 2.0, section 7.1.
 */
export const suseFeed: AdvisoryFeed = {
  id: "suse",
  revision: 6,
  title: "SUSE Product Security",
  ecosystems: ["SUSE", "openSUSE"],
  address: "https://ftp.suse.com/pub/projects/security/",
  licence: "CC-BY-4.0",
  redistributable: true,
  fetch,
  parse,
};

/** The archive is made after the listing, so what the listing names at that time is in it. */
const server: CsafServer = {
  part: "vex",
  folder: "csaf-vex/",
  deletions: false,
  archive: async () => ({ address: "csaf-vex.tar.bz2" }),
};

async function* fetch(source: FeedSource, options: FetchOptions): AsyncGenerator<FeedPart> {
  yield await fetchCsafPart(source, options, server);
}

const conversion: CsafConversion = {
  publisher: "SUSE",
  advisoryId: suseAdvisoryId,
  convert: suseItems,
  mayBeEmpty: true,
  isRejected: isRejectedBySuse,
};

function parse(part: FeedPart, context: Context): AsyncGenerator<FeedItem> {
  return parseCsafPart(part, { conversion, context });
}

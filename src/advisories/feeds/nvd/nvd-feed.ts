import { isCveId } from "../../../model/cve-id.ts";
import { isJsonObject, parseJson } from "../../../model/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import { readFeedBytes } from "../../read-feed-file.ts";
import { jsonArrayItems } from "./json-array-items.ts";
import { nvdSeverities } from "./nvd-severities.ts";
import { fetchYears, largestContent } from "./nvd-years.ts";

// A file of a year is a JSON object with a list `vulnerabilities` of objects with one member `cve`: `id`, `vulnStatus`,
// and `metrics`, in which each version of CVSS has a list of { source, type: Primary or Secondary, cvssData: {
// vectorString } }.

const largestItem: number = 32 * 1024 * 1024;

/**
 * NVD's severities of all CVEs: facts. A part is a year. Source: NVD's CVE API 2.0 schema, whose form the data feeds
 * have.
 */
export const nvdFeed: AdvisoryFeed = {
  id: "nvd",
  revision: 1,
  title: "NVD",
  ecosystems: [],
  address: "https://nvd.nist.gov/feeds/json/cve/2.0/",
  licence: "public domain",
  redistributable: true,
  fetch: fetchYears,
  parse,
};

async function* parse({ name, files }: FeedPart, context: Context): AsyncGenerator<FeedItem> {
  const title = `NVD's file of ${name}`;
  for (const file of files) {
    const bytes = readFeedBytes(file, { title, maxBytes: largestContent, signal: context.signal });
    for await (const text of jsonArrayItems(bytes, { key: "vulnerabilities", title, maxItem: largestItem })) {
      const item = itemOf(text);
      if (typeof item === "string")
        context.problem({ code: "unreadable", message: `an entry of ${title} is left out: ${item}` });
      else if (item) yield item;
    }
  }
}

/** The facts of an entry, undefined when it rates nothing, or why it cannot be read. */
function itemOf(text: string): FeedItem | string | undefined {
  const entry = parseJson(text);
  const cve = isJsonObject(entry) ? entry["cve"] : undefined;
  const id = isJsonObject(cve) ? cve["id"] : undefined;
  if (!isJsonObject(cve) || !isCveId(id)) return "it names no CVE";
  const severities = nvdSeverities(cve);
  return severities.length === 0 ? undefined : { kind: "facts", cve: id, facts: { severities } };
}

import { isCveId } from "../../../model/findings/cve-id.ts";
import { isJsonObject, parseJson } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import { readFeedBytes } from "../../read-feed-file.ts";
import { jsonArrayItems } from "./json-array-items.ts";
import { type NvdSeverities, nvdSeverities } from "./nvd-severities.ts";
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

async function* parse({ name, files }: FeedPart, { problem, signal }: Context): AsyncGenerator<FeedItem> {
  const title = `the NVD file for ${name}`;
  let unread = 0;
  let first = "";
  const plain = (count: number): void => {
    problem({ code: "unreadable", message: `entries in ${title} were skipped because they are not objects: ${count}` });
  };
  for (const file of files) {
    const bytes = readFeedBytes(file, { title, maxBytes: largestContent, signal });
    for await (const text of jsonArrayItems(bytes, { key: "vulnerabilities", title, maxItem: largestItem, plain })) {
      const entry = entryOf(text);
      if (!entry) {
        problem({ code: "unreadable", message: `an entry in ${title} was skipped: it has no CVE` });
        continue;
      }
      const { cve, severities } = entry;
      if (unread === 0) first = cve;
      unread += entry.unread;
      if (severities.length > 0) yield { kind: "facts", cve, facts: { severities } };
    }
  }
  if (unread === 0) return;
  const message = `ratings in ${title} that cannot be read: ${unread} (first: ${first})`;
  problem({ code: "unreadable", message });
}

/** Undefined when it names no CVE. */
function entryOf(text: string): (NvdSeverities & { readonly cve: string }) | undefined {
  const entry = parseJson(text);
  const cve = isJsonObject(entry) ? entry["cve"] : undefined;
  const id = isJsonObject(cve) ? cve["id"] : undefined;
  return isJsonObject(cve) && isCveId(id) ? { cve: id, ...nvdSeverities(cve) } : undefined;
}

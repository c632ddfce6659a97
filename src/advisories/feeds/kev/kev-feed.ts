import { isCveId } from "../../../model/findings/cve-id.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import { isCalendarDate } from "../../calendar-date.ts";
import type { FeedItem } from "../../feed-item.ts";
import { fetchSingleFile } from "../../fetch-single-file.ts";
import { isAbsent } from "../../json-fields.ts";
import { feedMalformed, readFeedJson } from "../../read-feed-file.ts";

// A JSON object: `vulnerabilities` is a list of objects with `cveID`, `dateAdded`, `dueDate` (dates, 2021-12-10) and,
// since 2023, `knownRansomwareCampaignUse` (`Known` or `Unknown`); the rest is text for people.

const title = "CISA's catalogue of known exploited vulnerabilities";
const maxBytes: number = 64 * 1024 * 1024;

/** CISA's Known Exploited Vulnerabilities: facts about CVEs. Source: the catalogue's JSON schema. */
export const kevFeed: AdvisoryFeed = {
  id: "kev",
  revision: 2,
  title: "CISA Known Exploited Vulnerabilities",
  ecosystems: [],
  address: "https://www.cisa.gov/sites/default/files/feeds/",
  licence: "CC0-1.0",
  redistributable: true,
  fetch: (source, options) =>
    fetchSingleFile(source, options, { name: "catalogue", address: "known_exploited_vulnerabilities.json", maxBytes }),
  parse,
};

function* parse({ files }: FeedPart, { problem }: Context): Generator<FeedItem> {
  for (const file of files) {
    const value = readFeedJson(file, { title, maxBytes });
    const entries = isJsonObject(value) ? value["vulnerabilities"] : undefined;
    if (!Array.isArray(entries)) throw feedMalformed(title, "it has no list of vulnerabilities");
    for (const entry of entries) {
      const item = itemOf(entry);
      if (typeof item === "string") {
        problem({ code: "unreadable", message: `an entry in ${title} was skipped: ${item}` });
        continue;
      }
      const odd = oddField(entry);
      if (odd !== undefined) {
        problem({ code: "unreadable", message: `the ${odd} of ${item.cve} in ${title} cannot be read` });
      }
      yield item;
    }
  }
}

type Facts = Extract<FeedItem, { readonly kind: "facts" }>;

/** The facts of an entry, or the reason why it does not give any. */
function itemOf(entry: unknown): Facts | string {
  if (!isJsonObject(entry)) return "it is not an object";
  const { cveID: cve, dateAdded: addedAt, dueDate: dueAt, knownRansomwareCampaignUse: use } = entry;
  if (!isCveId(cve)) return "it has no CVE";
  if (!isDateLike(addedAt)) return `${cve} has no date`;
  const knownExploited = { addedAt, ...(isCalendarDate(dueAt) && { dueAt }), ransomware: use === "Known" };
  return { kind: "facts", cve, facts: { knownExploited } };
}

/** Also true for a day that no calendar has: that a CVE is exploited counts for more than since when. */
function isDateLike(value: unknown): value is string {
  return typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value);
}

/** The first field that cannot be read. */
function oddField(entry: unknown): string | undefined {
  const { dateAdded: added, dueDate: due, knownRansomwareCampaignUse: use } = isJsonObject(entry) ? entry : {};
  if (!isCalendarDate(added)) return "date";
  if (!isEmpty(due) && !isCalendarDate(due)) return "due date";
  return isEmpty(use) || use === "Known" || use === "Unknown" ? undefined : "use for ransom";
}

function isEmpty(value: unknown): boolean {
  return isAbsent(value) || value === "";
}

import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import { fetchSingleFile } from "../../fetch-single-file.ts";
import { feedMalformed, readFeedJson } from "../../read-feed-file.ts";

// A JSON object: `data` maps the name of a repository (`rhel-9-for-x86_64-baseos-rpms`) to an object with `cpes`, a
// list of CPE names.

const title = "the Red Hat repository list";
const maxBytes: number = 256 * 1024 * 1024;
const mostCpes = 1000;

/**
 * Which products a Red Hat repository belongs to, by CPE names. Source: Red Hat's security data,
 * `repository-to-cpe.json`.
 */
export const redHatRepositoriesFeed: AdvisoryFeed = {
  id: "red-hat-repositories",
  revision: 1,
  title: "Red Hat repositories",
  ecosystems: [],
  address: "https://security.access.redhat.com/data/metrics/",
  licence: "CC-BY-4.0",
  redistributable: true,
  fetch: (source, options) =>
    fetchSingleFile(source, options, { name: "repositories", address: "repository-to-cpe.json", maxBytes }),
  parse,
};

function* parse({ files }: FeedPart, { problem }: Context): Generator<FeedItem> {
  for (const file of files) {
    const value = readFeedJson(file, { title, maxBytes });
    const data = isJsonObject(value) ? value["data"] : undefined;
    if (!isJsonObject(data)) throw feedMalformed(title, "it has no repositories");
    for (const repository of Object.keys(data).sort()) {
      const entry = data[repository];
      const cpes = isJsonObject(entry) ? entry["cpes"] : undefined;
      if (isCpeList(cpes)) yield { kind: "repository", repository, cpes };
      else
        problem({
          code: "unreadable",
          message: `${JSON.stringify(repository.slice(0, 100))} in ${title} has no CPE names`,
        });
    }
  }
}

function isCpeList(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= mostCpes && value.every(isCpe);
}

function isCpe(value: unknown): boolean {
  return typeof value === "string" && /^cpe:[\x21-\x7e]{1,300}$/.test(value);
}

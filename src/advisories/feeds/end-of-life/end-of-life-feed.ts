import { isJsonObject, type JsonObject } from "../../../model/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { ReleaseCycle } from "../../../model/release-cycle.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import { fetchSingleFile } from "../../fetch-single-file.ts";
import { feedMalformed, readFeedJson } from "../../read-feed-file.ts";

// Two forms say the same:
//
//   the API (v1, products/full)   { result: [ { name, releases: [ { name, codename, isEol, eolFrom, isEoes, eoesFrom }
//                                 ] } ] }
//   the sources of the site       { NAME: { releases: [ { releaseCycle, codename, eol, eoes } ] } }
//
// `eolFrom` and `eoesFrom` are dates or null, `isEol` and `isEoes` say whether they have passed on the day of the file;
// `eol` and `eoes` are a date or a boolean. "eoes" is the end of extended security support; both are missing where
// there is none.

const title = "the release cycles of endoflife.date";
const maxBytes: number = 128 * 1024 * 1024;

/** endoflife.date: the release cycles of distributions, runtimes and other products. Source: its API, version 1. */
export const endOfLifeFeed: AdvisoryFeed = {
  id: "end-of-life",
  revision: 1,
  title: "endoflife.date",
  ecosystems: [],
  address: "https://endoflife.date/api/v1/",
  licence: "MIT",
  redistributable: true,
  fetch: (source, options) =>
    fetchSingleFile(source, options, { name: "products", address: "products/full", maxBytes }),
  parse,
};

function* parse({ files }: FeedPart, { problem }: Context): Generator<FeedItem> {
  for (const file of files) {
    for (const [product, releases] of productsOf(readFeedJson(file, { title, maxBytes }))) {
      for (const release of releases) {
        const cycle = isJsonObject(release) ? cycleOf(release) : undefined;
        if (cycle) yield { kind: "release-cycle", product, cycle };
        else
          problem({ code: "unreadable", message: `a release of ${product} in ${title} is left out: it has no name` });
      }
    }
  }
}

/** Names and releases, sorted by name. */
function productsOf(value: unknown): [string, unknown[]][] {
  if (!isJsonObject(value)) throw feedMalformed(title, "it is no object");
  const { result } = value;
  const products: [unknown, unknown][] = Array.isArray(result)
    ? result.filter(isJsonObject).map((product) => [product["name"], product])
    : Object.entries(value);
  const found = products.flatMap(([name, product]): [string, unknown[]][] => {
    const releases = isJsonObject(product) ? product["releases"] : undefined;
    return typeof name === "string" && /^[\w.+-]{1,100}$/.test(name) && Array.isArray(releases)
      ? [[name, releases]]
      : [];
  });
  if (found.length === 0) throw feedMalformed(title, "it has no products with releases");
  return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function cycleOf(release: JsonObject): ReleaseCycle | undefined {
  const cycle = textOf(release["name"]) ?? textOf(release["releaseCycle"]);
  if (cycle === undefined) return undefined;
  const codename = textOf(release["codename"]);
  const extendedEnd = endOf(release["eoesFrom"], release["isEoes"]) ?? endOf(release["eoes"], undefined);
  return {
    cycle,
    ...(codename !== undefined && { codename }),
    endOfLife: endOf(release["eolFrom"], release["isEol"]) ?? endOf(release["eol"], undefined) ?? false,
    ...(extendedEnd !== undefined && { extendedEnd }),
  };
}

/** The date where there is one, else whether it has passed. */
function endOf(date: unknown, passed: unknown): string | boolean | undefined {
  if (typeof date === "string" && /^\d{4}-\d\d-\d\d$/.test(date)) return date;
  if (typeof date === "boolean") return date;
  return typeof passed === "boolean" ? passed : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= 100 ? value : undefined;
}

import type { ReleaseCycle } from "../../../model/findings/release-cycle.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import { isCalendarDate } from "../../calendar-date.ts";
import type { FeedItem } from "../../feed-item.ts";
import { fetchSingleFile } from "../../fetch-single-file.ts";
import { isAbsent } from "../../json-fields.ts";
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
  revision: 2,
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
    const { products, odd } = productsOf(readFeedJson(file, { title, maxBytes }));
    for (const name of odd) {
      const message = `a product in ${title} was skipped because it has no list of releases: ${name}`;
      problem({ code: "unreadable", message });
    }
    for (const [product, releases] of products) {
      for (const release of releases) {
        const reading = cycleOf(release);
        if (typeof reading === "string") {
          problem({ code: "unreadable", message: `a release of ${product} in ${title} was skipped: ${reading}` });
          continue;
        }
        const { cycle, odd } = reading;
        for (const what of odd) {
          const message = `release ${cycle.cycle} of ${product} in ${title} has ${what}`;
          problem({ code: "unreadable", message });
        }
        yield { kind: "release-cycle", product, cycle };
      }
    }
  }
}

interface Products {
  /** Names and releases, sorted by name. */
  readonly products: readonly (readonly [string, readonly unknown[]])[];
  /** Unexpected values. */
  readonly odd: readonly string[];
}

function productsOf(value: unknown): Products {
  if (!isJsonObject(value)) throw feedMalformed(title, "it is not an object");
  const { result } = value;
  const entries: [unknown, unknown][] = Array.isArray(result)
    ? result.map((product) => [isJsonObject(product) ? product["name"] : undefined, product])
    : Object.entries(value);
  const products: [string, unknown[]][] = [];
  const odd: string[] = [];
  for (const [name, product] of entries) {
    const releases = isJsonObject(product) ? product["releases"] : undefined;
    if (typeof name === "string" && /^[\w.+-]{1,100}$/.test(name) && Array.isArray(releases)) {
      products.push([name, releases]);
    } else odd.push(shown(name));
  }
  if (products.length === 0) throw feedMalformed(title, "it has no products with releases");
  return { products: products.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)), odd };
}

interface ReadCycle {
  readonly cycle: ReleaseCycle;
  /** Clauses on fields that cannot be read. */
  readonly odd: readonly string[];
}

/** Or why it is none: without a date that cannot be read it could look supported. */
function cycleOf(release: unknown): ReadCycle | string {
  const cycle = isJsonObject(release) ? (textOf(release["name"]) ?? textOf(release["releaseCycle"])) : undefined;
  if (!isJsonObject(release) || cycle === undefined) return "it has no name";
  const codename = textOf(release["codename"]);
  const end = endOf(release, ["eolFrom", "isEol", "eol"]);
  const extended = endOf(release, ["eoesFrom", "isEoes", "eoes"]);
  if (end.odd.length > 0 && end.value === undefined) return `${cycle} has ${end.odd.join(" and ")}`;
  return {
    cycle: {
      cycle,
      ...(codename !== undefined && { codename }),
      endOfLife: end.value ?? false,
      ...(extended.value !== undefined && { extendedEnd: extended.value }),
    },
    odd: [...end.odd, ...extended.odd],
  };
}

interface ReadEnd {
  /** The date where there is one, else whether it has passed. */
  readonly value: string | boolean | undefined;
  readonly odd: readonly string[];
}

/**
 * The end of a release in either form, whose fields are named in this order. Beside a field that cannot be read, that
 * it has not passed yet does not count.
 */
function endOf(release: JsonObject, [date, passed, either]: readonly [string, string, string]): ReadEnd {
  const odd: string[] = [];
  const values: (string | boolean)[] = [];
  for (const field of [date, either, passed]) {
    const value = release[field];
    if (typeof value === "boolean" || isCalendarDate(value)) values.push(value);
    else if (!isAbsent(value)) odd.push(`${field} ${shown(value)}, which is not a date`);
  }
  return { value: values.find((value) => odd.length === 0 || value !== false), odd };
}

function shown(value: unknown): string {
  const isPlain = typeof value === "string" || typeof value === "number";
  return isPlain ? JSON.stringify(String(value).slice(0, 80)) : "something else";
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= 100 ? value : undefined;
}

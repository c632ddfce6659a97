import { isCveId } from "../../../model/findings/cve-id.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import { fetchSingleFile } from "../../fetch-single-file.ts";
import { readCsv } from "../../read-csv.ts";
import { feedMalformed, readFeedText } from "../../read-feed-file.ts";

// Packed CSV, one file a day:
//
//   #model_version:v2025.03.14,score_date:2025-06-01T12:55:00Z     about the run of the model; a comment to CSV
//   cve,epss,percentile
//   CVE-1999-0001,0.01141,0.77465                                  both numbers from 0 to 1
//
// No field has a line break in it, so lines are read one by one: a quote that is never closed costs its own line.

const title = "the EPSS scores";
const maxBytes: number = 256 * 1024 * 1024;
const longestLine = 1000;

/** FIRST's Exploit Prediction Scoring System: facts about CVEs. Source: https://www.first.org/epss/data_stats. */
export const epssFeed: AdvisoryFeed = {
  id: "epss",
  revision: 2,
  title: "FIRST EPSS",
  ecosystems: [],
  address: "https://epss.empiricalsecurity.com/",
  licence: "free to use with attribution to FIRST",
  redistributable: true,
  fetch: (source, options) =>
    fetchSingleFile(source, options, { name: "scores", address: "epss_scores-current.csv.gz", maxBytes }),
  parse,
};

function* parse({ files }: FeedPart, { problem }: Context): Generator<FeedItem> {
  for (const file of files) {
    const text = readFeedText(file, { title, maxBytes });
    const firstLine = /^[^\r\n]{0,300}/.exec(text)?.[0] ?? "";
    const date = /^#.*\bscore_date:(\d{4}-\d\d-\d\d)/.exec(firstLine)?.[1];
    if (date === undefined) throw feedMalformed(title, "the first line has no score_date");
    const lines = linesOf(text, firstLine.length);
    const header: string = lines.next().value ?? "";
    if (fieldsOf(header).join() !== "cve,epss,percentile")
      throw feedMalformed(title, "the columns are not cve, epss, percentile");
    for (const line of lines) {
      const item = itemOf(fieldsOf(line), date);
      if (item) yield item;
      else
        problem({
          code: "unreadable",
          message: `cannot parse a line of ${title}: ${JSON.stringify(line.slice(0, 80))}`,
        });
    }
  }
}

/** Without the empty ones. */
function* linesOf(text: string, start: number): Generator<string, undefined> {
  const line = /[^\r\n]+/g;
  line.lastIndex = start;
  for (let match = line.exec(text); match; match = line.exec(text)) yield match[0];
}

/** None for a line that is too long to be one. */
function fieldsOf(line: string): readonly string[] {
  if (line.length > longestLine) return [];
  return line.includes('"') ? ([...readCsv(line)][0] ?? []) : line.split(",");
}

function itemOf([cve = "", epss, rank, ...rest]: readonly string[], date: string): FeedItem | undefined {
  const probability = shareOf(epss);
  const percentile = shareOf(rank);
  if (!isCveId(cve) || rest.length > 0) return undefined;
  if (probability === undefined || percentile === undefined) return undefined;
  return { kind: "facts", cve, facts: { exploitPrediction: { probability, percentile, date } } };
}

/** A number from 0 to 1 in plain or scientific notation. */
function shareOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d(?:\.\d{1,20})?(?:e-\d{1,2})?$/i.test(text)) return undefined;
  const value = Number(text);
  return value >= 0 && value <= 1 ? value : undefined;
}

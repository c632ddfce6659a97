import { DiskFile } from "../../../io/bytes/random-access.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { FeedSource } from "../../feed-source.ts";
import { fetchTogether, type TogetherFile } from "../../fetch-together.ts";
import { feedMalformed, readFeedText } from "../../read-feed-file.ts";
import { type ListedFix, readAdvisoryList } from "./advisory-list.ts";
import { debianItems } from "./debian-items.ts";

const largestTracker: number = 1024 * 1024 * 1024;
const largestList: number = 64 * 1024 * 1024;
const lists = "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/";

/** The lists only add to what the JSON says, so an update goes on without them. */
const trackerFiles: readonly TogetherFile[] = [
  { address: "data/json", maxBytes: largestTracker },
  { address: `${lists}DSA/list`, maxBytes: largestList, optional: true },
  { address: `${lists}DLA/list`, maxBytes: largestList, optional: true },
];

/**
 * The Debian Security Tracker: what is fixed, open, not going to be fixed, not known and not affected in every release
 * that is cared for, and the advisories of the releases before.
 *
 * Source: security-tracker.debian.org, `data/json`; the lists of advisories in the tracker's repository.
 */
export const debianFeed: AdvisoryFeed = {
  id: "debian",
  revision: 5,
  title: "Debian Security Tracker",
  ecosystems: ["Debian"],
  address: "https://security-tracker.debian.org/tracker/",
  licence: "public, no licence stated",
  redistributable: true,
  async *fetch(source: FeedSource, { previous }: FetchOptions): AsyncGenerator<FeedPart> {
    yield await fetchTogether(source, { part: "all", previous: previous("all"), files: () => trackerFiles });
  },
  parse,
};

function* parse({ files: [tracker, ...listFiles] }: FeedPart, context: Context): Generator<FeedItem> {
  if (tracker === undefined) throw feedMalformed("the Debian Security Tracker", "no file was downloaded");
  using file = new DiskFile(tracker);
  yield* debianItems({ tracker: file, listed: fixesOf(listFiles), context });
}

function* fixesOf(paths: readonly string[]): Generator<ListedFix> {
  for (const path of paths) {
    yield* readAdvisoryList(readFeedText(path, { title: "a Debian advisory list", maxBytes: largestList }));
  }
}

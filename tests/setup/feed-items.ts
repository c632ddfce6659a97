import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AdvisoryFeed } from "../../src/advisories/advisory-feed.ts";
import type { FeedItem } from "../../src/advisories/feed-item.ts";
import { parsePart } from "./parse-part.ts";

/** What a feed makes of files. */
export interface FeedItems {
  readonly items: readonly FeedItem[];
  /** The messages of problems. */
  readonly problems: readonly string[];
}

/** Parses contents as the files of a whole part; they are written into `folder`. */
export async function feedItems(
  feed: AdvisoryFeed,
  folder: string,
  { contents, part = "part" }: { readonly contents: readonly (string | Uint8Array)[]; readonly part?: string },
): Promise<FeedItems> {
  const files = contents.map((content, index) => {
    const path = join(folder, `feed-file-${index}`);
    writeFileSync(path, content);
    return path;
  });
  const { items, problems } = await parsePart(feed, { name: part, files });
  return { items, problems: problems.map(({ message }) => message) };
}

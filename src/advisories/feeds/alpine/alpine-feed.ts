import type { AdvisoryFeed, FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedSource } from "../../feed-source.ts";
import { fetchTogether, type TogetherFile } from "../../fetch-together.ts";
import { readFeedJson } from "../../read-feed-file.ts";
import { secdbItems } from "../secdb/secdb-items.ts";

const maxBytes: number = 64 * 1024 * 1024;
/** Branches up to this one are known to exist; later ones are looked for until one is missing. */
const latestKnownMinor = 23;
const firstMinor = 2;

/**
 * Alpine's security database: for every branch the versions that fixed what. All branches are one part, because one
 * vulnerability is one record over all of them; together they are some 10 MB.
 *
 * Source: secdb.alpinelinux.org, `BRANCH/REPOSITORY.json`.
 */
export const alpineFeed: AdvisoryFeed = {
  id: "alpine",
  revision: 2,
  title: "Alpine Security Database",
  ecosystems: ["Alpine"],
  address: "https://secdb.alpinelinux.org/",
  licence: "none stated",
  redistributable: true,
  async *fetch(source: FeedSource, { previous }: FetchOptions): AsyncGenerator<FeedPart> {
    yield await fetchTogether(source, { part: "all", previous: previous("all"), files: branchFiles });
  },
  parse: (part, context) =>
    secdbItems(documentsOf(part), {
      prefix: "ALPINE",
      author: "Alpine Security Database",
      names: "source",
      page: (id) => `https://security.alpinelinux.org/vuln/${id}`,
      ecosystem: ({ distroversion: branch }) =>
        typeof branch === "string" && /^(?:v\d{1,2}\.\d{1,3}|edge)$/.test(branch) ? `Alpine:${branch}` : undefined,
      context,
    }),
};

/** The server's index is a page for people, so the branches are counted up; the oldest have no `community`. */
function* branchFiles(absent: ReadonlySet<string>): Generator<TogetherFile> {
  yield* repositories("edge");
  for (let minor = firstMinor; ; minor++) {
    yield* repositories(`v3.${minor}`);
    if (minor > latestKnownMinor && absent.has(`v3.${minor}/main.json`)) return;
  }
}

function repositories(branch: string): TogetherFile[] {
  return ["main", "community"].map((name) => ({ address: `${branch}/${name}.json`, maxBytes, optional: true }));
}

function* documentsOf({ files }: FeedPart): Generator<unknown> {
  for (const path of files) yield readFeedJson(path, { title: "a file in Alpine's security database", maxBytes });
}

import type { AdvisoryFeed } from "../../advisory-feed.ts";
import { fetchSingleFile } from "../../fetch-single-file.ts";
import { readFeedJson } from "../../read-feed-file.ts";
import { secdbItems } from "./secdb-items.ts";

const maxBytes: number = 256 * 1024 * 1024;
const file = "security.json";

/** What tells one distribution without releases from another. */
export interface RollingSecdb {
  readonly id: string;
  readonly revision: number;
  /** The OSV ecosystem; it has no suffix. */
  readonly ecosystem: string;
  readonly title: string;
  readonly prefix: string;
  /** The folder of `security.json`. */
  readonly address: string;
}

/**
 * The feed of a distribution that Chainguard builds: one `security.json` in the form of Alpine's security database,
 * without a branch. Its data may not be passed on.
 */
export function rollingSecdbFeed({ id, revision, ecosystem, title, prefix, address }: RollingSecdb): AdvisoryFeed {
  return {
    id,
    revision,
    title,
    ecosystems: [ecosystem],
    address,
    licence: "CC-BY-NC-ND-4.0 and the vendor's terms",
    redistributable: false,
    fetch: (source, options) => fetchSingleFile(source, options, { name: "all", address: file, maxBytes }),
    parse: ({ files }, context) =>
      secdbItems(
        files.map((path) => readFeedJson(path, { title: `${file} of the ${title}`, maxBytes })),
        {
          prefix,
          author: title,
          ecosystem: ({ packages }) => (packages === undefined ? undefined : ecosystem),
          context,
        },
      ),
  };
}

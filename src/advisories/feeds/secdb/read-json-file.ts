import { readFeedJson } from "../../read-feed-file.ts";

/** As {@link readFeedJson}, with `label` as its title. */
export function readJsonFile(
  path: string,
  { label, maxBytes }: { readonly label: string; readonly maxBytes: number },
): unknown {
  return readFeedJson(path, { title: label, maxBytes });
}

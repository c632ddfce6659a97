import { PlimsollError } from "../model/error.ts";
import type { FeedPart, FetchOptions } from "./advisory-feed.ts";
import type { FeedSource } from "./feed-source.ts";

/** The one file of a feed. */
export interface SingleFile {
  /** Name of the part. */
  readonly name: string;
  /** As for {@link FeedSource.fetch}. */
  readonly address: string;
  readonly maxBytes: number;
}

/**
 * Fetches a feed that is one file: one part. Errors: as `AdvisoryFeed.fetch`; a file that is missing is
 * `feed-unreachable`.
 */
export async function* fetchSingleFile(
  source: FeedSource,
  { previous }: FetchOptions,
  { name, address, maxBytes }: SingleFile,
): AsyncGenerator<FeedPart> {
  const before = previous(name);
  const fetched = await source.fetch(address, { maxBytes, previous: before });
  if (fetched.kind === "absent") throw missingFile(fetched.place ?? address);
  if (fetched.kind === "file") yield { name, state: "whole", files: [fetched.path], position: fetched.position };
  else yield { name, state: "unchanged", files: [], position: before ?? {} };
}

/** `feed-unreachable`: the publisher, or the mirror, has no such file. */
export function missingFile(address: string): PlimsollError {
  return new PlimsollError("feed-unreachable", `${address} was not found`, {
    hint: "The publisher may have moved the file, or the mirror is incomplete.",
  });
}

import { PlimsollError } from "../../../model/error.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import type { FeedSource, Fetched, Position } from "../../feed-source.ts";

/** One of several files that make a part. */
export interface TogetherFile {
  /** What it is about, unique among the files, without a space: `3.0`. */
  readonly key: string;
  readonly address: string;
  /** Bytes. */
  readonly maxBytes: number;
}

/**
 * Fetches files that are parsed as one part, because an advisory may have lines in all of them: when one has changed, all are
 * brought. Files that are not there are left out; {@link keysOf} tells which ones came.
 *
 * Errors: those of {@link FeedSource.fetch}; `feed-malformed` when none of them is there.
 */
export async function fetchTogether(
  source: FeedSource,
  files: readonly TogetherFile[],
  { name, previous }: { readonly name: string; readonly previous: Position | undefined },
): Promise<FeedPart> {
  const first: (TogetherFile & { readonly fetched: Fetched })[] = [];
  for (const file of files) {
    const { address, key, maxBytes } = file;
    first.push({ ...file, fetched: await source.fetch(address, { maxBytes, previous: positionOf(key, previous) }) });
  }
  const there = first.filter(({ fetched }) => fetched.kind !== "absent");
  if (there.length === 0) {
    throw new PlimsollError("feed-malformed", `none of the files of ${name} is there, such as ${files[0]?.address}`, {
      hint: "The feed has changed its form; the database that was there before is unchanged.",
    });
  }
  const keys = there.map(({ key }) => key).join(" ");
  if (previous && keys === previous["files"] && there.every(({ fetched }) => fetched.kind === "unchanged")) {
    return { name, state: "unchanged", files: [], position: previous };
  }
  const paths: string[] = [];
  const position: Record<string, string> = { files: keys };
  for (const { key, address, maxBytes, fetched } of there) {
    const file = fetched.kind === "file" ? fetched : await source.fetch(address, { maxBytes });
    if (file.kind !== "file")
      throw new PlimsollError("feed-unreachable", `${address} is gone in the middle of an update`);
    paths.push(file.path);
    for (const [field, value] of Object.entries(file.position)) position[`${key} ${field}`] = value;
  }
  return { name, state: "whole", files: paths, position };
}

/** The keys of a part's files, in the order of its files. */
export function keysOf({ position }: FeedPart): string[] {
  return (position["files"] ?? "").split(" ").filter((key) => key !== "");
}

function positionOf(key: string, position: Position | undefined): Position | undefined {
  const prefix = `${key} `;
  const fields = Object.entries(position ?? {}).filter(([field]) => field.startsWith(prefix));
  return fields.length === 0
    ? undefined
    : Object.fromEntries(fields.map(([field, value]) => [field.slice(prefix.length), value]));
}

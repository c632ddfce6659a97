import type { FeedPart } from "./advisory-feed.ts";
import type { FeedSource, Fetched, Position } from "./feed-source.ts";
import { missingFile } from "./fetch-single-file.ts";

/** One of several files that make a part. */
export interface TogetherFile {
  /** As {@link FeedSource.fetch} takes it. */
  readonly address: string;
  /** Bytes of the file as transferred. */
  readonly maxBytes: number;
  /** True when the part can do without it: a server that has no such file is no error. */
  readonly optional?: boolean;
}

/** What a part of several files is made of. */
export interface TogetherOptions {
  /** The name of the part. */
  readonly part: string;
  /** As `FetchOptions` gives it for this part. */
  readonly previous: Position | undefined;
  /** Asked for one by one; `absent` holds the addresses of those before that are not there. */
  readonly files: (absent: ReadonlySet<string>) => Iterable<TogetherFile>;
}

/**
 * Fetches files that can only be parsed together as one part. When none has changed the part is `unchanged`; when one has, those
 * that have not are fetched again. The part's files are in the order of `files`, without those that are not there; its position
 * holds `ADDRESS KEY` for every key of a file's position.
 *
 * Errors: those of {@link FeedSource.fetch}; `feed-unreachable` when a file that is not optional does not exist, or none does.
 */
export async function fetchTogether(source: FeedSource, options: TogetherOptions): Promise<FeedPart> {
  const fetched = new Map<TogetherFile, Fetched>();
  const absent = new Set<string>();
  let changed = options.previous === undefined;
  for (const file of options.files(absent)) {
    const previous = positionOf(options.previous, file.address);
    const result = await source.fetch(file.address, { maxBytes: file.maxBytes, previous });
    fetched.set(file, result);
    if (result.kind === "absent") absent.add(file.address);
    changed ||= result.kind === "absent" ? previous !== undefined : result.kind === "file";
    if (result.kind === "absent" && !file.optional) throw missingFile(file.address);
  }
  if (!changed) return { name: options.part, state: "unchanged", files: [], position: options.previous ?? {} };
  const files: string[] = [];
  const position: Record<string, string> = {};
  for (const [file, first] of fetched) {
    const result = first.kind === "unchanged" ? await source.fetch(file.address, { maxBytes: file.maxBytes }) : first;
    if (result.kind === "absent" && !file.optional) throw missingFile(file.address);
    if (result.kind !== "file") continue;
    files.push(result.path);
    for (const [key, value] of Object.entries(result.position)) position[`${file.address} ${key}`] = value;
  }
  if (files.length === 0) throw missingFile([...absent][0] ?? options.part);
  return { name: options.part, state: "whole", files, position };
}

function positionOf(whole: Position | undefined, address: string): Position | undefined {
  const own = Object.entries(whole ?? {}).filter(([key]) => key.startsWith(`${address} `));
  return own.length === 0
    ? undefined
    : Object.fromEntries(own.map(([key, value]) => [key.slice(address.length + 1), value]));
}

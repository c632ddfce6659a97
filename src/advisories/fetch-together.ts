import type { FeedPart } from "./advisory-feed.ts";
import type { FeedSource, Fetched, Position } from "./feed-source.ts";
import { missingFile } from "./fetch-single-file.ts";
import { goneFile } from "./gone-file.ts";

/** A file of a part that consists of several files. */
export interface TogetherFile {
  /** As {@link FeedSource.fetch} takes it, without a space. */
  readonly address: string;
  /** Bytes of the file as transferred. */
  readonly maxBytes: number;
  /** True when the part can do without it: a server that has never had such a file is not an error. */
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
 * Fetches files that can only be parsed together as one part. When none has changed or come, and `files` names those of
 * the last time, the part is `unchanged`; else all of them are brought. The part's files are in the order of `files`,
 * without those that are not there; {@link addressesOf} tells which ones they are. Its position holds these addresses
 * as `files`, and `ADDRESS KEY` for every key of a file's position.
 *
 * Errors: those of {@link FeedSource.fetch}; `feed-unreachable` when a file that is not optional does not exist, none
 * does, or one that the part had the last time is missing ({@link goneFile}).
 */
export async function fetchTogether(source: FeedSource, options: TogetherOptions): Promise<FeedPart> {
  const { part: name, previous } = options;
  const found: (TogetherFile & { readonly fetched: Fetched })[] = [];
  const absent = new Set<string>();
  const before = new Set(addressesIn(previous));
  for (const file of options.files(absent)) {
    const { address, maxBytes, optional } = file;
    const fetched = await source.fetch(address, { maxBytes, previous: positionOf(previous, address) });
    if (fetched.kind !== "absent") found.push({ ...file, fetched });
    else if (before.has(address)) throw goneFile(address);
    else if (optional) absent.add(address);
    else throw missingFile(fetched.place ?? address);
  }
  if (found.length === 0) throw missingFile([...absent][0] ?? name);
  const position: Record<string, string> = { files: found.map(({ address }) => address).join(" ") };
  if (
    previous &&
    previous["files"] === position["files"] &&
    found.every(({ fetched }) => fetched.kind === "unchanged")
  ) {
    return { name, state: "unchanged", files: [], position: previous };
  }
  const files: string[] = [];
  for (const { address, maxBytes, fetched } of found) {
    const file = fetched.kind === "file" ? fetched : await source.fetch(address, { maxBytes });
    if (file.kind !== "file") throw goneFile(address);
    files.push(file.path);
    for (const [key, value] of Object.entries(file.position)) position[`${address} ${key}`] = value;
  }
  return { name, state: "whole", files, position };
}

/** The addresses of the files of a part that {@link fetchTogether} gave, in the order of its files. */
export function addressesOf({ position }: FeedPart): string[] {
  return addressesIn(position);
}

function addressesIn(position: Position | undefined): string[] {
  return (position?.["files"] ?? "").split(" ").filter((address) => address !== "");
}

/** What a position with `ADDRESS KEY` for several files says of one of them; undefined when it does not mention it. */
export function positionOf(whole: Position | undefined, address: string): Position | undefined {
  const own = Object.entries(whole ?? {}).filter(([key]) => key.startsWith(`${address} `));
  return own.length === 0
    ? undefined
    : Object.fromEntries(own.map(([key, value]) => [key.slice(address.length + 1), value]));
}

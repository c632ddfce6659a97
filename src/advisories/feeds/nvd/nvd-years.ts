import { createHash } from "node:crypto";
import type { FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedSource, Position } from "../../feed-source.ts";
import { missingFile } from "../../fetch-single-file.ts";
import { feedMalformed, readFeedBytes, readFeedText } from "../../read-feed-file.ts";

// For each year from 2002 there are nvdcve-2.0-YEAR.json.gz and nvdcve-2.0-YEAR.meta, lines of `name:value`; its
// `sha256` is that of the unpacked file. The two are not replaced in one step.

const firstYear = 2002;
const longestMeta = 10_000;
const largestFile: number = 1024 ** 3;
/** Bytes of an unpacked file. */
export const largestContent: number = 4 * 1024 ** 3;

/**
 * Fetches the file of each year that has changed. Errors: as `AdvisoryFeed.fetch`; a year of the past that is missing
 * is `feed-unreachable`.
 */
export async function* fetchYears(source: FeedSource, options: FetchOptions): AsyncGenerator<FeedPart> {
  const lastYear = new Date().getUTCFullYear();
  for (let year = firstYear; year <= lastYear; year++) {
    const part = await fetchYear(source, { name: String(year), options });
    if (part) yield part;
    else if (year < lastYear) throw missingFile(fileOf(String(year)));
  }
}

function fileOf(year: string): string {
  return `nvdcve-2.0-${year}.json.gz`;
}

interface Year {
  readonly name: string;
  readonly options: FetchOptions;
}

async function fetchYear(source: FeedSource, { name, options }: Year): Promise<FeedPart | undefined> {
  const previous = options.previous(name);
  const unchanged: FeedPart = { name, state: "unchanged", files: [], position: previous ?? {} };
  const expected = await statedSha256(source, name);
  if (expected !== undefined && previous?.["content"] === expected) return unchanged;
  const file = await source.fetch(fileOf(name), {
    maxBytes: largestFile,
    ...(expected === undefined && { previous }),
  });
  if (file.kind === "absent") return undefined;
  if (file.kind === "unchanged") return unchanged;
  const position =
    expected === undefined
      ? file.position
      : await checkedPosition(source, { name, expected, path: file.path, options });
  return { name, state: "whole", files: [file.path], position };
}

interface ArrivedYear extends Year {
  readonly path: string;
  readonly expected: string;
}

async function checkedPosition(source: FeedSource, { name, expected, path, options }: ArrivedYear): Promise<Position> {
  const title = `the NVD file for ${name}`;
  const content = await contentSha256(path, { title, signal: options.signal });
  if (content === expected || content === (await statedSha256(source, name))) return { content };
  throw feedMalformed(title, `the SHA-256 of its content is ${content}, but NVD states ${expected}`);
}

/** Undefined when NVD, or the mirror, gives none. */
async function statedSha256(source: FeedSource, year: string): Promise<string | undefined> {
  const meta = await source.fetch(`nvdcve-2.0-${year}.meta`, { maxBytes: longestMeta });
  if (meta.kind !== "file") return undefined;
  const title = `the NVD metadata for ${year}`;
  const sha256 = /^sha256:([0-9a-f]{64})\r?$/im.exec(readFeedText(meta.path, { title, maxBytes: longestMeta }))?.[1];
  if (sha256 === undefined) throw feedMalformed(title, "it states no SHA-256");
  return sha256.toLowerCase();
}

interface ContentOptions {
  readonly title: string;
  readonly signal: AbortSignal;
}

async function contentSha256(path: string, { title, signal }: ContentOptions): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of readFeedBytes(path, { title, maxBytes: largestContent, signal })) hash.update(bytes);
  return hash.digest("hex");
}

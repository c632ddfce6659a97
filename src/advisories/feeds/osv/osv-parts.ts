import { PlimsollError } from "../../../model/error.ts";
import type { FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedSource, Fetched, Position } from "../../feed-source.ts";
import { missingFile } from "../../fetch-single-file.ts";
import { feedMalformed, readFeedText } from "../../read-feed-file.ts";
import { archivedRecords, largestRecord } from "./osv-archive.ts";
import { chooseEcosystems, lacksEcosystem } from "./osv-ecosystems.ts";
import { changesSince, type RecordState, recordStates } from "./record-states.ts";

// The layout of OSV.dev's bulk export:
//
//   ecosystems.txt                  the names of the ecosystems, one a line, without the suffix of a release
//   <Ecosystem>/all.zip             every record of the ecosystem; names hold spaces and brackets
//   <Ecosystem>/modified_id.csv     its records, newest first: RFC 3339 time, comma, id
//   <Ecosystem>/<ID>.json           each record
//
// In one export the single records are written first, then the list, then the archive, so that a list may be newer than
// the archive beside it. The position is therefore what the archive itself holds; it names the list only where the two
// agree, and then it is the same text as after fetching single records.

const longestList: number = 256 * 1024 * 1024;
const largestArchive: number = 4 * 1024 ** 3;
/** Records that are fetched one by one: at most so many, and at most this share of the ecosystem. */
const mostSingle = 1000;
const largestShare = 0.05;

/** Ecosystems one after the other whose files could not be had, after which no more are asked for. */
const mostUnreachable = 3;

/**
 * Fetches a bucket's ecosystems one after the other, each a part, which fails on its own. When several in a row cannot
 * be had, the server is not asked for the others, so that one that is silent is not waited for again and again.
 *
 * Errors: as `AdvisoryFeed.fetch`.
 */
export async function* fetchEcosystems(source: FeedSource, options: FetchOptions): AsyncGenerator<FeedPart> {
  const { names, listed, missing } = await chooseEcosystems(source, options);
  let found = 0;
  let failures = 0;
  let unreachable = 0;
  const fail = (name: string, cause: unknown): void => {
    if (!options.failed || !isPartError(cause)) throw cause;
    options.failed(name, cause);
    failures++;
  };
  for (const name of missing)
    fail(name, options.failed ? missingFile(`${name}/all.zip`) : lacksEcosystem({ missing: name, names }));
  for (const name of names) {
    const previous = options.previous(name);
    const refused = options.refused ? options.refused(name) : [];
    let part: FeedPart | undefined;
    try {
      part = await fetchEcosystem(source, { name, previous: refused && previous, refused: refused ?? [] });
      unreachable = 0;
    } catch (cause) {
      unreachable = isPartError(cause) && cause.code === "feed-unreachable" ? unreachable + 1 : 0;
      if (unreachable === mostUnreachable) throw cause;
      fail(name, cause);
      continue;
    }
    if (part) found++;
    if (part) yield part;
    else if (listed || isNamed(options, name)) fail(name, missingFile(`${name}/all.zip`));
  }
  if (found === 0 && failures === 0) throw missingFile(`an all.zip in ${someOf(names)}`);
}

const mostNamed = 3;

/** `npm or PyPI`, `AlmaLinux or Alpine or Bitnami or another folder`. */
function someOf(names: readonly string[]): string {
  return [...names.slice(0, mostNamed), ...(names.length > mostNamed ? ["another folder"] : [])].join(" or ");
}

function isPartError(cause: unknown): cause is PlimsollError {
  return (
    cause instanceof PlimsollError && ["feed-unreachable", "feed-malformed", "limit-exceeded"].includes(cause.code)
  );
}

function isNamed({ named = [] }: FetchOptions, name: string): boolean {
  return named.some((one) => one.toLowerCase() === name.toLowerCase());
}

interface Ecosystem {
  readonly name: string;
  readonly previous: Position | undefined;
  /** The ids of records that could not be read. */
  readonly refused: readonly string[];
}

/** Undefined when the bucket has no archive of it. */
async function fetchEcosystem(
  source: FeedSource,
  { name, previous, refused }: Ecosystem,
): Promise<FeedPart | undefined> {
  const folder = encodeURIComponent(name);
  const { records: before, ...listBefore } = previous ?? {};
  // Records to request again are looked up in the list, also when that has not changed.
  const isKnown = before !== undefined && refused.length === 0;
  const list = await source.fetch(`${folder}/modified_id.csv`, {
    maxBytes: longestList,
    ...(isKnown && { previous: listBefore }),
  });
  const unchanged: FeedPart = { name, state: "unchanged", files: [], position: previous ?? {} };
  if (list.kind === "unchanged") return unchanged;
  if (list.kind === "absent") {
    // Without the list, the archive's own position is the part's.
    const archive = await source.fetch(`${folder}/all.zip`, {
      maxBytes: largestArchive,
      ...(before === undefined && refused.length === 0 && { previous }),
    });
    if (archive.kind === "absent") return undefined;
    if (archive.kind === "unchanged") return unchanged;
    return { name, state: "whole", files: [archive.path], position: archive.position };
  }
  const rows = readList(list.path, name);
  const position = { ...list.position, records: recordStates(rows) };
  const changes = before === undefined ? undefined : await fetchChanges(source, { folder, before, rows, refused });
  if (changes) return { name, state: "changes", ...changes, position };
  const archive = await source.fetch(`${folder}/all.zip`, { maxBytes: largestArchive });
  if (archive.kind !== "file") return undefined;
  const records = recordStates(statesIn(archive.path, name));
  return {
    name,
    state: "whole",
    files: [archive.path],
    position: records === position.records ? position : { records },
  };
}

interface ListedChanges {
  readonly folder: string;
  readonly before: string;
  readonly rows: readonly RecordState[];
  readonly refused: readonly string[];
}

/**
 * The single records that are new or changed, or were not readable; undefined when the archive is the better way or the
 * only one.
 */
async function fetchChanges(
  source: FeedSource,
  { folder, before, rows, refused }: ListedChanges,
): Promise<Pick<FeedPart, "files" | "subjects"> | undefined> {
  const changes = changesSince(before, rows);
  if (!changes || changes.gone > 0) return undefined;
  if (changes.changed.length > Math.min(mostSingle, rows.length * largestShare)) return undefined;
  const listed = new Set(rows.map(({ id }) => id));
  if (!refused.every((id) => listed.has(id))) return undefined;
  const files: string[] = [];
  const subjects: string[] = [];
  const tooLong: string[] = [];
  for (const id of [...new Set([...changes.changed, ...refused])].sort()) {
    const record = await fetchRecord(source, `${folder}/${encodeURIComponent(id)}.json`);
    if (record === undefined) {
      tooLong.push(id);
      continue;
    }
    if (record.kind !== "file") return undefined;
    files.push(record.path);
    subjects.push(id);
  }
  return { files, subjects: [...subjects, ...tooLong] };
}

/** Undefined for one that is too long, which costs no other. */
async function fetchRecord(source: FeedSource, address: string): Promise<Fetched | undefined> {
  try {
    return await source.fetch(address, { maxBytes: largestRecord });
  } catch (cause) {
    if (cause instanceof PlimsollError && cause.code === "limit-exceeded") return undefined;
    throw cause;
  }
}

function readList(path: string, name: string): RecordState[] {
  const title = `the list of changes for ${name}`;
  const rows: RecordState[] = [];
  for (const line of readFeedText(path, { title, maxBytes: longestList }).split("\n")) {
    if (line === "" || line === "\r") continue;
    const [, modified, id] = /^(\d{4}-[\d:T.-]{5,40}Z),([\x21-\x7e]{1,200}?)\r?$/.exec(line) ?? [];
    if (modified === undefined || id === undefined) {
      throw feedMalformed(title, `it holds ${JSON.stringify(line.slice(0, 100))}`);
    }
    rows.push({ id, modified });
  }
  return rows;
}

/** The times that records state, found without parsing them: a wrong one only has the record fetched again. */
function* statesIn(path: string, name: string): Generator<RecordState> {
  for (const record of archivedRecords(path, `the archive of ${name}`)) {
    const modified = /"modified":\s{0,10}"([^"]{1,50})"/.exec(record.text ?? "")?.[1] ?? "";
    yield { id: record.name.slice(0, -".json".length), modified };
  }
}

import type { FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedSource, Fetched, Position } from "../../feed-source.ts";
import { missingFile } from "../../fetch-single-file.ts";
import { positionOf } from "../../fetch-together.ts";
import { largestDocument } from "./csaf-document.ts";
import { cveOfPath, type ListedDocument, largestListing, readListing } from "./csaf-listing.ts";
import { deletedSince } from "./parse-csaf-part.ts";

// The first time everything comes as one archive, with the documents that changed since it was made; from then on the documents that
// `changes.csv` names as newer than what is there, and the names of those that `deletions.csv` says are gone. The position holds
//
//   changed          the time of the newest document of changes.csv, in milliseconds since 1970
//   deleted-since    see parse-csaf-part.ts
//   FILE KEY         the position of changes.csv, deletions.csv or, where there is no changes.csv, of the archive

const largestArchive: number = 8 * 1024 ** 3;

/** A document of an earlier time may be listed after one of a later time; so far back what is listed is fetched again. */
const margin: number = 60 * 60 * 1000;

/** With more changes the archive, which takes one request, is the shorter way. */
const mostChanges = 3000;

/** An archive on a publisher's server. */
export interface CsafArchive {
  readonly address: string;
  /** Hexadecimal. */
  readonly sha256?: string | undefined;
  /** What changed from then on may be missing in it, milliseconds since 1970. Where it is not known, `Last-Modified` counts. */
  readonly madeAt?: number | undefined;
}

/** Where a publisher keeps VEX documents. */
export interface CsafServer {
  /** The name of the part. */
  readonly part: string;
  /** The folder of the listings and documents, relative to the feed's address; empty, or with a slash at its end. */
  readonly folder: string;
  /** True when there may be a `deletions.csv`. */
  readonly deletions: boolean;
  readonly archive: (source: FeedSource) => Promise<CsafArchive>;
}

/** Fetches a publisher's VEX documents as one part. Errors: as `AdvisoryFeed.fetch`. */
export async function fetchCsafPart(source: FeedSource, options: FetchOptions, server: CsafServer): Promise<FeedPart> {
  const previous = options.previous(server.part);
  const since = previous?.["changed"] === undefined ? undefined : Number(previous["changed"]) - margin;
  const listing = new ListingFetcher(source, since === undefined ? undefined : previous);
  const changes = await listing.fetch(`${server.folder}changes.csv`);
  const deletions = server.deletions ? await listing.fetch(`${server.folder}deletions.csv`) : absent;
  if (changes.kind === "absent") return fetchArchiveAlone(source, options, server);
  if (changes.kind === "unchanged" && deletions.kind !== "file") {
    return { name: server.part, state: "unchanged", files: [], position: previous ?? {} };
  }
  const listed = changes.kind === "file" ? readListing(changes.path).filter(({ path }) => cveOfPath(path)) : [];
  const latest = listed.reduce((time, document) => Math.max(time, document.time), Number(previous?.["changed"] ?? 0));
  // A document with a date to come, a slip of the publisher's, would hide all changes until then.
  const newest = Math.min(latest, Date.now());
  const position = { ...listing.position, changed: String(newest) };
  const deletionFiles = deletions.kind === "file" ? [deletions.path] : [];
  if (since !== undefined) {
    const changed = listed.filter(({ time }) => time >= since);
    if (changed.length <= mostChanges) {
      const files = [...(await fetchDocuments(source, changed, server)), ...deletionFiles];
      return { name: server.part, state: "changes", files, position: { ...position, [deletedSince]: String(since) } };
    }
  }
  const archive = await server.archive(source);
  const fetched = await fetchArchive(source, archive);
  const madeAt = archive.madeAt ?? Date.parse(fetched.position["last-modified"] ?? "");
  const changed = listed.filter(({ time }) => time >= madeAt);
  const files = [...(await fetchDocuments(source, changed, server)), ...deletionFiles, fetched.path];
  const from = String(Number.isNaN(madeAt) ? newest : madeAt);
  return { name: server.part, state: "whole", files, position: { ...position, [deletedSince]: from } };
}

const absent: Fetched = { kind: "absent" };

/** Fetches listings and gathers their positions. */
class ListingFetcher {
  readonly position: Record<string, string> = {};
  readonly #source: FeedSource;
  readonly #previous: Position | undefined;

  constructor(source: FeedSource, previous: Position | undefined) {
    this.#source = source;
    this.#previous = previous;
  }

  async fetch(address: string): Promise<Fetched> {
    const previous = positionOf(this.#previous, address);
    const fetched = await this.#source.fetch(address, { maxBytes: largestListing, previous });
    const now = fetched.kind === "file" ? fetched.position : fetched.kind === "unchanged" ? (previous ?? {}) : {};
    for (const [key, value] of Object.entries(now)) this.position[`${address} ${key}`] = value;
    return fetched;
  }
}

/** A mirror may hold nothing but the archive. */
async function fetchArchiveAlone(source: FeedSource, options: FetchOptions, server: CsafServer): Promise<FeedPart> {
  const previous = options.previous(server.part);
  const archive = await server.archive(source);
  const fetched = await source.fetch(archive.address, { ...archiveOptions(archive), previous });
  if (fetched.kind === "absent") throw missingFile(archive.address);
  if (fetched.kind === "unchanged")
    return { name: server.part, state: "unchanged", files: [], position: previous ?? {} };
  return { name: server.part, state: "whole", files: [fetched.path], position: fetched.position };
}

async function fetchArchive(
  source: FeedSource,
  archive: CsafArchive,
): Promise<Extract<Fetched, { readonly kind: "file" }>> {
  const fetched = await source.fetch(archive.address, archiveOptions(archive));
  if (fetched.kind !== "file") throw missingFile(archive.address);
  return fetched;
}

function archiveOptions({ sha256 }: CsafArchive): { maxBytes: number; sha256?: string } {
  return { maxBytes: largestArchive, ...(sha256 !== undefined && { sha256 }) };
}

/** A document that is no longer there was deleted since the listing was made. */
async function fetchDocuments(
  source: FeedSource,
  documents: readonly ListedDocument[],
  { folder }: CsafServer,
): Promise<string[]> {
  const files: string[] = [];
  for (const { path } of documents) {
    const fetched = await source.fetch(`${folder}${path}`, { maxBytes: largestDocument });
    if (fetched.kind === "file") files.push(fetched.path);
  }
  return files;
}

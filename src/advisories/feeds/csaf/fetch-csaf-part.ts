import { isCveId } from "../../../model/findings/cve-id.ts";
import type { FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedSource, Fetched, Position } from "../../feed-source.ts";
import { missingFile } from "../../fetch-single-file.ts";
import { positionOf } from "../../fetch-together.ts";
import { goneFile } from "../../gone-file.ts";
import { type ArchivedTimesOptions, archivedTimes } from "./archived-times.ts";
import { largestDocument } from "./csaf-document.ts";
import { cveOfPath, type ListedDocument, largestListing, readListing } from "./csaf-listing.ts";
import { deletedSince, missingDocuments, unlistedDocuments } from "./parse-csaf-part.ts";

// The first time everything comes as one archive, with the documents that changed since it was made; from then on the
// documents that `changes.csv` names as newer than what is there or that could not be read, and the names of those that
// `deletions.csv` says are gone. The position holds
//
//   changed          the time of the newest document of changes.csv, in milliseconds since 1970
//   deleted-since    see parse-csaf-part.ts
//   missing          see parse-csaf-part.ts; they are asked for again
//   unlisted         see parse-csaf-part.ts
//   FILE KEY         the position of changes.csv, deletions.csv or, where there is no changes.csv, of the archive

const largestArchive: number = 8 * 1024 ** 3;

/**
 * A document of an earlier time may be listed after one of a later time; documents listed within this margin are
 * fetched again.
 */
const margin: number = 60 * 60 * 1000;

/** With more changes the archive, which takes one request, is the shorter way. */
const mostChanges = 3000;

/** An archive on a publisher's server. */
export interface CsafArchive {
  readonly address: string;
  /** Hexadecimal. */
  readonly sha256?: string | undefined;
  /**
   * What changed from then on may be missing in it, milliseconds since 1970. Where it is not known, `Last-Modified`
   * counts; where there is none, as in a folder, the times of the documents in the archive.
   */
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

/**
 * Fetches a publisher's VEX documents as one part. Errors: as `AdvisoryFeed.fetch`; a listing that existed the last
 * time and is missing now is `feed-unreachable`, since the archive alone would set documents back.
 */
export async function fetchCsafPart(source: FeedSource, options: FetchOptions, server: CsafServer): Promise<FeedPart> {
  const previous = options.previous(server.part);
  const refused = options.refused ? options.refused(server.part) : [];
  const since =
    previous?.["changed"] === undefined || refused === undefined ? undefined : Number(previous["changed"]) - margin;
  // Documents to request again are looked up in the listing, also when that has not changed.
  const listing = new ListingFetcher(source, { previous, again: since === undefined || refused?.length !== 0 });
  const changes = await listing.fetch(`${server.folder}changes.csv`);
  const deletions = server.deletions ? await listing.fetch(`${server.folder}deletions.csv`) : absent;
  if (changes.kind === "absent") return fetchArchiveAlone(source, options, server);
  const listed = changes.kind === "file" ? readListing(changes.path).filter(({ path }) => cveOfPath(path)) : [];
  const waiting = waitingIn(previous, changes.kind === "file" ? listed : undefined);
  const nothingNew = changes.kind === "unchanged" && deletions.kind !== "file";
  const unchanged = { name: server.part, state: "unchanged", files: [], position: previous ?? {} } as const;
  if (nothingNew && waiting.length === 0) return unchanged;
  const documents = new DocumentFetcher(source, server.folder);
  const latest = listed.reduce((time, document) => Math.max(time, document.time), Number(previous?.["changed"] ?? 0));
  // A document with a date to come, a slip of the publisher's, would hide all changes until then.
  const newest = Math.min(latest, Date.now());
  const position = { ...listing.position, changed: String(newest) };
  const deletionFiles = deletions.kind === "file" ? [deletions.path] : [];
  if (since !== undefined) {
    const again = new Set(refused?.map(cveOf));
    const isWanted = ({ path, time }: ListedDocument): boolean => time >= since || again.has(cveOfPath(path) ?? "");
    const changed = listed.filter(isWanted).map(({ path }) => path);
    if (changed.length <= mostChanges) {
      const single = await documents.fetch([...new Set([...changed, ...waiting])]);
      if (nothingNew && single.files.length === 0) return unchanged;
      const unlisted = unlistedIn(listed, refused ?? []);
      const now = { ...position, ...documents.position, ...unlisted, [deletedSince]: String(since) };
      const files = [...single.files, ...deletionFiles];
      return { name: server.part, state: "changes", files, subjects: single.subjects, position: now };
    }
  }
  const archive = await server.archive(source);
  const fetched = await fetchArchive(source, archive);
  const madeAt = archive.madeAt ?? Date.parse(fetched.position["last-modified"] ?? "");
  const changed = Number.isNaN(madeAt)
    ? await newerThan(fetched.path, listed, { title: archive.address, signal: options.signal })
    : listed.filter(({ time }) => time >= madeAt);
  const single = await documents.fetch(changed.map(({ path }) => path));
  const from = String(Number.isNaN(madeAt) ? newest : madeAt);
  const now = { ...position, ...documents.position, [deletedSince]: from };
  const files = [...single.files, ...deletionFiles, fetched.path];
  return { name: server.part, state: "whole", files, subjects: single.subjects, position: now };
}

/**
 * Documents that an earlier update missed, as far as they are still listed; undefined when the listing is unchanged.
 */
function waitingIn(previous: Position | undefined, listed: readonly ListedDocument[] | undefined): string[] {
  const paths = (previous?.[missingDocuments] ?? "").split(" ").filter((path) => path !== "");
  const still = listed && new Set(listed.map(({ path }) => path));
  return paths.filter((path) => still?.has(path) ?? true);
}

/** What of the records that could not be read is no longer listed: the key of the position, or nothing. */
function unlistedIn(listed: readonly ListedDocument[], refused: readonly string[]): Position {
  const names = new Set(listed.map(({ path }) => cveOfPath(path)));
  const unlisted = [...new Set(refused.map(cveOf))].filter((id) => isCveId(id) && !names.has(id));
  return unlisted.length > 0 ? { [unlistedDocuments]: unlisted.join(" ") } : {};
}

/** The CVE of the id of an advisory, `REDHAT-CVE-2024-1000`, or of its own. */
function cveOf(id: string): string {
  return /CVE-\d{4}-\d{4,19}$/.exec(id)?.[0] ?? id;
}

/** What the archive lacks or has in an older state. */
async function newerThan(
  archive: string,
  listed: readonly ListedDocument[],
  options: ArchivedTimesOptions,
): Promise<ListedDocument[]> {
  const times = await archivedTimes(archive, options);
  return listed.filter(({ path, time }) => time > (times.get(cveOfPath(path) ?? "") ?? Number.NEGATIVE_INFINITY));
}

const absent: Fetched = { kind: "absent" };

/** Fetches listings and gathers their positions. */
class ListingFetcher {
  readonly position: Record<string, string> = {};
  readonly #source: FeedSource;
  readonly #previous: Position | undefined;
  readonly #again: boolean;

  /** `again`: a listing is brought also when it is as it was at `previous`. */
  constructor(
    source: FeedSource,
    { previous, again }: { readonly previous: Position | undefined; readonly again: boolean },
  ) {
    this.#source = source;
    this.#previous = previous;
    this.#again = again;
  }

  async fetch(address: string): Promise<Fetched> {
    const previous = positionOf(this.#previous, address);
    const fetched = await this.#source.fetch(address, { maxBytes: largestListing, ...(!this.#again && { previous }) });
    if (fetched.kind === "absent" && previous) throw goneFile(address);
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

/**
 * Fetches documents and takes down which are not there: deleted since the listing was made, or not copied to a mirror.
 */
class DocumentFetcher {
  readonly #source: FeedSource;
  readonly #folder: string;
  readonly #missing: string[] = [];

  constructor(source: FeedSource, folder: string) {
    this.#source = source;
    this.#folder = folder;
  }

  /** `subjects` are the paths that the listing names the files by. */
  async fetch(paths: readonly string[]): Promise<Required<Pick<FeedPart, "files" | "subjects">>> {
    const files: string[] = [];
    const subjects: string[] = [];
    for (const path of paths) {
      const fetched = await this.#source.fetch(`${this.#folder}${path}`, { maxBytes: largestDocument });
      if (fetched.kind !== "file") {
        this.#missing.push(path);
        continue;
      }
      files.push(fetched.path);
      subjects.push(path);
    }
    return { files, subjects };
  }

  get position(): Position {
    const missing = this.#missing.slice(0, mostChanges);
    return missing.length > 0 ? { [missingDocuments]: missing.join(" ") } : {};
  }
}

import { PlimsollError } from "../../../model/error.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedSource, Position } from "../../feed-source.ts";
import { missingFile } from "../../fetch-single-file.ts";
import { goneFile } from "../../gone-file.ts";
import { feedMalformed, readFeedJson } from "../../read-feed-file.ts";
import { findUpdateinfo, type UpdateinfoPlace } from "../updateinfo/rpm-repository.ts";
import {
  type AmazonRepository,
  amazonHosts,
  coreOfTopics,
  extrasCatalogue,
  extrasRepository,
  fixedRepositories,
  topicOf,
} from "./amazon-repositories.ts";
import { corePosition, hasSameLines, type Lines, readLines } from "./core-lines.ts";

const largestUpdateinfo: number = 1024 * 1024 * 1024;
const largestCatalogue: number = 4 * 1024 * 1024;
const mostTopics = 1000;

/**
 * One part for each of Amazon's repositories. Its position holds for each architecture the checksum of the updates,
 * `none` where there are none, and for a topic what {@link corePosition} gives.
 *
 * A repository that existed at the last update and is missing now has failed; a topic that the catalogue no longer
 * names is left out, and so dropped.
 *
 * Errors: as `AdvisoryFeed.fetch`.
 */
export async function* fetchAmazon(source: FeedSource, options: FetchOptions): AsyncGenerator<FeedPart> {
  const fetcher = new RepositoryFetcher(source, options);
  for (const repository of fixedRepositories) {
    const part = await fetcher.fetch(repository);
    if (part) yield part;
  }
  for (const topic of await topics(source)) {
    const part = await fetcher.fetch(extrasRepository(topic));
    if (part) yield part;
  }
}

async function topics(source: FeedSource): Promise<string[]> {
  const fetched = await source.fetch(extrasCatalogue, { maxBytes: largestCatalogue });
  if (fetched.kind !== "file") throw missingFile(extrasCatalogue);
  const title = "the catalogue of Amazon Linux 2 extras";
  const catalogue = readFeedJson(fetched.path, { title, maxBytes: largestCatalogue });
  const listed = isJsonObject(catalogue) ? catalogue["topics"] : undefined;
  if (!Array.isArray(listed)) throw feedMalformed(title, "it has no topics");
  const names = listed.flatMap((topic: unknown) => (isJsonObject(topic) ? [topic["n"]] : []));
  const usable = names.filter((name) => typeof name === "string" && /^[A-Za-z0-9][\w.+-]{0,63}$/.test(name));
  return [...new Set(usable as string[])].slice(0, mostTopics);
}

/** Where a repository's updates are, and as its position says it their checksums. */
interface FoundUpdates {
  readonly places: readonly UpdateinfoPlace[];
  readonly checksums: Readonly<Record<string, string>>;
}

/** Fetches repositories one after the other, the core of Amazon Linux 2 before its topics. */
class RepositoryFetcher {
  readonly #source: FeedSource;
  readonly #options: FetchOptions;
  #corePlaces: readonly UpdateinfoPlace[] = [];
  /** Undefined until they are needed; an unchanged core need not be read while all topics are as they were. */
  #coreLines: Lines | undefined;

  constructor(source: FeedSource, options: FetchOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Undefined for a repository that is not there, or has failed. */
  async fetch(repository: AmazonRepository): Promise<FeedPart | undefined> {
    const { name, state } = repository;
    const before = this.#options.previous(name);
    const found = await this.#find(repository, before).catch((error: unknown) => {
      if (state !== "retired" || !isUnreachable(error)) throw error;
      return "gone" as const;
    });
    if (found === "absent") return undefined;
    if (found !== "gone") return this.#part(repository, { found, before });
    if (state === "retired") return before && { name, state: "unchanged", files: [], position: before };
    const gone = goneFile(labelOf(name));
    // The topics cannot be evaluated without the core.
    if (state === "permanent" || !this.#options.failed) throw gone;
    this.#options.failed(name, gone);
    return undefined;
  }

  async #find(repository: AmazonRepository, before: Position | undefined): Promise<FoundUpdates | "absent" | "gone"> {
    const { signal } = this.#options;
    const places: UpdateinfoPlace[] = [];
    const checksums: Record<string, string> = {};
    for (const architecture of repository.architectures) {
      const address = repository.mirrorList.replace("$basearch", architecture);
      const place = await findUpdateinfo(this.#source, { address, architecture, hosts: amazonHosts, signal });
      if (place === "absent") {
        if (before) return "gone";
        if (repository.state === "permanent") throw missingFile(address);
        return "absent";
      }
      if (place === "none" && (before?.[architecture] ?? place) !== place) return "gone";
      checksums[architecture] = place === "none" ? place : place.checksum;
      if (place !== "none") places.push(place);
    }
    return { places, checksums };
  }

  async #part(
    { name, architectures }: AmazonRepository,
    { found, before }: { readonly found: FoundUpdates; readonly before: Position | undefined },
  ): Promise<FeedPart> {
    const { places, checksums } = found;
    const isTopic = topicOf(name) !== undefined;
    if (name === coreOfTopics) this.#corePlaces = places;
    if (before && architectures.every((architecture) => before[architecture] === checksums[architecture])) {
      const isSame = !isTopic || this.#coreLines === undefined || hasSameLines(before, this.#coreLines);
      if (isSame) return { name, state: "unchanged", files: [], position: before };
    }
    const files = await this.#bring(places);
    if (name === coreOfTopics) this.#coreLines = await this.#linesOf(name, files);
    const lines = isTopic ? corePosition(await this.#linesOf(name, files), await this.#linesOfCore()) : {};
    return { name, state: "whole", files, position: { ...checksums, ...lines } };
  }

  async #bring(places: readonly UpdateinfoPlace[]): Promise<string[]> {
    const files: string[] = [];
    for (const { address, sha256 } of places) {
      const fetched = await this.#source.fetch(address, { maxBytes: largestUpdateinfo, ...(sha256 && { sha256 }) });
      if (fetched.kind !== "file") throw missingFile(address);
      files.push(fetched.path);
    }
    return files;
  }

  async #linesOfCore(): Promise<Lines> {
    this.#coreLines ??= await this.#linesOf(coreOfTopics, await this.#bring(this.#corePlaces));
    return this.#coreLines;
  }

  #linesOf(name: string, files: readonly string[]): Promise<Lines> {
    return readLines(files, { label: labelOf(name), signal: this.#options.signal });
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof PlimsollError && error.code === "feed-unreachable";
}

function labelOf(name: string): string {
  return `the list of updates for Amazon Linux ${name}`;
}

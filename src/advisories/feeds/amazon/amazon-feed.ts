import type { Advisory } from "../../../model/advisory.ts";
import { PlimsollError } from "../../../model/error.ts";
import { isJsonObject } from "../../../model/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { FeedSource, Position } from "../../feed-source.ts";
import { missingFile } from "../../fetch-single-file.ts";
import { feedMalformed, feedOverLimit, readFeedJson } from "../../read-feed-file.ts";
import { erratumAdvisory } from "../errata/erratum.ts";
import { affectedBy, isUsable, type RpmFix } from "../errata/rpm-fix.ts";
import { findUpdateinfo, type UpdateinfoPlace } from "../updateinfo/rpm-repository.ts";
import { readUpdates, type Update, type UpdatePackage } from "../updateinfo/updateinfo.ts";
import {
  type AmazonRepository,
  amazonHosts,
  extrasCatalogue,
  extrasRepository,
  fixedRepositories,
  repositoryOf,
  topicOf,
} from "./amazon-repositories.ts";

const ecosystem = "Amazon Linux";
const largestUpdateinfo: number = 1024 * 1024 * 1024;
const largestCatalogue: number = 4 * 1024 * 1024;
const mostTopics = 1000;
/** Packages of all updates of a part that has one file for each architecture. */
const mostPackages = 5_000_000;

/**
 * The security advisories of Amazon Linux (ALAS), from the metadata of its repositories. There is no word on what is not
 * fixed.
 *
 * An update of an optional repository of Amazon Linux 2 whose topic has a version (`kernel-5.10`) is only for versions from
 * that one on: the packages of the same name in the core repository are older and have their own advisories.
 */
export const amazonFeed: AdvisoryFeed = {
  id: "amazon",
  revision: 1,
  title: "Amazon Linux Security Center",
  ecosystems: [ecosystem],
  address: "https://cdn.amazonlinux.com/",
  licence: "not stated",
  redistributable: true,
  fetch,
  parse,
};

async function* fetch(source: FeedSource, options: FetchOptions): AsyncGenerator<FeedPart> {
  for (const repository of fixedRepositories) {
    const part = await fetchRepository(source, repository, options).catch((error: unknown) => {
      if (repository.state !== "retired" || !isUnreachable(error)) throw error;
      return unchangedPart(repository.name, options.previous(repository.name));
    });
    if (part) yield part;
  }
  for (const topic of await topics(source)) {
    const part = await fetchRepository(source, extrasRepository(topic), options);
    if (part) yield part;
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof PlimsollError && error.code === "feed-unreachable";
}

function unchangedPart(name: string, position: Position | undefined): FeedPart | undefined {
  return position && { name, state: "unchanged", files: [], position };
}

async function topics(source: FeedSource): Promise<string[]> {
  const fetched = await source.fetch(extrasCatalogue, { maxBytes: largestCatalogue });
  if (fetched.kind !== "file") throw missingFile(extrasCatalogue);
  const title = "the catalogue of Amazon Linux 2's extras";
  const catalogue = readFeedJson(fetched.path, { title, maxBytes: largestCatalogue });
  const listed = isJsonObject(catalogue) ? catalogue["topics"] : undefined;
  if (!Array.isArray(listed)) throw feedMalformed(title, "it has no topics");
  const names = listed.flatMap((topic: unknown) => (isJsonObject(topic) ? [topic["n"]] : []));
  const usable = names.filter((name) => typeof name === "string" && /^[A-Za-z0-9][\w.+-]{0,63}$/.test(name));
  return [...new Set(usable as string[])].slice(0, mostTopics);
}

async function fetchRepository(
  source: FeedSource,
  repository: AmazonRepository,
  { signal, previous }: FetchOptions,
): Promise<FeedPart | undefined> {
  const { name } = repository;
  const places: UpdateinfoPlace[] = [];
  const position: Record<string, string> = {};
  for (const architecture of repository.architectures) {
    const address = repository.mirrorList.replace("$basearch", architecture);
    const place = await findUpdateinfo(source, { address, architecture, hosts: amazonHosts, signal });
    if (place === "absent" && repository.state === "permanent") throw missingFile(address);
    if (place === "absent") return undefined;
    position[architecture] = place === "none" ? place : place.checksum;
    if (place !== "none") places.push(place);
  }
  const before = previous(name);
  if (before && repository.architectures.every((architecture) => before[architecture] === position[architecture])) {
    return unchangedPart(name, position);
  }
  const files: string[] = [];
  for (const { address, sha256 } of places) {
    const fetched = await source.fetch(address, { maxBytes: largestUpdateinfo, ...(sha256 && { sha256 }) });
    if (fetched.kind !== "file") throw missingFile(address);
    files.push(fetched.path);
  }
  return { name, state: "whole", files, position };
}

async function* parse(part: FeedPart, context: Context): AsyncGenerator<FeedItem> {
  const repository = repositoryOf(part.name);
  if (!repository) return;
  const label = `the updates of Amazon Linux ${part.name}`;
  const [file] = part.files;
  if (part.files.length === 1 && file !== undefined) {
    for await (const update of readUpdates(file, { label, signal: context.signal })) {
      yield* itemsOf([update], repository, context);
    }
    return;
  }
  for (const updates of await byId(part.files, label, context)) yield* itemsOf(updates, repository, context);
}

/** The updates of several files, those with the same id together, in the order in which the ids first come. */
async function byId(files: readonly string[], label: string, { signal }: Context): Promise<Iterable<Update[]>> {
  const updates = new Map<string, Update[]>();
  let packages = 0;
  for (const file of files) {
    for await (const update of readUpdates(file, { label, signal })) {
      packages += update.packages.length;
      if (packages > mostPackages) {
        throw feedOverLimit(`${label} have more than ${mostPackages} packages`);
      }
      const { description, ...kept } = update;
      const same = updates.get(update.id);
      if (same) same.push(kept);
      else updates.set(update.id, [description === undefined ? kept : { ...kept, description }]);
    }
  }
  return updates.values();
}

/** `updates` are the same update for different architectures. */
function* itemsOf(updates: readonly Update[], repository: AmazonRepository, context: Context): Generator<FeedItem> {
  const [update] = updates;
  if (!update) return;
  if (!/^ALAS[\w.+-]{0,80}-\d{4}-\d{1,6}$/.test(update.id)) {
    const message = `an update of Amazon Linux ${repository.name} has no id of its own: ${JSON.stringify(update.id.slice(0, 100))}`;
    context.problem({ code: "unreadable", message });
    return;
  }
  if (update.type !== "security" && update.cves.length === 0) return;
  const fixes = updates
    .flatMap(({ packages }) => packages.map((named) => fixOf(named, repository)))
    .filter((fix) => fix.architecture !== "src" && isUsable(fix, update.id, context));
  if (fixes.length > 0)
    yield { kind: "advisory", advisory: advisoryOf(update, affectedBy(fixes, repository.architectures)) };
}

function advisoryOf(update: Update, affected: Advisory["affected"] & object): Advisory {
  const { id, cves, title, description, issued, updated, severity } = update;
  return erratumAdvisory({
    id,
    cves,
    title,
    description,
    issued,
    updated,
    severities: severity ? [{ source: "Amazon", type: "word", score: severity }] : [],
    address: addressOf(id),
    affected,
  });
}

function fixOf({ name, version, architecture }: UpdatePackage, { name: part, release }: AmazonRepository): RpmFix {
  const topic = topicOf(part);
  return {
    ecosystem: `${ecosystem}:${release}`,
    name,
    fixed: version,
    architecture,
    names: "binary",
    ...(topic !== undefined && { introduced: firstVersionOf(topic, version) }),
  };
}

/**
 * The version of a topic (`5.10` of `kernel-5.10`) as the first one of a package that has it; undefined when the topic has none,
 * or when the package does not follow it.
 */
function firstVersionOf(topic: string, fixed: string): string | undefined {
  const series = /^[a-z](?:.*[A-Za-z-])?(\d+(?:\.\d+)*)$/i.exec(topic)?.[1];
  const colon = fixed.indexOf(":");
  return series !== undefined && fixed.startsWith(`${series}.`, colon + 1)
    ? `${fixed.slice(0, colon)}:${series}`
    : undefined;
}

/** `ALAS2-2018-939` is at `AL2/ALAS-2018-939.html`, the `ALAS-2018-939` of the first release at `ALAS-2018-939.html`. */
function addressOf(id: string): string {
  const parts = /^ALAS(2(?:\d{3})?)?(.*)$/.exec(id);
  const [, release, rest = ""] = parts ?? [];
  return `https://alas.aws.amazon.com/${release ? `AL${release}/` : ""}ALAS${rest}.html`;
}

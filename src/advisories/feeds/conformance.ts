import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { damaged, seededRandom } from "../../../tests/setup/damaged-bytes.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { PlimsollError } from "../../model/error.ts";
import { type Advisory, type Affected, advisoryExtension, type RangeEvent } from "../../model/findings/advisory.ts";
import { isCveId } from "../../model/findings/cve-id.ts";
import type { VexStatement } from "../../model/findings/vex.ts";
import { parsePackageUrl } from "../../model/packages/package-url.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { schemeOf } from "../../versions/ecosystems.ts";
import type { AdvisoryFeed, FeedPart } from "../advisory-feed.ts";
import type { FeedItem } from "../feed-item.ts";
import type { Position } from "../feed-source.ts";
import { openFeedSource } from "../open-feed-source.ts";
import { isRecordTime } from "../record-time.ts";

/** What a publisher has, and what a feed makes of it. */
export interface FeedCase {
  /**
   * The publisher's files by address, absolute or relative to the feed's own. They are damaged as they are, so what a
   * feed also reads unpacked is better given so.
   */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** How many items of each kind come out. */
  readonly items: Readonly<Partial<Record<FeedItem["kind"], number>>>;
}

/** The longest that one damaged file may take, in milliseconds. */
const longestRun = 2_000;
const truncations = 16;
const damagedCopies = 60;
const randomFiles = 20;
/** Number of damaged copies of each file that the publisher has, cut off and changed. */
const publisherDamages = 2;
/** Feeds with a file for each year have many that are alike. */
const mostDamagedFiles = 10;
/** What `parse` may throw: the file is not the publisher's at all, or is over a limit. */
const allowedErrors: readonly string[] = ["feed-malformed", "limit-exceeded"];

/**
 * The conformance suite of the {@link AdvisoryFeed} interface, run for every plug-in: from a folder laid out as a
 * mirror it fetches parts with names of their own, and gives the expected number of items, twice the same, all of them
 * well-formed and their ranges readable; a second fetch finds everything unchanged; truncated, damaged and random files
 * give problems, `feed-malformed` or `limit-exceeded`, whatever they give is well-formed, and nothing takes longer than
 * two seconds; a fetch from damaged files gives parts or an error with a hint; one that is cancelled ends with
 * `cancelled`.
 *
 * The damage is seeded, so a failure repeats. Choose files of a few kilobytes: each is parsed some hundred times.
 */
export function describeFeed(feed: AdvisoryFeed, value: FeedCase): void {
  describe(`feed ${feed.id}`, () => {
    const folder = temporaryFolder();
    const mirror = join(folder, "mirror");
    const paths = Object.entries(value.files).map(([address, content]) => {
      const { host, pathname } = new URL(address, feed.address);
      const path = join(mirror, host, decodeURIComponent(pathname));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      return path;
    });
    const fetch = (previous?: ReadonlyMap<string, Position>, signal = new AbortController().signal) =>
      fetchParts(feed, { mirror, workFolder: folder, signal, previous });

    test("gives the expected items, well-formed and twice the same, without a problem", async () => {
      const parts = await fetch();
      expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length);
      expect(parts.filter(({ state, files }) => state !== "whole" || files.length === 0)).toEqual([]);
      const outcomes = [await parseAll(feed, parts), await parseAll(feed, parts)];
      expect(outcomes[1]).toEqual(outcomes[0]);
      const { items = [], problems, faults } = outcomes[0] ?? {};
      expect({ problems, faults }).toEqual({ problems: [], faults: [] });
      expect(countKinds(items)).toEqual(value.items);
      expect(items.flatMap((item) => itemFault(feed, item, { ranges: true }) ?? [])).toEqual([]);
    });

    test("finds everything unchanged at the next fetch", async () => {
      const first = await fetch();
      const again = await fetch(new Map(first.map(({ name, position }) => [name, position])));
      expect(again).toEqual(first.map(({ name, position }) => ({ name, state: "unchanged", files: [], position })));
    });

    test("ends with `cancelled` when it is cancelled", async () => {
      await expect(fetch(undefined, AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
      for (const part of await fetch()) {
        const { error } = await parse(feed, part, AbortSignal.abort());
        if (error !== undefined) expect(error).toMatchObject({ code: "cancelled" });
      }
    });

    test("a publisher whose files are damaged gives parts or an error that says what to do", async () => {
      const random = seededRandom(2001);
      for (const path of paths.slice(0, mostDamagedFiles)) {
        const bytes = readFileSync(path);
        const cut = Array.from({ length: publisherDamages }, () =>
          bytes.subarray(0, Math.floor(random() * bytes.length)),
        );
        for (const variant of [...cut, ...cut.map(() => damaged(bytes, random))]) {
          writeFileSync(path, variant);
          const error = await fetch().then(
            () => undefined,
            (cause: unknown) => cause,
          );
          const faults = error === undefined ? [] : errorFaults(error, [...allowedErrors, "feed-unreachable"]);
          if (faults.length > 0) expect.fail(`${path}: ${faults.join("\n")}`);
        }
        writeFileSync(path, bytes);
      }
    });

    test(`survives files cut at ${truncations} places`, async () => {
      await surviveAll(feed, await fetch(), (bytes) =>
        Array.from({ length: truncations }, (_, at) =>
          bytes.subarray(0, Math.floor((bytes.length * at) / truncations)),
        ),
      );
    });

    test(`survives ${damagedCopies} damaged copies of each file`, async () => {
      const random = seededRandom(1);
      await surviveAll(feed, await fetch(), (bytes) =>
        Array.from({ length: damagedCopies }, () => damaged(bytes, random)),
      );
    });

    test(`survives ${randomFiles} files of random bytes in place of each`, async () => {
      const random = seededRandom(1001);
      await surviveAll(feed, await fetch(), (bytes) =>
        Array.from({ length: randomFiles }, (_, index) => {
          const noise = Uint8Array.from({ length: Math.floor(random() * 4096) }, () => Math.floor(random() * 256));
          // With the start of a real file the noise comes past the check of what begins it.
          if (index % 2 === 1) noise.set(bytes.subarray(0, Math.min(noise.length, 16 << (index % 5))));
          return noise;
        }),
      );
    });
  });
}

interface FetchAllOptions {
  readonly mirror: string;
  readonly workFolder: string;
  readonly signal: AbortSignal;
  readonly previous: ReadonlyMap<string, Position> | undefined;
}

async function fetchParts(
  feed: AdvisoryFeed,
  { mirror, workFolder, signal, previous }: FetchAllOptions,
): Promise<FeedPart[]> {
  const source = openFeedSource({ base: feed.address, from: mirror, workFolder, signal });
  const parts: FeedPart[] = [];
  for await (const part of feed.fetch(source, { signal, previous: (name) => previous?.get(name) })) parts.push(part);
  return parts;
}

interface Outcome {
  readonly items: readonly FeedItem[];
  readonly problems: readonly string[];
  /** What was thrown. */
  readonly error: unknown;
  /** Broken promises, one sentence each. */
  readonly faults: readonly string[];
}

async function parse(feed: AdvisoryFeed, part: FeedPart, signal = new AbortController().signal): Promise<Outcome> {
  const items: FeedItem[] = [];
  const problems: Problem[] = [];
  const faults: string[] = [];
  let error: unknown;
  const start = performance.now();
  try {
    for await (const item of feed.parse(part, { signal, problem: (problem) => problems.push(problem) }))
      items.push(item);
  } catch (cause) {
    error = cause;
    faults.push(...errorFaults(cause));
  }
  if (performance.now() - start > longestRun) faults.push(`took longer than ${longestRun} ms`);
  for (const item of items) {
    const fault = itemFault(feed, item);
    if (fault !== undefined) faults.push(`${fault}: ${JSON.stringify(item)}`);
  }
  for (const { message } of problems) {
    if (message.trim() === "" || message.endsWith(".")) faults.push(`a problem is not a clause: ${message}`);
    if (message.length > 1000) faults.push(`a problem is longer than 1000 characters: ${message.slice(0, 100)}`);
  }
  return { items, problems: problems.map(({ message }) => message), error, faults };
}

function errorFaults(error: unknown, allowed = allowedErrors): string[] {
  if (!(error instanceof PlimsollError)) return [`threw ${error instanceof Error ? error.stack : String(error)}`];
  if (error.code === "cancelled") return [];
  if (!allowed.includes(error.code)) return [`threw ${error.code}: ${error.message}`];
  return error.hint === undefined ? [`gives no hint with ${error.message}`] : [];
}

async function parseAll(feed: AdvisoryFeed, parts: readonly FeedPart[]): Promise<Omit<Outcome, "error">> {
  const outcomes: Outcome[] = [];
  for (const part of parts) outcomes.push(await parse(feed, part));
  return {
    items: outcomes.flatMap(({ items }) => items),
    problems: outcomes.flatMap(({ problems }) => problems),
    faults: outcomes.flatMap(({ faults, error }) => [...faults, ...(error === undefined ? [] : [String(error)])]),
  };
}

/** Parses each part with one of its files after the other in place of the real one. */
async function surviveAll(
  feed: AdvisoryFeed,
  parts: readonly FeedPart[],
  variants: (bytes: Uint8Array) => readonly Uint8Array[],
): Promise<void> {
  for (const part of parts) {
    for (const [index, file] of part.files.entries()) {
      // A name of its own, because a feed may tell files by their names.
      const path = join(mkdtempSync(join(dirname(file), "damaged-")), basename(file));
      for (const [number, bytes] of variants(readFileSync(file)).entries()) {
        writeFileSync(path, bytes);
        const { faults } = await parse(feed, { ...part, files: part.files.with(index, path) });
        if (faults.length > 0) expect.fail(`${basename(file)}, variant ${number}: ${faults.slice(0, 3).join("\n")}`);
      }
    }
  }
}

function countKinds(items: readonly FeedItem[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of items) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** The fault in the form of an item, undefined for a valid one; with `ranges`, its versions must be readable too. */
function itemFault(feed: AdvisoryFeed, item: FeedItem, { ranges = false } = {}): string | undefined {
  switch (item.kind) {
    case "advisory":
      return advisoryFault(item.advisory) ?? entriesFault(feed, item.advisory, ranges);
    case "removed":
    case "unreadable":
      return isId(item.id) ? undefined : "the id has invalid characters";
    case "statement":
      if (!belongsTo(feed, item.ecosystem))
        return "the statement's ecosystem is not the feed's, or its release is missing";
      return item.name === "" ? "the statement has no package" : statementFault(item.statement);
    case "facts":
      if (!isCveId(item.cve)) return "the facts have no CVE";
      return Object.keys(item.facts).length === 0 ? "there are no facts" : undefined;
    case "release-cycle":
      return item.product === "" || item.cycle.cycle === "" ? "the release cycle has no name" : undefined;
    case "repository":
      if (item.repository === "") return "the repository has no name";
      return item.cpes.every((cpe) => cpe.startsWith("cpe:")) ? undefined : "a CPE name is not valid";
    default:
      return "the kind is unknown";
  }
}

function advisoryFault(advisory: Advisory): string | undefined {
  const { id, modified, published, withdrawn, aliases, related, upstream, summary, details, references } = advisory;
  if (!isId(id)) return "the id has invalid characters";
  if (![modified, published, withdrawn].every((time) => time === undefined || isRecordTime(time))) {
    return "a time is not in RFC 3339 format";
  }
  if (![aliases, related, upstream].every((names) => names === undefined || names.length > 0)) return "a list is empty";
  if ((summary?.length ?? 0) > 300 || (details?.length ?? 0) > 300) return "a text is too long";
  if (summary === "" || details === "") return "a text is empty";
  if (references?.some(({ url }) => !/^https?:\/\//.test(url))) return "a reference is not an address";
  const { severities = [] } = advisoryExtension(advisory);
  if (severities.some(({ source, score }) => source === "" || score === "")) return "a severity is empty";
  return undefined;
}

function entriesFault(feed: AdvisoryFeed, { affected = [] }: Advisory, ranges: boolean): string | undefined {
  for (const entry of affected) {
    // OSV's records may be about commits alone, or name packages of other ecosystems beside one of theirs.
    if (feed.id === "osv" && !(entry.package && schemeOf(entry.package.ecosystem))) continue;
    if (!entry.package || entry.package.name === "") return "an entry has no package";
    if (!belongsTo(feed, entry.package.ecosystem))
      return "an entry's ecosystem is not the feed's, or its release is missing";
    const fault = entryFault(entry, entry.package.ecosystem, ranges);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function entryFault(
  { ranges = [], versions = [] }: Affected,
  ecosystem: string,
  readable: boolean,
): string | undefined {
  if (ranges.length === 0 && versions.length === 0 && readable) return "an entry has no version";
  const scheme = schemeOf(ecosystem);
  for (const { events } of ranges) {
    for (const event of events) {
      const [[key, version] = ["", ""], ...others] = Object.entries(event) as [keyof RangeEvent, string][];
      if (readable && others.length > 0) return "an event has several properties";
      if (readable && !(key === "introduced" && version === "0") && scheme?.parse(version) === undefined) {
        return `the version ${JSON.stringify(version)} cannot be read`;
      }
    }
  }
  return undefined;
}

function statementFault({ vulnerability, products, status, timestamp, author }: VexStatement): string | undefined {
  if (!isId(vulnerability.name)) return "the statement's vulnerability has no valid name";
  if (author === "") return "the statement has no author";
  if (status !== "not_affected") return "the statement's status is not 'not affected'";
  if (timestamp !== undefined && !isRecordTime(timestamp)) return "the statement's time is not in RFC 3339 format";
  const bad = products.find((product) => parsePackageUrl(product["@id"]) === undefined);
  return bad ? `the product ${JSON.stringify(bad["@id"])} is not a package URL` : undefined;
}

/** Whether an ecosystem belongs to the feed and its versions can be compared. */
function belongsTo({ ecosystems }: AdvisoryFeed, ecosystem: string): boolean {
  return ecosystems.includes(ecosystem.split(":", 1)[0] ?? "") && schemeOf(ecosystem) !== undefined;
}

function isId(text: string): boolean {
  return /^[\x21-\x7e]{1,200}$/.test(text);
}

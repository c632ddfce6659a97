import { type Advisory, type Affected, extensionKey } from "../../../model/findings/advisory.ts";
import { unknownTime } from "../../../model/findings/known-time.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import { apk } from "../../../versions/apk.ts";
import type { FeedItem } from "../../feed-item.ts";
import { feedMalformed } from "../../read-feed-file.ts";
import { standingIn } from "../../standing-in.ts";
import { idsNamedIn, readSecdbIds, type SecdbId } from "./secdb-ids.ts";

// A security database of Alpine's kind is a JSON document for one repository of one branch:
//
//   { "distroversion": "v3.19", "reponame": "main",
//     "packages": [ { "pkg": { "name": "zlib", "secfixes": { "1.2.12-r2": ["CVE-2022-37434"], "0": ["CVE-2018-25032"] }
//       } } ] }
//
// `secfixes` tells in which version what was fixed; version 0 says that the package was never affected. `packages` is
// an empty object or null where there are none, and so is a list without entries. Names are those of source packages
// (`origin` in apk), which all packages built from them share. Vulnerabilities without a fix are not listed. There are
// no dates and no severities.

/** How a distribution's security database becomes items. */
export interface SecdbOptions {
  /** What stands before the identifier of a vulnerability to make a record's: `ALPINE`. */
  readonly prefix: string;
  /** The author, as reports print it. */
  readonly author: string;
  /** The OSV ecosystem of a document with the suffix of its branch; undefined when the document is of another kind. */
  readonly ecosystem: (document: JsonObject) => string | undefined;
  /** Whether the names are known to be those of source packages. */
  readonly names?: "source";
  /** The publisher's page about a CVE. */
  readonly page?: (id: string) => string;
  readonly context: Context;
}

/** The state of reading the documents. */
interface Reading {
  /** By identifier. */
  readonly found: Map<string, Vulnerability>;
  /** The identifiers of which something cannot be read. */
  readonly unreadable: Set<string>;
  /** Texts that name no vulnerability: how many, and the first with its package. */
  readonly nameless: { count: number; first: string };
}

/** What the distribution says about one vulnerability. */
interface Vulnerability {
  readonly aliases: Set<string>;
  readonly related: Set<string>;
  /** The fixed version, by package and ecosystem: `JSON.stringify([name, ecosystem])`. */
  readonly fixes: Map<string, string>;
}

/**
 * The items of documents that belong together: one record for each vulnerability, by identifier, then what is not
 * affected. The record of a vulnerability that is named in an unreadable place is a stand-in.
 *
 * Error: `feed-malformed` when the documents hold no vulnerability at all, or when one is malformed: the
 * vulnerabilities that its branch would lose are unknown.
 */
export function* secdbItems(documents: Iterable<unknown>, options: SecdbOptions): Generator<FeedItem> {
  const reading: Reading = { found: new Map(), unreadable: new Set(), nameless: { count: 0, first: "" } };
  for (const document of documents) {
    const ecosystem = isJsonObject(document) ? options.ecosystem(document) : undefined;
    if (ecosystem === undefined || !isJsonObject(document)) {
      throw feedMalformed(`a file in the ${options.author}`, "it has no known branch");
    }
    for (const [name, fixes] of packagesOf(document, { ...options, reading })) {
      collect(reading, { name, fixes, ecosystem }, options);
    }
  }
  const { found, unreadable } = reading;
  if (found.size === 0) throw feedMalformed(`the ${options.author}`, "it has no vulnerabilities");
  reportUnnamedPackages(reading, options);
  const none: Vulnerability = { aliases: new Set(), related: new Set(), fixes: new Map() };
  for (const id of [...new Set([...found.keys(), ...unreadable])].sort()) {
    const advisory = advisoryOf(id, found.get(id) ?? none, options);
    const items: FeedItem[] = advisory ? [{ kind: "advisory", advisory }] : [];
    yield* unreadable.has(id) ? standingIn({ prefix: options.prefix, vulnerability: id }, items) : items;
  }
  for (const [id, { fixes }] of [...found].sort(byKey)) {
    if (unreadable.has(id)) continue;
    for (const [key, version] of [...fixes].sort(byKey)) {
      if (version !== neverAffected) continue;
      const [name, ecosystem] = JSON.parse(key) as [string, string];
      const statement = {
        vulnerability: { name: id },
        products: [],
        status: "not_affected",
        author: options.author,
      } as const;
      yield { kind: "statement", ecosystem, name, statement };
    }
  }
}

const neverAffected = "0";
const longestName = 200;

/** Package names with their `secfixes`; whatever has another shape is a problem. */
function* packagesOf(
  document: JsonObject,
  { author, context, reading: { unreadable } }: SecdbOptions & { readonly reading: Reading },
): Generator<[string, JsonObject]> {
  const { packages } = document;
  if (!Array.isArray(packages)) {
    if (packages === null || (isJsonObject(packages) && isEmpty(packages))) return;
    const place = [document["distroversion"], document["reponame"]]
      .filter((word) => typeof word === "string")
      .join("/");
    throw feedMalformed(`a file in the ${author}`, `the packages of ${place.slice(0, 80)} are not a list`);
  }
  for (const item of packages) {
    const entry = isJsonObject(item) ? item["pkg"] : undefined;
    const { name, secfixes } = isJsonObject(entry) ? entry : {};
    if (typeof name === "string" && name !== "" && name.length <= longestName) {
      if (isJsonObject(secfixes)) yield [name, secfixes];
      if (isJsonObject(secfixes) || isEmpty(secfixes)) continue;
      context.problem({ code: "unreadable", message: `the entry for ${name} in the ${author} is not a list of fixes` });
    } else {
      context.problem({ code: "unreadable", message: `an entry in the ${author} has no package` });
    }
    const { name: _, ...beside } = isJsonObject(entry) ? entry : {};
    for (const id of idsNamedIn(isJsonObject(item) ? { ...item, pkg: beside } : item)) unreadable.add(id);
  }
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return (Array.isArray(value) || isJsonObject(value)) && Object.keys(value).length === 0;
}

interface PackageFixes {
  readonly name: string;
  readonly fixes: JsonObject;
  readonly ecosystem: string;
}

function collect(
  { found, unreadable, nameless }: Reading,
  { name, fixes, ecosystem }: PackageFixes,
  { author, context }: SecdbOptions,
): void {
  const key = JSON.stringify([name, ecosystem]);
  const refuse = (written: string, what: unknown): void => {
    const shown = JSON.stringify(written.slice(0, 80));
    context.problem({ code: "unreadable", message: `the entry for ${name} ${shown} in the ${author} cannot be read` });
    for (const id of idsNamedIn(what)) unreadable.add(id);
  };
  for (const [written, texts] of Object.entries(fixes)) {
    const version = written.trim();
    if (version === "" || version.length > longestName || !(Array.isArray(texts) || isEmpty(texts))) {
      refuse(written, texts);
      continue;
    }
    for (const text of Array.isArray(texts) ? texts : []) {
      if (typeof text !== "string") {
        refuse(written, text);
        continue;
      }
      const ids = readSecdbIds(text);
      // A remark has no number.
      if (ids.length === 0 && /\d/.test(text) && nameless.count++ === 0) {
        nameless.first = `${JSON.stringify(text.slice(0, 80))} of ${name}`;
      }
      for (const named of ids) {
        const vulnerability = vulnerabilityOf(found, named);
        vulnerability.fixes.set(key, laterFix(vulnerability.fixes.get(key), version));
      }
    }
  }
}

function reportUnnamedPackages({ nameless: { count, first } }: Reading, { author, context }: SecdbOptions): void {
  if (count === 0) return;
  const message = `entries in the ${author} without a vulnerability: ${count} (first: ${first})`;
  context.problem({ code: "unreadable", message });
}

function vulnerabilityOf(found: Map<string, Vulnerability>, { id, aliases, related }: SecdbId): Vulnerability {
  const known = found.get(id) ?? { aliases: new Set(), related: new Set(), fixes: new Map() };
  found.set(id, known);
  for (const alias of aliases) known.aliases.add(alias);
  for (const other of related) known.related.add(other);
  return known;
}

/**
 * A vulnerability that is listed twice was not fixed whole at first, so the later version counts; 0 counts only alone.
 */
function laterFix(known: string | undefined, next: string): string {
  if (known === undefined || known === neverAffected) return next;
  if (next === neverAffected) return known;
  const before = apk.parse(known);
  const after = apk.parse(next);
  if (before === undefined || after === undefined) return before === undefined ? next : known;
  return apk.compare(after, before) > 0 ? next : known;
}

function advisoryOf(
  id: string,
  { aliases, related, fixes }: Vulnerability,
  options: SecdbOptions,
): Advisory | undefined {
  const affected = [...fixes]
    .filter(([, version]) => version !== neverAffected)
    .sort(byKey)
    .map(([key, version]): Affected => {
      const [name, ecosystem] = JSON.parse(key) as [string, string];
      return {
        package: { ecosystem, name },
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: version }] }],
        ...(options.names && { database_specific: { [extensionKey]: { names: options.names } } }),
      };
    });
  if (affected.length === 0) return undefined;
  return {
    id: `${options.prefix}-${id}`,
    modified: unknownTime,
    ...(aliases.size > 0 && { aliases: [...aliases].sort() }),
    ...(related.size > 0 && { related: [...related].sort() }),
    upstream: [id],
    affected,
    ...(options.page && id.startsWith("CVE-") && { references: [{ type: "ADVISORY", url: options.page(id) }] }),
  };
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

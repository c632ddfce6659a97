import type { Advisory, Affected, AffectedRange, RangeEvent, SeverityScore } from "../../../model/findings/advisory.ts";
import { isKnownTime } from "../../../model/findings/known-time.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { schemeOf } from "../../../versions/ecosystems.ts";
import { isAbsent, listOf, objectOf, RefusedJson, refuse, textOf, textsOf, timeOf } from "../../json-fields.ts";
import { shortenText } from "../../shorten-text.ts";

// A record is a JSON object (OSV schema 1.7): `id` and `modified` are required, everything else may be missing or null,
// and fields that are not known here are passed over. Kept is what matching, reports and explanations need:
//
//   - of `details` the first 300 characters, and only where there is no `summary`;
//   - five addresses of `references`, advisories first;
//   - no ranges of commits, which no package version can be compared with;
//   - of `ecosystem_specific` and `database_specific` the keys listed below: what stands under Plimsoll's own is not
//     believed;
//   - of `ecosystem_specific.imports`, the packages of a Go module, their paths, all of them or none, and the systems
//     and processors on which they are affected, where a record restricts them.
//
// A field that only describes is left out when its value is of a wrong type; one that says what is affected, whether
// the record counts and which it is has the whole record refused, as has a range that nothing introduces. An entry that
// names a package and neither ranges nor versions covers nothing, which is reported unless the record is withdrawn. So
// is one that names commits alone, unless another entry has versions of the package, or its ecosystem has no order of
// versions: OSS-Fuzz, whose records mostly name commits.
//
// A record with a time in `withdrawn` is withdrawn, whatever the time: publishers write one that is later than
// `modified`, and a parser has no clock. Go's zero time, by which its programs say that there is none, is not a time.

const mostReferences = 5;
const keptOfAffected = ["urgency", "severity", "status", "informational", "categories", "module", "stream"];
const mostImports = 500;
const keptOfRecord = ["severity"];

/** An advisory, with a clause for each field that was left out of it; or why the value is not an OSV record. */
export type OsvReading =
  | { readonly advisory: Advisory; readonly leftOut?: readonly string[] }
  | { readonly refused: string };

/** True for what can be the id of a record. */
export function isOsvId(text: string): boolean {
  return /^[\x21-\x7e]{1,200}$/.test(text);
}

/** Reads a parsed JSON value as an OSV record, checking the type of everything that it keeps. Never throws. */
export function readOsvRecord(value: unknown): OsvReading {
  try {
    const leftOut = new Set<string>();
    const advisory = recordOf(value, leftOut);
    return { advisory, ...(leftOut.size > 0 && { leftOut: [...leftOut] }) };
  } catch (error) {
    if (error instanceof RefusedJson) return { refused: error.message };
    throw error;
  }
}

function recordOf(value: unknown, leftOut: Set<string>): Advisory {
  const record = objectOf(value, "the record");
  const id = textOf(record["id"], "id") ?? refuse("id is missing");
  if (!isOsvId(id)) refuse("id is not a valid identifier");
  const modified = timeOf(record["modified"], "modified") ?? refuse("modified is missing");
  const side = <T>(field: string, read: (value: unknown, field: string) => T): T | undefined =>
    sideField({ value: record[field], field, leftOut }, read);
  const summary = side("summary", textOf);
  const details = side("details", textOf);
  const withdrawn = withdrawnAt(record["withdrawn"]);
  const entries = listOf(record["affected"], "affected");
  if (withdrawn === undefined && sayNoVersions(entries)) leftOut.add("affected has no versions");
  return compact<Advisory>({
    id,
    modified,
    published: side("published", timeOf),
    withdrawn,
    aliases: side("aliases", textsOf),
    related: side("related", textsOf),
    upstream: side("upstream", textsOf),
    summary: summary ? shortenText(summary) : undefined,
    details: !summary && details ? shortenText(details) : undefined,
    severity: side("severity", severitiesOf),
    affected: entries.map((entry) => affectedOf(entry, leftOut)),
    references: side("references", referencesOf),
    database_specific: side("database_specific", (specific, field) => specificOf(specific, keptOfRecord, field)),
  });
}

interface SideField {
  readonly value: unknown;
  readonly field: string;
  readonly leftOut: Set<string>;
}

/** Undefined, and the reason noted, when the value is of a wrong type. */
function sideField<T>({ value, field, leftOut }: SideField, read: (value: unknown, field: string) => T): T | undefined {
  try {
    return read(value, field);
  } catch (error) {
    if (!(error instanceof RefusedJson)) throw error;
    leftOut.add(error.message);
    return undefined;
  }
}

function affectedOf(value: unknown, leftOut: Set<string>): Affected {
  const affected = objectOf(value, "affected");
  return compact<Affected>({
    package: packageOf(affected["package"]),
    severity: sideField({ value: affected["severity"], field: "affected.severity", leftOut }, severitiesOf),
    ranges: rangesOf(affected["ranges"]),
    versions: textsOf(affected["versions"], "affected.versions"),
    ecosystem_specific: ecosystemSpecificOf(affected["ecosystem_specific"]),
    database_specific: specificOf(affected["database_specific"], keptOfAffected, "database_specific"),
  });
}

function withdrawnAt(value: unknown): string | undefined {
  const time = timeOf(value, "withdrawn");
  return time !== undefined && isKnownTime(time) ? time : undefined;
}

/** Whether an entry covers nothing, as far as is not meant so. */
function sayNoVersions(entries: readonly unknown[]): boolean {
  const ofCommits = new Set<string>();
  for (const entry of entries) {
    if (!isJsonObject(entry) || isAbsent(entry["package"])) continue;
    if (isEmpty(entry["ranges"]) && isEmpty(entry["versions"])) return true;
    const named = namesCommitsAlone(entry) ? comparablePackage(entry) : undefined;
    if (named !== undefined) ofCommits.add(named);
  }
  if (ofCommits.size === 0) return false;
  for (const entry of entries) {
    const named = isJsonObject(entry) && !namesCommitsAlone(entry) ? comparablePackage(entry) : undefined;
    if (named !== undefined) ofCommits.delete(named);
  }
  return ofCommits.size > 0;
}

function namesCommitsAlone({ ranges, versions }: JsonObject): boolean {
  return isEmpty(versions) && Array.isArray(ranges) && ranges.every(isRangeOfCommits);
}

/** The package of an entry, when its versions can be compared. */
function comparablePackage({ package: named }: JsonObject): string | undefined {
  const { ecosystem, name } = isJsonObject(named) ? named : {};
  if (typeof ecosystem !== "string" || typeof name !== "string") return undefined;
  return schemeOf(ecosystem) === undefined ? undefined : `${ecosystem}\n${name}`;
}

function isRangeOfCommits(range: unknown): boolean {
  return isJsonObject(range) && range["type"] === "GIT";
}

function isEmpty(value: unknown): boolean {
  return isAbsent(value) || (Array.isArray(value) && value.length === 0);
}

function packageOf(value: unknown): Affected["package"] {
  if (isAbsent(value)) return undefined;
  const named = objectOf(value, "affected.package");
  const ecosystem = textOf(named["ecosystem"], "affected.package.ecosystem");
  const name = textOf(named["name"], "affected.package.name");
  if (!ecosystem || !name) refuse("affected.package lacks its ecosystem or name");
  return { ecosystem, name };
}

function rangesOf(value: unknown): AffectedRange[] {
  const ranges: AffectedRange[] = [];
  for (const item of listOf(value, "affected.ranges") ?? []) {
    const range = objectOf(item, "affected.ranges");
    const type = textOf(range["type"], "affected.ranges.type");
    const events = listOf(range["events"], "affected.ranges.events").map(eventOf);
    if (type === "GIT") continue;
    if (type !== "SEMVER" && type !== "ECOSYSTEM") refuse("affected.ranges.type is not in the schema");
    if (events.every(({ introduced }) => introduced === undefined)) refuse("affected.ranges does not have a start");
    ranges.push({ type, events });
  }
  return ranges;
}

function eventOf(value: unknown): RangeEvent {
  const event = objectOf(value, "affected.ranges.events");
  return compact<RangeEvent>({
    introduced: textOf(event["introduced"], "introduced"),
    fixed: textOf(event["fixed"], "fixed"),
    last_affected: textOf(event["last_affected"], "last_affected"),
    limit: textOf(event["limit"], "limit"),
  });
}

function severitiesOf(value: unknown, field: string): SeverityScore[] {
  return listOf(value, field).map((item) => {
    const severity = objectOf(item, field);
    const type = textOf(severity["type"], `${field}.type`);
    const score = textOf(severity["score"], `${field}.score`);
    if (!type || !score) refuse(`${field} has no type or no score`);
    return { type, score };
  });
}

function referencesOf(value: unknown): Advisory["references"] {
  const references = listOf(value, "references").flatMap((item) => {
    const reference = objectOf(item, "references");
    const type = textOf(reference["type"], "references.type") ?? "WEB";
    const url = textOf(reference["url"], "references.url") ?? "";
    return /^https?:\/\/[\x21-\x7e]{1,500}$/.test(url) ? [{ type, url }] : [];
  });
  const rank = ({ type }: { type: string }): number => (type === "ADVISORY" ? 0 : type === "FIX" ? 1 : 2);
  return references.toSorted((a, b) => rank(a) - rank(b)).slice(0, mostReferences);
}

function ecosystemSpecificOf(value: unknown): Record<string, unknown> | undefined {
  const kept = specificOf(value, keptOfAffected, "ecosystem_specific");
  const imports = isJsonObject(value) ? importsOf(value["imports"]) : undefined;
  return imports ? { ...kept, imports } : kept;
}

interface Import {
  readonly path: string;
  readonly goos?: readonly string[];
  readonly goarch?: readonly string[];
}

/** Undefined when there are none, or not all can be kept: then the whole module counts as affected. */
function importsOf(value: unknown): Import[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > mostImports) return undefined;
  const imports = value.map(importOf);
  return imports.every((one) => one !== undefined) ? imports : undefined;
}

function importOf(value: unknown): Import | undefined {
  if (!isJsonObject(value)) return undefined;
  const { path, goos, goarch } = value;
  if (typeof path !== "string" || !/^[\x21-\x7e]{1,300}$/.test(path)) return undefined;
  return { path, ...(isListOfWords(goos) && { goos }), ...(isListOfWords(goarch) && { goarch }) };
}

/** Go has some 15 systems and 30 processors. Without a list a package counts as affected on all. */
function isListOfWords(value: unknown): value is string[] {
  const isList = Array.isArray(value) && value.length > 0 && value.length <= 50;
  return isList && value.every((word) => typeof word === "string" && /^[a-z\d]{1,30}$/.test(word));
}

function specificOf(value: unknown, keys: readonly string[], field: string): Record<string, unknown> | undefined {
  if (isAbsent(value)) return undefined;
  const specific = objectOf(value, field);
  const kept = keys.flatMap((key): [string, unknown][] => {
    const item = Object.hasOwn(specific, key) ? specific[key] : undefined;
    if (typeof item === "string") return [[key, shortenText(item)]];
    if (!Array.isArray(item)) return [];
    return [[key, item.filter((part) => typeof part === "string").slice(0, 20)]];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** Leaves out what is undefined, an empty list or an empty object. */
function compact<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  const kept = Object.entries(fields).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(kept) as T;
}

import type { Advisory, Affected, AffectedRange, Channel, RangeEvent } from "../../model/advisory.ts";
import { ecosystemBase, normaliseName } from "../../model/package-name.ts";
import { schemeOf } from "../../versions/ecosystems.ts";
import type { VersionScheme } from "../../versions/version-scheme.ts";
import { decidingEntries } from "./channel.ts";
import { entryMismatch } from "./entry-mismatch.ts";
import { isPlaceholder } from "./go-version.ts";
import { versionForEntry } from "./missing-epoch.ts";
import { evaluateRange } from "./range-evaluation.ts";
import { coversProducts } from "./red-hat-products.ts";
import { coversRelease } from "./release-scope.ts";

/** What is held against a record. */
export interface Subject {
  /** As `ecosystemOf` gives it, with the suffix of the release. */
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
  /** Whether `name` is that of a source or a binary package; absent when it is both or the ecosystem has no such thing. */
  readonly kind?: "source" | "binary";
  /** What an entry names that does not say; absent when it may be either. */
  readonly unmarked?: "source" | "binary";
  readonly architecture?: string;
  /** The module stream of a modular rpm. */
  readonly module?: string;
  /** The import paths that a Go program contains; absent when not known. */
  readonly linkedPackages?: ReadonlySet<string>;
  /** The products of an image of Red Hat, by `productsOfImage`; absent when not known. */
  readonly products?: ReadonlySet<string>;
}

/** Whether a record's words cover a package at a version, and why. */
export type Evaluation =
  | {
      readonly affected: true;
      /** The entry of the record that says so. */
      readonly entry: Affected;
      readonly rule: "versions" | "range";
      /** The id of the version scheme, or `text` where none was needed. */
      readonly scheme: string;
      /** `0 <= 4.17.15 < 4.17.21`, or `= 4.17.15` for a listed version. */
      readonly comparison: string;
      /** The channel that brings the entry's fix, when the target does not use it. */
      readonly unused?: Channel;
    }
  | { readonly affected: false; readonly reason: string }
  /** A version or a bound could not be read. */
  | { readonly affected: "unknown"; readonly reason: string };

/**
 * Evaluates a record for one package at one version.
 *
 * Source: OSV schema, "Evaluation": affected when the exact version is listed or when it lies in a range. Ranges of commits
 * are passed over. Where the order of versions decides and a version cannot be read, the answer is `unknown`, never "not
 * affected"; a range from 0 without an end covers every version, also one that cannot be read.
 */
export function evaluate(advisory: Advisory, subject: Subject): Evaluation {
  if (advisory.withdrawn !== undefined) return no(`it was withdrawn on ${advisory.withdrawn.slice(0, 10)}`);
  const named = entriesNaming(advisory, subject);
  if (named.length === 0) return no(`it does not name ${subject.name}`);
  const ofRelease = named.filter((entry) => isOfRelease(entry, subject));
  if (ofRelease.length === 0) {
    return no(`it is for ${listed(named.map((entry) => entry.package?.ecosystem ?? ""))}, not ${subject.ecosystem}`);
  }
  const meant = ofRelease.filter((entry) => entryMismatch(advisory, entry, subject) === undefined);
  const [first] = ofRelease;
  if (meant.length === 0 && first) return no(entryMismatch(advisory, first, subject) ?? "");
  const deciding = decidingEntries(meant, { ...subject, chosen: chosenChannels(subject) });
  if ("reason" in deciding) return no(deciding.reason);
  const scheme = schemeOf(subject.ecosystem);
  let result: Evaluation = no("it names no versions");
  for (const entry of deciding.entries) {
    const next = evaluateEntry(entry, { subject, scheme });
    if (next.affected === true) return deciding.unused ? { ...next, unused: deciding.unused } : next;
    if (result.affected !== "unknown") result = next;
  }
  return result;
}

/** The entries of a record that are about the package, those of every channel among them. */
export function entriesAbout(advisory: Advisory, subject: Subject): readonly Affected[] {
  return entriesNaming(advisory, subject).filter(
    (entry) => isOfRelease(entry, subject) && entryMismatch(advisory, entry, subject) === undefined,
  );
}

/** The channels that the target is known to use: the products of an image name Red Hat's. */
export function chosenChannels({ products }: Subject): ReadonlySet<Channel> {
  return products ? new Set(["eus"]) : new Set();
}

function entriesNaming(advisory: Advisory, subject: Subject): readonly Affected[] {
  const name = normaliseName(subject.ecosystem, subject.name);
  return (advisory.affected ?? []).filter(
    ({ package: target }) => target !== undefined && normaliseName(target.ecosystem, target.name) === name,
  );
}

function isOfRelease(entry: Affected, { ecosystem, products }: Subject): boolean {
  const theirs = entry.package?.ecosystem ?? "";
  if (ecosystemBase(theirs) !== ecosystemBase(ecosystem)) return false;
  return ecosystemBase(ecosystem) === "Red Hat"
    ? coversProducts(entry, ecosystem, products)
    : coversRelease(theirs, ecosystem);
}

interface Comparing {
  readonly subject: Subject;
  readonly scheme: VersionScheme<unknown> | undefined;
}

function evaluateEntry(entry: Affected, { subject, scheme }: Comparing): Evaluation {
  const text = versionForEntry(subject.version, entry);
  const version = isPlaceholder(subject) ? undefined : scheme?.parse(text);
  const ordered = scheme && version !== undefined ? evaluateRanges(entry, { text, version, scheme }) : undefined;
  if (ordered?.affected === true) return ordered;
  if (entry.versions?.includes(text)) {
    return { affected: true, entry, rule: "versions", scheme: "text", comparison: `= ${text}` };
  }
  if (scheme && version !== undefined) {
    const equal = entry.versions?.find((listedVersion) => isEqual(listedVersion, version, scheme));
    if (equal === undefined) return ordered ?? no(unlisted(entry, text));
    return { affected: true, entry, rule: "versions", scheme: scheme.id, comparison: `${text} = ${equal}` };
  }
  if (entry.ranges?.some(isEndless)) {
    return { affected: true, entry, rule: "range", scheme: "text", comparison: `0 <= ${text || "any version"}` };
  }
  const hasRanges = entry.ranges?.some(({ type }) => type !== "GIT") === true;
  if (!hasRanges && (!scheme || !entry.versions?.length)) return no(unlisted(entry, text));
  if (!scheme) return unknown(`how ${subject.ecosystem} orders versions is not known`);
  if (isPlaceholder(subject)) return unknown(`${text} is what Go writes where it knows no version`);
  return unknown(`${text === "" ? "an empty version" : text} is not a version by the rules of ${scheme.id}`);
}

/** From the beginning to no end: no version lies outside. */
function isEndless({ type, events }: AffectedRange): boolean {
  return type !== "GIT" && events.length === 1 && events[0]?.introduced === "0";
}

interface Ordered {
  readonly text: string;
  readonly version: unknown;
  readonly scheme: VersionScheme<unknown>;
}

/** Undefined when the entry has no range to compare with. */
function evaluateRanges(entry: Affected, { text, version, scheme }: Ordered): Evaluation | undefined {
  let unreadable: string | undefined;
  const passed: string[] = [];
  for (const range of entry.ranges ?? []) {
    if (range.type === "GIT") continue;
    const result = evaluateRange(range, { text, version }, scheme);
    if ("unreadable" in result) unreadable ??= result.unreadable;
    else if (!result.inside) passed.push(describe(range.events));
    else return { affected: true, entry, rule: "range", scheme: scheme.id, comparison: result.comparison };
  }
  if (unreadable !== undefined) return unknown(`it has the bound ${unreadable}, which is no version by ${scheme.id}`);
  return passed.length === 0 ? undefined : no(`${text} is outside ${passed.join("; ")}`);
}

function unlisted(entry: Affected, text: string): string {
  return entry.versions?.length ? `${text} is not among the versions that it lists` : "it names no versions";
}

function isEqual(text: string, version: unknown, scheme: VersionScheme<unknown>): boolean {
  const other = scheme.parse(text);
  return other !== undefined && scheme.compare(other, version) === 0;
}

/** `from 0 before 4.17.21`, the first twelve bounds. */
function describe(events: readonly RangeEvent[]): string {
  const words = events.slice(0, 12).map(({ introduced, fixed, last_affected: last, limit }) => {
    if (introduced !== undefined) return `from ${introduced}`;
    if (fixed !== undefined) return `before ${fixed}`;
    return last !== undefined ? `up to ${last}` : `limit ${limit}`;
  });
  return words.join(" ");
}

function listed(names: readonly string[]): string {
  return [...new Set(names)].sort().slice(0, 8).join(", ");
}

function no(reason: string): Evaluation {
  return { affected: false, reason };
}

function unknown(reason: string): Evaluation {
  return { affected: "unknown", reason };
}

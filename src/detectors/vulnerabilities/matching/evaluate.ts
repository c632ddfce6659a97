import type { Advisory, Affected, AffectedRange, Channel, RangeEvent } from "../../../model/findings/advisory.ts";
import { ecosystemBase, normaliseName } from "../../../model/packages/package-name.ts";
import { differInNumbers } from "../../../versions/differ-in-numbers.ts";
import {
  evaluateBounds,
  evaluateRange,
  type RangeResult,
  type ReadVersion,
} from "../../../versions/range-evaluation.ts";
import { rememberingSchemeOf } from "../../../versions/remembering-scheme.ts";
import type { VersionScheme } from "../../../versions/version-scheme.ts";
import { type DecidingEntries, decidingEntries } from "../ecosystems/channel.ts";
import { entryMismatch } from "./entry-mismatch.ts";
import { versionForEntry } from "./missing-epoch.ts";
import type { GoProgram } from "./program-mismatch.ts";
import { coversProducts, hasFix } from "./red-hat-products.ts";
import { coversRelease } from "./release-scope.ts";
import { whyNoVersion } from "./why-no-version.ts";

/** The subject that a record is compared with. */
export interface Subject {
  /** As `ecosystemOf` gives it, with the suffix of the release. */
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
  /**
   * Whether `name` is that of a source or a binary package; absent when it is both or the ecosystem has no such thing.
   */
  readonly kind?: "source" | "binary";
  /** What an entry names that does not say; absent when it may be either. */
  readonly unmarked?: "source" | "binary";
  readonly architecture?: string;
  /** The module stream of a modular rpm. */
  readonly module?: string;
  /** The Go programs that hold the module; absent when nothing is known of them. */
  readonly programs?: readonly GoProgram[];
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
      /**
       * The lowest fix above the version, which no range of the entry covers; only where comparing told it by the way.
       */
      readonly lowestFix?: string;
      /** The channel that brings the entry's fix, when the target does not use it. */
      readonly unused?: Channel;
    }
  | { readonly affected: false; readonly reason: string }
  /**
   * A version or a bound could not be read; or the record is about products of which it is not known whether they are
   * there.
   */
  | { readonly affected: "unknown"; readonly reason: string; readonly otherProducts?: OtherProducts };

/** Set where a record is about products of which it is not known whether the target has them. */
export interface OtherProducts {
  /** Whether anything is known of packages of this name in the main channel of the release. */
  readonly isInMain: boolean;
}

/**
 * Evaluates a record for one package at one version.
 *
 * Source: OSV schema, "Evaluation": affected when the exact version is listed or when it lies in a range. Ranges of
 * commits are passed over. Where the order of versions decides and a version cannot be read, the answer is `unknown`,
 * never "not affected"; a range from 0 without an end covers every version, also one that cannot be read.
 */
export function evaluate(advisory: Advisory, subject: Subject): Evaluation {
  return evaluateEntries(entriesDeciding(advisory, subject), subject);
}

/** The entries of a record that decide about a package, or the reason why no entry does. */
export function entriesDeciding(advisory: Advisory, subject: Subject): DecidingEntries {
  const { withdrawn } = advisory;
  if (withdrawn !== undefined) return { reason: () => `it was withdrawn on ${withdrawn.slice(0, 10)}` };
  const meant = entriesAbout(advisory, subject);
  if (meant.length === 0) return { reason: () => whyNoneIsMeant(advisory, subject) };
  const { ecosystem, version } = subject;
  return decidingEntries(meant, { ecosystem, version, chosen: chosenChannels(subject) });
}

function whyNoneIsMeant(advisory: Advisory, subject: Subject): string {
  const named = entriesNaming(advisory, subject);
  if (named.length === 0) return `it does not list ${subject.name}`;
  const [first] = entriesOfRelease(advisory, named, subject);
  if (first) return entryMismatch(advisory, first, subject) ?? "";
  const others = listed(named.map((entry) => entry.package?.ecosystem ?? ""));
  return `it is for ${others}, not ${subject.ecosystem}`;
}

/**
 * Whether a version by itself, apart from its place in the order, can tell which entries decide: when it has the mark
 * of a channel or of a module stream.
 */
export function isMarked(version: string): boolean {
  return /esm|fips|ksplice|\.module[_+]/i.test(version);
}

/** What the entries that decide say about the version of a package. */
export function evaluateEntries(
  deciding: DecidingEntries,
  subject: Pick<Subject, "ecosystem" | "version">,
): Evaluation {
  if ("reason" in deciding) return new NotAffected(deciding.reason);
  const comparing = comparingOf(subject);
  let result: Evaluation = namesNoVersions;
  const { entries } = deciding;
  for (let index = 0, entry = entries[0]; entry; entry = entries[++index]) {
    const next = evaluateEntry(entry, comparing);
    if (next.affected === true) return deciding.unused ? { ...next, unused: deciding.unused } : next;
    if (result.affected !== "unknown") result = next;
  }
  return result;
}

/** The entries of a record that are about the package, those of every channel among them. */
export function entriesAbout(advisory: Advisory, subject: Subject): readonly Affected[] {
  if (subject.products) {
    const ofRelease = entriesOfRelease(advisory, entriesNaming(advisory, subject), subject);
    return ofRelease.filter((entry) => entryMismatch(advisory, entry, subject) === undefined);
  }
  const { affected = [] } = advisory;
  for (let index = 0, entry = affected[0]; entry; entry = affected[++index]) {
    if (!isAbout(advisory, entry, subject)) return affected.filter((other) => isAbout(advisory, other, subject));
  }
  return affected;
}

function isAbout(advisory: Advisory, entry: Affected, subject: Subject): boolean {
  return (
    isNamed(entry, subject) && matchesRelease(entry, subject) && entryMismatch(advisory, entry, subject) === undefined
  );
}

/**
 * A fix from the time when a minor release of Red Hat is the current one stands under the major release alone, also for
 * those who stay with it later; and issues that its extended updates leave open are fixed there. So where none of an
 * image's own products has a fix of the package, the main one's count.
 */
function entriesOfRelease(advisory: Advisory, named: readonly Affected[], subject: Subject): readonly Affected[] {
  const own = named.filter((entry) => matchesRelease(entry, subject));
  if (!subject.products) return own;
  const { products: _products, ...mainSubject } = subject;
  if (own.some((entry) => hasFix(entry) && entryMismatch(advisory, entry, subject) === undefined)) {
    return own;
  }
  return named.filter((entry) => own.includes(entry) || matchesRelease(entry, mainSubject));
}

/** The channels that the target is known to use: the products of an image name Red Hat's. */
export function chosenChannels({ products }: Subject): ReadonlySet<Channel> {
  return products ? extendedUpdates : noChannels;
}

const extendedUpdates: ReadonlySet<Channel> = new Set(["eus"]);
const noChannels: ReadonlySet<Channel> = new Set();

/** The entries of a record for a package of this name, of all releases and products. */
export function entriesNaming(advisory: Advisory, subject: Subject): readonly Affected[] {
  return (advisory.affected ?? []).filter((entry) => isNamed(entry, subject));
}

function isNamed({ package: target }: Affected, { ecosystem, name }: Subject): boolean {
  if (target === undefined) return false;
  if (target.name === name && target.ecosystem === ecosystem) return true;
  return normaliseName(target.ecosystem, target.name) === normaliseName(ecosystem, name);
}

/** Whether an entry is about the release, and for Red Hat about one of the image's products. */
export function matchesRelease(entry: Affected, { ecosystem, products }: Subject): boolean {
  const theirs = entry.package?.ecosystem ?? "";
  if (theirs === ecosystem && !theirs.startsWith("Red Hat")) return true;
  const base = ecosystemBase(ecosystem);
  if (base === "Red Hat") return ecosystemBase(theirs) === base && coversProducts(entry, ecosystem, products);
  return coversRelease(theirs, ecosystem);
}

interface Comparing {
  readonly ecosystem: string;
  readonly version: string;
  readonly scheme: VersionScheme<unknown> | undefined;
  /** See {@link whyNoVersion}. */
  readonly noVersionReason: string | undefined;
  /** The version with its place in the order; undefined when it does not have one. */
  readonly ordered: ReadVersion | undefined;
  /**
   * Whether what a database found of an entry's ranges holds here: not where the suffix of the ecosystem chooses
   * another order.
   */
  readonly isPrepared: boolean;
}

let latest: Comparing | undefined;

/**
 * The version that entries are compared with, computed once for the many records of one package: the last answer is
 * remembered.
 */
function comparingOf({ ecosystem, version }: Pick<Subject, "ecosystem" | "version">): Comparing {
  if (latest?.version !== version || latest.ecosystem !== ecosystem) {
    const scheme = rememberingSchemeOf(ecosystem);
    const noVersionReason = whyNoVersion({ ecosystem, version });
    const ordered = noVersionReason === undefined ? orderedIn(scheme, version) : undefined;
    latest = { ecosystem, version, scheme, noVersionReason, ordered, isPrepared: isPrepared(ecosystem, scheme) };
  }
  return latest;
}

function isPrepared(ecosystem: string, scheme: VersionScheme<unknown> | undefined): boolean {
  return !ecosystem.includes(":") || scheme === rememberingSchemeOf(ecosystemBase(ecosystem));
}

function orderedIn(scheme: VersionScheme<unknown> | undefined, text: string): ReadVersion | undefined {
  const version = scheme?.parse(text);
  return scheme && version !== undefined ? { text, version, scheme } : undefined;
}

function evaluateEntry(entry: Affected, comparing: Comparing): Evaluation {
  const text = versionForEntry(comparing.version, entry);
  if (comparing.noVersionReason !== undefined) return evaluateUnordered(entry, text, comparing);
  const ordered = text === comparing.version ? comparing.ordered : orderedIn(comparing.scheme, text);
  if (!ordered) return evaluateUnordered(entry, text, comparing);
  const byRange = evaluateRanges(entry, ordered, comparing);
  if (byRange?.affected === true) return byRange;
  const decisive = decisiveVersions(entry, comparing);
  if (decisive?.includes(text)) return listedAs(entry, text);
  const equal = findEqual(decisive, ordered);
  if (equal === undefined) return byRange ?? unlisted(entry, text);
  const { id } = ordered.scheme;
  return { affected: true, entry, rule: "versions", scheme: id, comparison: `${text} = ${equal}` };
}

/** For a version without a place in the order. */
function evaluateUnordered(
  entry: Affected,
  text: string,
  { ecosystem, scheme, noVersionReason }: Comparing,
): Evaluation {
  if (entry.versions?.includes(text)) return listedAs(entry, text);
  if (entry.ranges?.some(isEndless)) {
    return { affected: true, entry, rule: "range", scheme: "text", comparison: `0 <= ${text || "any version"}` };
  }
  const hasRanges = entry.ranges?.some(({ type }) => type !== "GIT") === true;
  if (!hasRanges && (!scheme || !entry.versions?.length)) return unlisted(entry, text);
  if (!scheme) return unknown(`the version order of ${ecosystem} is unknown`);
  if (noVersionReason !== undefined && text !== "" && scheme.parse(text) !== undefined)
    return unknown(`${text} ${noVersionReason}`);
  return unknown(`${text === "" ? "an empty version" : text} is not a valid ${scheme.id} version`);
}

function listedAs(entry: Affected, text: string): Evaluation {
  return { affected: true, entry, rule: "versions", scheme: "text", comparison: `= ${text}` };
}

/** From the beginning to no end: no version lies outside. */
function isEndless({ type, events }: AffectedRange): boolean {
  return type !== "GIT" && events.length === 1 && events[0]?.introduced === "0";
}

/** Undefined when the entry has no range to compare with. */
function evaluateRanges(
  entry: Affected,
  subject: ReadVersion,
  { isPrepared }: Pick<Comparing, "isPrepared">,
): Evaluation | undefined {
  const bounds = isPrepared ? entry.bounds : undefined;
  const count = (bounds ?? entry.ranges ?? []).length;
  const { scheme } = subject;
  let unreadable: string | undefined;
  let compared = false;
  for (let index = 0; index < count; index++) {
    const texts = bounds?.[index];
    const result = (texts && evaluateBounds(texts, subject)) ?? evaluateOneRange(entry, index, subject);
    if (result === undefined) continue;
    compared = true;
    if ("unreadable" in result) unreadable ??= result.unreadable;
    else if (result.inside) {
      const { comparison, fixed, isLowest } = result;
      return fixed !== undefined && isLowest && count === 1
        ? { affected: true, entry, rule: "range", scheme: scheme.id, comparison, lowestFix: fixed }
        : { affected: true, entry, rule: "range", scheme: scheme.id, comparison };
    }
  }
  if (unreadable !== undefined)
    return unknown(`it has the bound ${unreadable}, which is not a valid ${scheme.id} version`);
  return compared ? new NotAffected(() => `${subject.text} is outside ${describe(entry.ranges ?? [])}`) : undefined;
}

/** Undefined for a range of commits. */
function evaluateOneRange({ ranges }: Affected, index: number, subject: ReadVersion): RangeResult | undefined {
  const range = ranges?.[index];
  return range === undefined || range.type === "GIT" ? undefined : evaluateRange(range, subject);
}

/** The versions that an entry lists, as far as a version outside its ranges may be among them. */
function decisiveVersions(entry: Affected, by: Pick<Comparing, "isPrepared">): readonly string[] | undefined {
  // Not by destructuring: a database makes the list of all when it is asked for.
  return (by.isPrepared ? entry.unranged : undefined) ?? entry.versions;
}

/**
 * Whether an entry lists a version outside its ranges, in this or another way of writing it, or one that stands for it.
 */
export function listsVersion(entry: Affected, { ecosystem, version }: Pick<Subject, "ecosystem" | "version">): boolean {
  const scheme = rememberingSchemeOf(ecosystem);
  const versions = decisiveVersions(entry, { isPrepared: isPrepared(ecosystem, scheme) });
  if (!versions?.length) return false;
  const text = versionForEntry(version, entry);
  if (versions.includes(text)) return true;
  const read = scheme?.parse(text);
  return (
    scheme !== undefined && read !== undefined && findEqual(versions, { text, version: read, scheme }) !== undefined
  );
}

function unlisted(entry: Affected, text: string): Evaluation {
  if (!entry.versions?.length) return entry.ranges?.length ? namesCommits : namesNoVersions;
  return new NotAffected(() => `${text} is not among the versions that it lists`);
}

/** The first of these texts that is the version, written in another way, or that stands for it. */
function findEqual(texts: readonly string[] = [], { text, version, scheme }: ReadVersion): string | undefined {
  return texts.find((listedText) => {
    // Spares reading nearly all of them.
    if (differInNumbers(text, listedText)) return false;
    const other = scheme.parse(listedText);
    if (other === undefined) return false;
    return scheme.compare(other, version) === 0 || scheme.standsFor?.(other, version) === true;
  });
}

function describe(ranges: readonly AffectedRange[]): string {
  return ranges.flatMap(({ type, events }) => (type === "GIT" ? [] : describeEvents(events))).join("; ");
}

/** `from 0 before 4.17.21`, the first twelve bounds. */
function describeEvents(events: readonly RangeEvent[]): string {
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

/** The reason is composed on request: most are never requested, and some take long to compose. */
class NotAffected {
  readonly affected = false;
  readonly #tell: () => string;

  constructor(tell: () => string) {
    this.#tell = tell;
  }

  get reason(): string {
    return this.#tell();
  }
}

const namesCommits: Evaluation = new NotAffected(
  () => "it lists only commits, which cannot be compared with a version",
);
const namesNoVersions: Evaluation = new NotAffected(() => "it lists no versions");

function unknown(reason: string): Evaluation {
  return { affected: "unknown", reason };
}

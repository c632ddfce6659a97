import type { AffectedRange, RangeEvent } from "../model/findings/advisory.ts";
import type { VersionScheme } from "./version-scheme.ts";

/** Where a version lies in the ranges of a record. */
export type RangeResult =
  /**
   * Inside; `comparison` says between what, `fixed` is the version that ends the interval when one does. `isLowest` is
   * true where it is known without comparing again that no lower version above is fixed and that the range does not
   * cover `fixed`.
   */
  | { readonly inside: true; readonly comparison: string; readonly fixed?: string; readonly isLowest?: boolean }
  | { readonly inside: false }
  /** This bound is not a version of the scheme, and the result depends on it. */
  | { readonly unreadable: string };

/** A version and how its scheme read it. */
export interface ReadVersion {
  readonly text: string;
  readonly version: unknown;
  readonly scheme: VersionScheme<unknown>;
}

/** A bound, read; `least` is OSV's "0", below every version. */
type Bound = { readonly text: string; readonly least: true } | { readonly text: string; readonly version: unknown };

type Kind = "introduced" | "fixed" | "last_affected";

interface SortedEvent {
  readonly kind: Kind;
  readonly bound: Bound;
}

/**
 * Evaluates one range of type SEMVER or ECOSYSTEM for a version that its scheme could read.
 *
 * A bound that cannot be read makes the result unknown only where it can change it. The last event at or below a
 * version decides, so an unread one that says the same as the last one that was read changes nothing. Where events
 * alternate, as the schema has it, and only one of them is unread, its place is known when only one is left for it: in
 * `introduced: ?, fixed: 2` it lies below 2, so 2 and all above are outside; in `introduced: 1, fixed: ?` it lies above
 * 1, so all below 1 is outside.
 *
 * Source: OSV schema, "Evaluation": the events are sorted by version and walked; events of one version keep their
 * order.
 */
export function evaluateRange(range: AffectedRange, subject: ReadVersion): RangeResult {
  return walkInOrder(range, subject) ?? evaluateAnyRange(range, subject);
}

/**
 * The bounds of a range as texts, when that is all there is to it: introductions and fixes by turns, from an
 * introduction on, each one read by the scheme and above the one before. Undefined for any other range.
 * {@link evaluateBounds} is for these.
 */
export function ascendingBounds(range: AffectedRange, scheme: VersionScheme<unknown>): readonly string[] | undefined {
  const bounds: string[] = [];
  let before: unknown;
  for (const event of range.events) {
    const text = bounds.length % 2 === 0 ? event.introduced : event.fixed;
    if (text === undefined || Object.keys(event).length > 1) return undefined;
    const isLeast = bounds.length === 0 && text === "0";
    const bound = isLeast ? undefined : scheme.parse(text);
    if (!isLeast && bound === undefined) return undefined;
    if (before !== undefined && scheme.compare(before, bound) >= 0) return undefined;
    before = bound;
    bounds.push(text);
  }
  return bounds;
}

/**
 * What {@link evaluateRange} gives for the range that has these {@link ascendingBounds}. Bounds above the version are
 * not examined, except the one that ends the interval. Undefined when one that is looked at cannot be read, so that the
 * bounds are not what they should be.
 */
export function evaluateBounds(
  bounds: readonly string[],
  { text, version, scheme }: ReadVersion,
): RangeResult | undefined {
  for (let index = 0, lower = bounds[0]; lower !== undefined; lower = bounds[index]) {
    if (index > 0 || lower !== "0") {
      const bound = scheme.parse(lower);
      if (bound === undefined) return undefined;
      if (scheme.compare(version, bound) < 0) return outside;
    }
    const fixed = bounds[index + 1];
    if (fixed === undefined) return { inside: true, comparison: `${lower} <= ${text}` };
    const bound = scheme.parse(fixed);
    if (bound === undefined) return undefined;
    if (scheme.compare(version, bound) < 0) {
      return { inside: true, comparison: `${lower} <= ${text} < ${fixed}`, fixed, isLowest: true };
    }
    index += 2;
  }
  return outside;
}

/**
 * The result for a range as nearly all are: without a limit, every bound read, lowest first. Undefined for any other.
 * Says the same as {@link evaluateAnyRange} without gathering the events first.
 */
function walkInOrder({ events }: AffectedRange, subject: ReadVersion): RangeResult | undefined {
  const { scheme } = subject;
  let lower: string | undefined;
  let upper: RangeEvent | undefined;
  let before: unknown;
  let isLowest = true;
  // Not by an iterator: this is where most of the matching happens.
  for (let index = 0, event = events[0]; event; event = events[++index]) {
    const { introduced, fixed, last_affected: last, limit } = event;
    const text = introduced ?? fixed ?? last;
    if (text === undefined || limit !== undefined) return undefined;
    let position = 1;
    if (introduced === "0") {
      if (before !== undefined) return undefined;
    } else {
      const bound = scheme.parse(text);
      if (bound === undefined) return undefined;
      const step = before === undefined ? -1 : scheme.compare(before, bound);
      if (step > 0) return undefined;
      // What ends here may begin again at the same version.
      if (step === 0) isLowest = false;
      before = bound;
      position = scheme.compare(subject.version, bound);
    }
    const isIntroduction = introduced !== undefined;
    const isLast = !isIntroduction && fixed === undefined;
    if (isLast ? isBeyond(position, before, subject) : position >= 0) lower = introduced;
    else if (!isIntroduction && lower !== undefined) upper ??= event;
  }
  return lower === undefined ? outside : inside(subject.text, { lower, upper, isLowest });
}

/** Whether a version lies above the last one that is affected, of which `position` is its order to it. */
function isBeyond(position: number, last: unknown, { version, scheme }: ReadVersion): boolean {
  return position > 0 && scheme.standsFor?.(last, version) !== true;
}

const outside: RangeResult = { inside: false };

interface Interval {
  readonly lower: string;
  readonly upper: RangeEvent | undefined;
  readonly isLowest: boolean;
}

function inside(text: string, { lower, upper, isLowest }: Interval): RangeResult {
  const comparison = `${lower} <= ${text}`;
  if (!upper) return { inside: true, comparison };
  const { fixed, last_affected: last } = upper;
  if (fixed === undefined) return { inside: true, comparison: `${comparison} <= ${last}` };
  return { inside: true, comparison: `${comparison} < ${fixed}`, fixed, isLowest };
}

function evaluateAnyRange(range: AffectedRange, subject: ReadVersion): RangeResult {
  const { scheme } = subject;
  const { events, limits, unread } = readEvents(range, scheme);
  const order = (bound: Bound): number => ("least" in bound ? 1 : scheme.compare(subject.version, bound.version));
  const unreadLimit = unread.find(({ kind }) => kind === "limit");
  const limited = (limits.length > 0 || unreadLimit !== undefined) && !limits.some(({ text }) => text === "*");
  const beyond = limited && !limits.some((limit) => order(limit) < 0);
  if (beyond && unreadLimit === undefined) return outside;
  events.sort((a, b) => compareBounds(a.bound, b.bound, scheme));
  let lower: string | undefined;
  let upper: SortedEvent | undefined;
  let passed = 0;
  for (const event of events) {
    const position = order(event.bound);
    const { kind, bound } = event;
    const last = kind === "last_affected" && !("least" in bound) ? bound : undefined;
    const applies = last ? isBeyond(position, last.version, subject) : position >= 0;
    if (applies) passed++;
    if (applies) lower = event.kind === "introduced" ? event.bound.text : undefined;
    else if (event.kind !== "introduced" && lower !== undefined) upper ??= event;
  }
  const doubt = unread.find((event) => canChange(event, { inside: lower !== undefined, passed, events, unread }));
  if (doubt) return { unreadable: doubt.text };
  if (lower === undefined) return outside;
  if (beyond && unreadLimit) return { unreadable: unreadLimit.text };
  const isLowest = unread.length === 0 && !events.some(({ bound }, index) => isSame(bound, events[index - 1]?.bound));
  return inside(subject.text, { lower, upper: upper && { [upper.kind]: upper.bound.text }, isLowest });

  function isSame(bound: Bound, before: Bound | undefined): boolean {
    return before !== undefined && !("least" in bound) && compareBounds(before, bound, scheme) === 0;
  }
}

/** An event whose bound is not a version of the scheme; `nothing` when it has no bound at all. */
interface UnreadEvent {
  readonly kind: Kind | "limit" | "nothing";
  readonly text: string;
}

/** What the events that could be read say, and all events. */
interface Walk {
  readonly inside: boolean;
  /** How many of `events` lie at or below the version. */
  readonly passed: number;
  /** Sorted. */
  readonly events: readonly SortedEvent[];
  readonly unread: readonly UnreadEvent[];
}

function canChange({ kind }: UnreadEvent, { inside, passed, events, unread }: Walk): boolean {
  // Limits bound the whole range and are weighed apart.
  if (kind === "limit") return false;
  if (kind === "nothing") return true;
  if (inside === (kind === "introduced")) return false;
  if (unread.filter((other) => other.kind !== "limit").length > 1) return true;
  const gaps = gapsFor(kind, events);
  return gaps.length !== 1 || gaps[0] === passed;
}

/** The places, as the number of events before each, where one more event lets ranges start and end by turns. */
function gapsFor(kind: Kind, events: readonly SortedEvent[]): readonly number[] {
  const starts = events.map((event) => event.kind === "introduced");
  // Up to the first fault in the turns the events may stay where they are, and from the last one on they must have
  // moved.
  const firstFault = starts.findIndex((start, index) => start !== (index % 2 === 0));
  const lastFault = starts.findLastIndex((start, index) => start !== (index % 2 === 1));
  const first = lastFault + 1;
  const last = firstFault < 0 ? starts.length : firstFault;
  const gaps: number[] = [];
  for (let gap = first; gap <= last; gap++) if ((gap % 2 === 0) === (kind === "introduced")) gaps.push(gap);
  return gaps;
}

/** The events of a range, with limits and those that cannot be read apart. */
interface ReadEvents {
  readonly events: SortedEvent[];
  readonly limits: readonly Bound[];
  readonly unread: readonly UnreadEvent[];
}

function readEvents(range: AffectedRange, scheme: VersionScheme<unknown>): ReadEvents {
  const events: SortedEvent[] = [];
  const limits: Bound[] = [];
  const unread: UnreadEvent[] = [];
  for (const event of range.events) {
    const { kind, text, bound } = readEvent(event, scheme);
    if (kind === "nothing" || bound === undefined) unread.push({ kind, text });
    else if (kind === "limit") limits.push(bound);
    else events.push({ kind, bound });
  }
  return { events, limits, unread };
}

function readEvent(
  event: RangeEvent,
  scheme: VersionScheme<unknown>,
): UnreadEvent & { readonly bound: Bound | undefined } {
  for (const kind of ["introduced", "fixed", "last_affected", "limit"] as const) {
    const text = event[kind];
    if (text === undefined) continue;
    const least = (text === "0" && kind === "introduced") || (text === "*" && kind === "limit");
    if (least) return { kind, text, bound: { text, least } };
    const version = scheme.parse(text);
    return { kind, text, bound: version === undefined ? undefined : { text, version } };
  }
  return { kind: "nothing", text: "an event without a version", bound: undefined };
}

function compareBounds(a: Bound, b: Bound, scheme: VersionScheme<unknown>): number {
  if ("least" in a || "least" in b) return ("least" in b ? 1 : 0) - ("least" in a ? 1 : 0);
  return scheme.compare(a.version, b.version);
}
